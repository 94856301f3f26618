"""Gradient clipping by norm and by value."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaprop.errors import InputError
from deltaprop.optimizers import clip_norm, clip_value

numbers = st.floats(-1e6, 1e6)


@given(arrays(np.float64, st.integers(1, 20), elements=numbers), st.floats(1e-3, 1e3))
def test_the_norm_is_limited_and_the_direction_kept(grad, limit):
    given = grad.copy()
    norm = clip_norm(grad, limit)
    np.testing.assert_allclose(norm, math.hypot(*given), rtol=1e-12)
    if norm <= limit:
        assert (grad == given).all()
    else:
        np.testing.assert_allclose(np.linalg.norm(grad), limit, rtol=1e-12)
        np.testing.assert_allclose(grad * norm, given * limit, rtol=1e-12, atol=1e-300)


@given(arrays(np.float64, st.integers(0, 20), elements=numbers), st.floats(1e-3, 1e3))
def test_values_are_limited_one_by_one(grad, limit):
    given = grad.copy()
    assert clip_value(grad, limit) is None
    np.testing.assert_array_equal(grad, np.minimum(np.maximum(given, -limit), limit))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_in_place_and_of_the_same_dtype(dtype):
    grad = np.array([3.0, 4.0], dtype)
    view = grad[:]
    assert clip_norm(grad, np.float64(1.0)) == 5.0
    np.testing.assert_allclose(view, [0.6, 0.8], rtol=1e-6)
    clip_value(grad, 0.7)
    np.testing.assert_allclose(view, [0.6, 0.7], rtol=1e-6)


def test_squares_that_would_overflow_are_no_obstacle():
    grad = np.full(4, 1e30, np.float32)
    np.testing.assert_allclose(clip_norm(grad, 1.0), 2e30, rtol=1e-6)
    np.testing.assert_allclose(grad, 0.5, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_left_to_be_seen(bad):
    grad = np.array([1.0, bad])
    assert not np.isfinite(clip_norm(grad, 0.5))
    np.testing.assert_array_equal(grad, [1.0, bad])


def test_no_entries_and_no_length():
    assert clip_norm(np.zeros(0), 1.0) == 0
    assert clip_norm(np.zeros(3), 1.0) == 0


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf, "one", None])
def test_an_impossible_limit_is_refused(clip, limit):
    with pytest.raises(InputError, match=f"{clip.__name__}: limit is"):
        clip(np.ones(2), limit)
