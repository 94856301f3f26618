"""Scores beside scikit-learn's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    mean_absolute_error,
    r2_score,
    recall_score,
    root_mean_squared_error,
)
from sklearn.preprocessing import label_binarize

from deltaprop.functions import accuracy, average_precision, balanced_accuracy, mae, r2, recall, rmse

weights = arrays(np.float64, 12, elements=st.floats(0.01, 10))


@given(arrays(int, 12, elements=st.integers(0, 2)), arrays(int, 12, elements=st.integers(0, 2)), weights)
def test_accuracy_is_scikit_learns(labels, t, w):
    assert accuracy(labels, t) == pytest.approx(accuracy_score(t, labels), rel=1e-12)
    assert accuracy(labels, t, w) == pytest.approx(accuracy_score(t, labels, sample_weight=w), rel=1e-12)


@given(arrays(bool, (12, 2)), arrays(bool, (12, 2)), weights)
def test_accuracy_of_several_labels_is_scikit_learns(labels, t, w):
    assert accuracy(labels, t, w) == pytest.approx(accuracy_score(t, labels, sample_weight=w), rel=1e-12)


classes = arrays(int, 12, elements=st.integers(0, 2))


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@given(classes, classes, weights)
def test_balanced_accuracy_and_recall_are_scikit_learns(labels, t, w):
    for weight in (None, w):
        theirs = balanced_accuracy_score(t, labels, sample_weight=weight)
        assert balanced_accuracy(labels, t, weight) == pytest.approx(theirs, rel=1e-12)
        theirs = recall_score(
            t, labels, labels=[0, 1, 2], average=None, sample_weight=weight, zero_division=np.nan
        )
        ours = [recall(labels, t, k, weight) for k in range(3)]
        assert ours == pytest.approx(theirs.tolist(), rel=1e-12, nan_ok=True)


@given(arrays(float, 12, elements=st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0])), arrays(bool, 12), weights)
def test_average_precision_is_scikit_learns_with_ties(y, t, w):
    if not t.any():
        assert math.isnan(average_precision(y, t))
        return
    assert average_precision(y, t) == pytest.approx(average_precision_score(t, y), rel=1e-12)
    theirs = average_precision_score(t, y, sample_weight=w)
    assert average_precision(y, t, w) == pytest.approx(theirs, rel=1e-12)


def test_average_precision_of_classes_is_the_mean_over_those_there_are():
    rng = np.random.default_rng(0)
    y, t, w = rng.normal(size=(40, 4)), rng.permutation(np.arange(40) % 3), rng.uniform(size=40)
    theirs = average_precision_score(label_binarize(t, classes=range(3)), y[:, :3], sample_weight=w)
    assert average_precision(y, t, w) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("shape", [(12,), (12, 3)])
@given(data=st.data(), w=weights)
def test_errors_are_scikit_learns(shape, data, w):
    y, t = (data.draw(arrays(np.float64, shape, elements=st.floats(-1e3, 1e3))) for _ in range(2))
    for weight in (None, w):
        theirs = mean_absolute_error(t, y, sample_weight=weight)
        assert mae(y, t, weight) == pytest.approx(theirs, rel=1e-12)
        theirs = root_mean_squared_error(t, y, sample_weight=weight)
        assert rmse(y, t, weight) == pytest.approx(theirs, rel=1e-12)


def test_a_class_of_weight_zero_is_no_class():
    labels, t, w = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1.0, 1.0, 0.0])
    assert balanced_accuracy(labels, t, w) == 0.5
    assert math.isnan(recall(labels, t, 1, w))


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
    for measure in (balanced_accuracy, average_precision, mae, rmse):
        assert math.isnan(measure(np.zeros(0), np.zeros(0, bool)))
