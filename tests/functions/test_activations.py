"""Every activation: f, f′ and f″ beside JAX's automatic derivatives, far tails, and the facts of the literature."""

import warnings
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import minimize_scalar

from deltaprop.errors import InputError
from deltaprop.functions import ACTIVATIONS, LeakyReLU, ReLU, ScaledTanh, Sigmoid, as_activation

jax.config.update("jax_enable_x64", True)

JAX = {
    "identity": lambda z: z,
    "step": lambda z: jnp.heaviside(z, 1.0),
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "scaled_tanh": lambda z: 1.7159 * jnp.tanh(2 * z / 3),
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,  # its negative slope is 0.01 too
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
}
every_activation = pytest.mark.parametrize("name", ACTIVATIONS)


@partial(jax.jit, static_argnames="name")
def of_entries(name, z):
    orders = [JAX[name], jax.grad(JAX[name]), jax.grad(jax.grad(JAX[name]))]
    return [jax.vmap(order)(z) for order in orders]


def by_jax(name, z):
    """f, f′, f″ at the entries of z, computed in float64."""
    return [np.asarray(order).reshape(z.shape) for order in of_entries(name, z.astype(np.float64).ravel())]


def by_hand(function, z):
    a = function.f(z)
    return [a, function.df(z, a), function.d2f(z, a)]


def test_the_oracle_covers_every_name():
    assert set(JAX) == set(ACTIVATIONS)


@every_activation
def test_derivatives_are_jaxs(name):
    z = np.linspace(-9, 9, 400)  # 0, where some have a kink, is not among them
    for ours, theirs in zip(by_hand(ACTIVATIONS[name], z), by_jax(name, z), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


@every_activation
def test_derivatives_in_single_precision(name):
    z = np.linspace(-9, 9, 400, dtype=np.float32)
    for ours, theirs in zip(by_hand(ACTIVATIONS[name], z), by_jax(name, z), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


@every_activation
@settings(max_examples=30)
@given(arrays(np.float64, array_shapes(max_dims=3, max_side=4, min_side=0), elements=st.floats(-1e4, 1e4)))
def test_any_shape_and_value(name, z):
    given = z.copy()
    for result in by_hand(ACTIVATIONS[name], z):
        assert result.shape == z.shape
        assert result.dtype == z.dtype
        assert np.isfinite(result).all()
    assert (z == given).all()


FAR = {  # f, f′ at −10⁴ and at 10⁴; f″ is 0 at both
    "identity": ((-1e4, 1e4), (1, 1)),
    "step": ((0, 1), (0, 0)),
    "sigmoid": ((0, 1), (0, 0)),
    "tanh": ((-1, 1), (0, 0)),
    "scaled_tanh": ((-1.7159, 1.7159), (0, 0)),
    "relu": ((0, 1e4), (0, 1)),
    "leaky_relu": ((-100, 1e4), (0.01, 1)),
    "gelu": ((0, 1e4), (0, 1)),
    "elu": ((-1, 1e4), (0, 1)),
    "selu": ((-1.0507009873554805 * 1.6732632423543772, 1.0507009873554805e4), (0, 1.0507009873554805)),
    "softplus": ((0, 1e4), (0, 1)),
    "silu": ((0, 1e4), (0, 1)),
    "mish": ((0, 1e4), (0, 1)),
}


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_all_is_finite_and_silent(name, dtype):
    z = np.array([-1e4, 1e4], dtype)
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        f, df, d2f = by_hand(ACTIVATIONS[name], z)
        by_hand(ACTIVATIONS[name], np.array([-1e30, 1e30], dtype))
    np.testing.assert_allclose(f, FAR[name][0], rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(df, FAR[name][1], rtol=1e-6, atol=1e-6 if "tanh" in name else 1e-30)
    np.testing.assert_allclose(d2f, 0, atol=1e-6 if "tanh" in name else 1e-30)


@pytest.mark.parametrize(("name", "df"), [("relu", 0), ("leaky_relu", 0.01), ("step", 0)])
def test_at_the_kink(name, df):
    zero = np.zeros(1)
    f, slope, curvature = by_hand(ACTIVATIONS[name], zero)
    assert f[0] == (1 if name == "step" else 0)  # H(0) = 1
    assert slope[0] == df
    assert curvature[0] == 0


# ------------------------------------------------------------------- what the literature says


def test_scaled_tanh_meets_its_targets():
    """f(±1) = ±1 and |f″| is largest at ±1 (Efficient BackProp, §4.4–4.5), to the digits of 1.7159."""
    f = ScaledTanh()
    np.testing.assert_allclose(f.f(np.array([-1.0, 1.0])), [-1, 1], atol=1e-4)

    def curvature(z):
        z = np.array([z])
        return -abs(f.d2f(z, f.f(z))[0])

    where = minimize_scalar(curvature, bounds=(0, 3), method="bounded").x
    assert abs(where - 1) < 0.02  # artanh(1/√3) · 3/2 = 0.9877


def test_the_slope_of_the_sigmoid_is_at_most_a_quarter():
    z = np.linspace(-10, 10, 2001)
    slopes = Sigmoid().df(z, Sigmoid().f(z))
    assert slopes.max() == 0.25
    assert z[slopes.argmax()] == 0


def test_the_sigmoid_is_the_tanh_of_half_the_input():
    z = np.linspace(-20, 20, 101)
    np.testing.assert_allclose(Sigmoid().f(z), (1 + np.tanh(z / 2)) / 2, atol=1e-15)


def test_the_tail_of_gelu_is_exact():
    """Φ(−10) = 7.61985302416047e-24 (tables of the normal distribution): 1 + erf would give 0."""
    np.testing.assert_allclose(
        ACTIVATIONS["gelu"].f(np.array([-10.0])), -10 * 7.61985302416047e-24, rtol=1e-12
    )


def test_leaky_relu_with_slope_of_ones_own():
    z = np.array([-2.0, 3.0])
    f = LeakyReLU(0.25)
    np.testing.assert_array_equal(f.f(z), [-0.5, 3])
    np.testing.assert_array_equal(f.df(z, f.f(z)), [0.25, 1])


@pytest.mark.parametrize("alpha", [-0.1, np.nan, np.inf, "a", None])
def test_an_impossible_slope_is_refused(alpha):
    with pytest.raises(InputError, match="LeakyReLU: alpha is"):
        LeakyReLU(alpha)


def test_names_and_objects_become_activations():
    assert as_activation("relu") == ReLU()
    mine = LeakyReLU(0.3)
    assert as_activation(mine) is mine
    for bad in ("rellu", None, ReLU, np.tanh):
        with pytest.raises(
            InputError,
            match=r"identity, step, sigmoid, tanh, scaled_tanh, relu, leaky_relu, gelu, elu, selu, ",
        ):
            as_activation(bad)
