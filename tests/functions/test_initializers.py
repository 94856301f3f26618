"""Initializers: the variance each promises, and what the literature claims of signals through ten layers."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.errors import InputError
from deltaprop.functions import (
    ACTIVATIONS,
    FUNCTION_CLASSES,
    INITIALIZERS,
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeakyReLU,
    LeCunNormal,
    LeCunUniform,
    Normal,
    Orthogonal,
    Small,
    Tanh,
    Uniform,
    Zeros,
    as_initializer,
    suited,
)
from deltaprop.serialization import from_spec, to_spec

D_OUT, D_IN = 500, 400
STANDARD_DEVIATIONS = [  # of a matrix with 500 rows and 400 columns
    (LeCunNormal(), 0.05),
    (LeCunUniform(), 0.05),
    (GlorotNormal(), (2 / 900) ** 0.5),
    (GlorotUniform(), (2 / 900) ** 0.5),
    (HeNormal(), (2 / 400) ** 0.5),
    (HeUniform(), (2 / 400) ** 0.5),
    (HeNormal(slope=0.5), (2 / 1.25 / 400) ** 0.5),
    (HeUniform(slope=0.5), (2 / 1.25 / 400) ** 0.5),
    (HeNormal(slope=1.0), 0.05),
    (Orthogonal(gain=2.0), 2 / 500**0.5),
    (Normal(0.3), 0.3),
    (Uniform(0.6), 0.6 / 3**0.5),
    (Small(0.1), 0.005),
    (Zeros(), 0.0),
    (Constant(0.0), 0.0),
]
ids = {"ids": lambda value: repr(value) if not isinstance(value, float) else ""}


def draw(init, shape=(D_OUT, D_IN), dtype=np.float64, seed=0):
    return init.sample(np.random.default_rng(seed), shape, dtype)


@pytest.mark.parametrize(("init", "std"), STANDARD_DEVIATIONS, **ids)
def test_mean_and_variance_of_a_large_sample(init, std):
    """200 000 weights: the mean is known to about std/450, the standard deviation to 0.16 %; allowed are 5 of each."""
    w = draw(init)
    assert abs(w.mean()) <= 5 * std / w.size**0.5
    assert abs(w.std() - std) <= 5 * std / (2 * w.size) ** 0.5


@pytest.mark.parametrize(
    ("init", "limit"),
    [
        (LeCunUniform(), (3 / 400) ** 0.5),
        (GlorotUniform(), (6 / 900) ** 0.5),
        (HeUniform(), (6 / 400) ** 0.5),
        (HeUniform(slope=0.5), (6 / 1.25 / 400) ** 0.5),
        (Uniform(0.6), 0.6),
    ],
    **ids,
)
def test_the_uniform_ones_fill_their_interval(init, limit):
    w = draw(init)
    assert -limit <= w.min() < -0.999 * limit
    assert 0.999 * limit < w.max() <= limit


@pytest.mark.parametrize("init", [LeCunNormal(), GlorotNormal(), HeNormal(), Normal(1.0), Small()], **ids)
def test_the_normal_ones_are_normal(init):
    w = draw(init)
    assert abs((w**4).mean() / (w**2).mean() ** 2 - 3) < 0.06  # kurtosis 3; a uniform has 1.8


@given(st.integers(1, 12), st.integers(1, 12), st.floats(0.1, 10), st.integers(0, 99))
def test_orthogonal_keeps_lengths(d_out, d_in, gain, seed):
    """wᵀw = gain² I, or wwᵀ where there are fewer rows than columns."""
    w = draw(Orthogonal(gain), (d_out, d_in), seed=seed)
    assert w.flags.c_contiguous
    product = w.T @ w if d_out >= d_in else w @ w.T
    np.testing.assert_allclose(product, gain**2 * np.eye(min(d_out, d_in)), atol=1e-12 * gain**2)


def test_orthogonal_is_uniform_over_the_orthogonal_matrices():
    """No sign is preferred, and det is −1 as often as 1; LAPACK's own signs would fix the diagonal's."""
    rng = np.random.default_rng(1)
    draws = np.array([Orthogonal().sample(rng, (2, 2), np.float64) for _ in range(2000)])
    assert np.abs(draws.mean(axis=0)).max() < 5 * 0.5**0.5 / 2000**0.5
    assert abs((np.linalg.det(draws) > 0).mean() - 0.5) < 5 * 0.5 / 2000**0.5


every_name = pytest.mark.parametrize("name", INITIALIZERS)


@every_name
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([np.float32, np.float64]))
def test_shape_and_dtype(name, d_out, d_in, dtype):
    w = draw(INITIALIZERS[name], (d_out, d_in), dtype)
    assert w.shape == (d_out, d_in)
    assert w.dtype == dtype
    assert np.isfinite(w).all()


@every_name
def test_one_seed_one_matrix_in_every_precision(name):
    init = INITIALIZERS[name]
    wide = draw(init, (6, 5))
    np.testing.assert_array_equal(draw(init, (6, 5)), wide)
    np.testing.assert_array_equal(draw(init, (6, 5), np.float32), wide.astype(np.float32))
    assert name == "zeros" or (draw(init, (6, 5), seed=1) != wide).all()


@every_name
def test_pickles_and_specs_come_back_equal(name):
    init = INITIALIZERS[name]
    assert pickle.loads(pickle.dumps(init)) == init
    assert from_spec(to_spec(init), FUNCTION_CLASSES) == init


def spread_through_layers(init, f, layers=10, width=300):
    """Mean square of the activations after the first and after the last layer."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=(200, width))
    squares = []
    for _ in range(layers):
        a = f.f(a @ init.sample(rng, (width, width), np.float64).T)
        squares.append(np.mean(a**2))
    return squares[0], squares[-1]


