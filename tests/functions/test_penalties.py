"""Penalties beside JAX, and their bounds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaprop import Dense, Network
from deltaprop.errors import InputError
from deltaprop.functions import Penalty
from deltaprop.serialization import from_spec, to_spec

jax.config.update("jax_enable_x64", True)
strengths = st.floats(0, 10, allow_subnormal=False)  # JAX takes subnormal numbers for zero


@jax.jit
def oracle(w, l1, l2):
    return l1 * jnp.abs(w).sum() + 0.5 * l2 * (w * w).sum()


slope = jax.jit(jax.grad(oracle))


@given(arrays(np.float64, (3, 2), elements=st.floats(-100, 100, allow_subnormal=False)), strengths, strengths)
def test_value_and_gradient_are_jaxs(w, l1, l2):
    penalty = Penalty(l1, l2)
    np.testing.assert_allclose(penalty.value(w), oracle(w, l1, l2), rtol=1e-12, atol=1e-12)
    expected = np.where(w == 0, 0, slope(w, l1, l2))
    np.testing.assert_allclose(penalty.gradient(w), expected, rtol=1e-12, atol=1e-12)


def test_curvature_is_the_change_of_the_gradient():
    w, v = np.random.default_rng(0).normal(size=(2, 3, 4))
    penalty, h = Penalty(0.3, 0.7), 1e-6
    change = (penalty.gradient(w + h * v) - penalty.gradient(w - h * v)) / (2 * h)
    np.testing.assert_allclose(penalty.curvature(w, v), change, rtol=1e-8)


def test_single_precision_is_kept_and_the_value_is_a_float():
    w = np.full((100, 100), 0.1, np.float32)
    penalty = Penalty(np.float64(0.5), np.float64(2.0))
    assert penalty.gradient(w).dtype == penalty.curvature(w, w).dtype == np.float32
    assert type(penalty.value(w)) is float
    np.testing.assert_allclose(penalty.value(w), 500 + 100, rtol=1e-6)


def test_none_is_nothing():
    w = np.array([[1.0, -2.0]])
    assert Penalty() == Penalty(0, 0)
    assert Penalty().value(w) == 0
    assert not Penalty().gradient(w).any()
    assert Penalty(1, 1).value(np.zeros((0, 3))) == 0


@pytest.mark.parametrize("name", ["l1", "l2"])
@pytest.mark.parametrize("bad", [-1e-9, np.nan, np.inf, "0.1", None, True])
def test_impossible_strengths_are_refused(name, bad):
    with pytest.raises(InputError, match=f"Penalty: {name} is"):
        Penalty(**{name: bad})


def test_specs_come_back_equal():
    assert from_spec(to_spec(Penalty(0.1, 0.2)), [Penalty]) == Penalty(0.1, 0.2)


def test_an_l2_for_each_layer():
    assert Penalty(l2=[1, 2]) == Penalty(l2=np.array([1.0, 2.0])) == Penalty(l2=(1.0, 2.0))
    assert Penalty(l1=0.5, l2=(1.0, 2.0)).of(1) == Penalty(l1=0.5, l2=2.0)
    assert Penalty(l2=np.array(0.5)) == Penalty(l2=0.5)
    for wrong in ((0.1, -1), ((0.1,), 0.2), "a", (0.1, None)):
        with pytest.raises(InputError, match="Penalty: l2 is"):
            Penalty(l2=wrong)


def test_a_network_takes_as_many_as_it_has_layers_with_weights():
    net = Network([Dense(3), "tanh", Dense(1)], 2, penalty=Penalty(l2=(0.5, 2.0)), dtype="float64")
    x, t = np.ones((4, 2)), np.ones((4, 1))
    bare = net.copy()
    bare.penalty = None
    w, v = net.layers[0].w, net.layers[2].w
    expected = 0.25 * (w**2).sum() + (v**2).sum()
    assert net.value(x, t) - bare.value(x, t) == pytest.approx(expected)
    difference = net.gradient(x, t)[1] - bare.gradient(x, t)[1]
    np.testing.assert_allclose(net.views(difference)[0].w, 0.5 * w, atol=1e-12)
    np.testing.assert_allclose(net.views(difference)[2].w, 2 * v, atol=1e-12)
    np.testing.assert_allclose(net.views(net.trace(x, t).grad)[2].w, net.views(net.gradient(x, t)[1])[2].w)
    with pytest.raises(InputError, match="penalty has 1 numbers l2, expected 2"):
        net.penalty = Penalty(l2=(0.5,))
