"""Scores beside scikit-learn's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, r2_score

from deltaprop.functions import accuracy, r2

weights = arrays(np.float64, 12, elements=st.floats(0.01, 10))


@given(arrays(int, 12, elements=st.integers(0, 2)), arrays(int, 12, elements=st.integers(0, 2)), weights)
def test_accuracy_is_scikit_learns(labels, t, w):
    assert accuracy(labels, t) == pytest.approx(accuracy_score(t, labels), rel=1e-12)
    assert accuracy(labels, t, w) == pytest.approx(accuracy_score(t, labels, sample_weight=w), rel=1e-12)


@given(arrays(bool, (12, 2)), arrays(bool, (12, 2)), weights)
def test_accuracy_of_several_labels_is_scikit_learns(labels, t, w):
    assert accuracy(labels, t, w) == pytest.approx(accuracy_score(t, labels, sample_weight=w), rel=1e-12)


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_r2_is_scikit_learns(d, weighted):
    rng = np.random.default_rng(0)
    t = rng.normal(size=(50, d)) * np.arange(1, d + 1)
    y = t + rng.normal(size=(50, d))
    w = rng.uniform(size=50) if weighted else None
    assert r2(y, t, w) == pytest.approx(r2_score(t, y, sample_weight=w), rel=1e-12)
    assert r2(y[:, 0], t[:, 0], w) == pytest.approx(r2_score(t[:, 0], y[:, 0], sample_weight=w), rel=1e-12)


def test_r2_of_a_constant_target_is_scikit_learns():
    t = np.array([[2.0, 1.0], [2.0, 2.0], [2.0, 4.0]])
    for y in (t, t + np.array([0, 1]), t + np.array([1, 0])):
        assert r2(y, t) == pytest.approx(r2_score(t, y), rel=1e-12)


def test_r2_in_single_precision_does_not_lose_its_digits():
    t = 1000 + np.linspace(0, 1, 10_000, dtype=np.float32)[:, None]
    y = t + np.float32(0.125)
    assert r2(y, t) == pytest.approx(r2_score(t.astype(float), y.astype(float)), rel=1e-9)


def test_a_sample_of_weight_zero_is_left_out():
    assert accuracy(np.array([0, 1, 1]), np.array([0, 1, 0]), np.array([1.0, 1.0, 0.0])) == 1
    assert r2(np.array([1.0, 2.0, 9.0]), np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0])) == 1


def test_too_few_samples_have_no_score():
    assert math.isnan(accuracy(np.zeros(0), np.zeros(0)))
    assert math.isnan(r2(np.zeros((0, 2)), np.zeros((0, 2))))
    assert math.isnan(r2(np.ones((1, 2)), np.ones((1, 2))))