def test_he_keeps_the_signal_of_relu_and_glorot_loses_it():
    relu = ACTIVATIONS["relu"]
    first, last = spread_through_layers(HeNormal(), relu)
    assert 0.5 < last / first < 2
    first, last = spread_through_layers(GlorotNormal(), relu)
    assert last / first < 2**-8  # halved in every layer


def test_the_gain_of_leaky_relu():
    first, last = spread_through_layers(suited(LeakyReLU(0.5)), LeakyReLU(0.5))
    assert 0.5 < last / first < 2


def test_lecun_keeps_the_signal_of_scaled_tanh():
    first, last = spread_through_layers(LeCunNormal(), ACTIVATIONS["scaled_tanh"])
    assert 0.5 < last / first < 2


@pytest.mark.parametrize(
    ("following", "init"),
    [
        ("relu", HeNormal()),
        ("gelu", HeNormal()),
        ("elu", HeNormal()),
        ("silu", HeNormal()),
        ("mish", HeNormal()),
        ("leaky_relu", HeNormal(0.01)),
        (LeakyReLU(0.3), HeNormal(0.3)),
        ("tanh", GlorotUniform()),
        (Tanh(), GlorotUniform()),
        ("sigmoid", GlorotUniform()),
        ("identity", GlorotUniform()),
        ("softmax", GlorotUniform()),
        (None, GlorotUniform()),
        ("scaled_tanh", LeCunNormal()),
        ("selu", LeCunNormal()),
        ("softplus", GlorotUniform()),
    ],
    ids=str,
)
def test_what_suits_which_activation(following, init):
    assert suited(following) == init


def test_both_names_of_the_literature():
    assert INITIALIZERS["xavier_uniform"] == INITIALIZERS["glorot_uniform"]
    assert INITIALIZERS["xavier_normal"] == INITIALIZERS["glorot_normal"]
    assert INITIALIZERS["kaiming_uniform"] == INITIALIZERS["he_uniform"]
    assert INITIALIZERS["kaiming_normal"] == INITIALIZERS["he_normal"]


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (HeNormal, "slope"),
        (HeUniform, "slope"),
        (Orthogonal, "gain"),
        (Normal, "std"),
        (Uniform, "limit"),
        (Small, "scale"),
    ],
)
@pytest.mark.parametrize("bad", [-1, np.nan, np.inf, "1", None])
def test_impossible_numbers_are_refused(cls, name, bad):
    with pytest.raises(InputError, match=f"{cls.__name__}: {name} is"):
        cls(bad)


def test_names_and_objects_become_initializers():
    assert as_initializer("orthogonal") == Orthogonal()
    mine = Normal(0.2)
    assert as_initializer(mine) is mine
    for bad in ("xavier", None, Orthogonal, 0.1):
        with pytest.raises(InputError, match="lecun_normal, lecun_uniform, glorot_normal"):
            as_initializer(bad)


def test_a_constant_fills_the_matrix():
    for dtype in (np.float32, np.float64):
        w = draw(Constant(-0.25), (3, 4), dtype)
        assert w.dtype == dtype
        assert (w == -0.25).all()
