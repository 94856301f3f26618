"""Reliability: scikit-learn's curve and SciPy's intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from deltaprop.report.calibration import FEWEST, calibration, wilson


@settings(max_examples=40)
@given(st.integers(FEWEST, 300), st.integers(0, 999), st.sampled_from([1, 2, 9]))
def test_the_bins_are_those_of_scikit_learn(n, seed, decimals):
    rng = np.random.default_rng(seed)
    p = rng.random(n).round(decimals)  # with equal probabilities
    happened = rng.random(n) < p**2
    found = calibration(p, happened)
    observed, predicted = calibration_curve(happened, p, n_bins=min(10, n // 10), strategy="quantile")
    np.testing.assert_allclose(found.predicted, predicted)
    np.testing.assert_allclose(found.observed, observed)
    assert found.counts.sum() == n
    error = np.average(np.abs(predicted - observed), weights=found.counts)
    assert found.error == pytest.approx(error)
    for hits, count, low, high in zip(
        found.observed * found.counts, found.counts, found.low, found.high, strict=True
    ):
        interval = binomtest(round(hits), int(count)).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((interval.low, interval.high), abs=1e-12)


def test_honest_probabilities_have_a_small_error_and_others_a_large_one():
    rng = np.random.default_rng(0)
    p = rng.random(5000)
    happened = rng.random(5000) < p
    assert calibration(p, happened).error < 0.03
    assert calibration(p**3, happened).error > 0.2


def test_few_samples_say_nothing():
    assert calibration(np.full(FEWEST - 1, 0.5), np.ones(FEWEST - 1, bool)) is None
    assert calibration(np.full(FEWEST, 0.5), np.ones(FEWEST, bool)).counts.tolist() == [FEWEST]


def test_an_interval_stays_between_0_and_1():
    low, high = wilson(np.array([0, 5]), np.array([5, 5]))
    assert (low[0], high[1]) == (0.0, 1.0)
    assert low[1] == pytest.approx(1 - high[0])
