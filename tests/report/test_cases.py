"""The worst cases, and how numbers are written."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deltaprop.report.cases import MOST, plain, worst, wrong_values


@given(arrays(float, st.integers(0, 90), elements=st.floats(-9, 9) | st.just(np.nan)))
def test_the_worst_are_the_largest(badness):
    chosen = worst(badness)
    assert len(chosen) == min(MOST, -(-len(badness) // 5), np.isfinite(badness).sum())
    rest = np.delete(badness, chosen)
    assert (np.diff(badness[chosen]) <= 0).all()
    if len(chosen) and np.isfinite(rest).any():
        assert np.nanmax(rest) <= badness[chosen[-1]]


@given(st.integers(-(10**14), 10**14) | st.decimals(-(10**4), 10**4, places=5))
def test_numbers_are_written_as_they_were(number):
    assert float(plain(float(number))) == float(number)
    assert re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?", plain(float(number)))


def test_errors_of_several_targets_are_compared_by_their_usual_size():
    t = np.zeros((50, 2))
    y = np.random.default_rng(0).normal(size=(50, 2)) * [1.0, 1000.0]
    y[7, 0] = 5.0
    size, target = wrong_values(y, t)
    assert (size.argmax(), target[7]) == (7, 0)
