"""Parts and folds in the order of time: nothing that comes later is trained on, equal times stay together."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from deltaprop.data import Dataset, split, split_rows
from deltaprop.data.split import folds
from deltaprop.errors import InputError

times = st.lists(st.integers(0, 30), min_size=3, max_size=60).filter(lambda t: len(set(t)) >= 3)
fractions = st.sampled_from([0.0, 0.1, 0.25, 0.45])


@given(times, fractions, fractions)
def test_parts_follow_each_other(time, validation, test):
    time = np.array(time)
    parts = split_rows(len(time), None, validation, test, time=time)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(time)))
    filled = [part for part in parts if len(part)]
    assert len(filled) == 1 + (validation > 0) + (test > 0)
    for before, after in pairwise(filled):
        assert time[before].max() < time[after].min()


@given(times, fractions)
def test_no_other_cut_is_nearer_to_the_fraction(time, test):
    time = np.array(time)
    tested = len(split_rows(len(time), None, 0.0, test, time=time).test)
    possible = [int((time >= cut).sum()) for cut in sorted(set(time.tolist()))[1:]]
    if test:
        assert abs(tested - test * len(time)) == min(abs(n - test * len(time)) for n in possible)


@given(st.integers(6, 60), st.integers(2, 5), st.integers(0, 100))
def test_folds_of_different_times_are_those_of_scikit_learn(n, count, seed):
    time = np.random.default_rng(seed).permutation(n)
    order = np.argsort(time)
    data = Dataset("d", np.arange(n)[:, None], np.arange(n), "regression", time=time)
    theirs = TimeSeriesSplit(count).split(order)
    for fold, (train, test) in zip(folds(data, count), theirs, strict=True):
        np.testing.assert_array_equal(fold.train, np.sort(order[train]))
        np.testing.assert_array_equal(fold.test, np.sort(order[test]))


@given(times, st.integers(2, 4))
def test_folds_keep_equal_times_together(time, count):
    time = np.array(time)
    data = Dataset("d", time[:, None], time, "regression", time=time)
    if len(np.unique(time)) <= count:
        with pytest.raises(
            InputError, match=r"time has .* expected at least .* one more than there are folds"
        ):
            folds(data, count)
        return
    made = folds(data, count)
    assert len(np.unique(np.concatenate([fold.test for fold in made]))) == sum(len(f.test) for f in made)
    for fold in made:
        assert len(fold.test)
        assert time[fold.train].max() < time[fold.test].min()
        np.testing.assert_array_equal(fold.train, np.flatnonzero(time < time[fold.test].min()))


def test_dates_and_refusals():
    days = np.datetime64("2024-01-01") + np.arange(10)[::-1]
    data = Dataset("d", np.arange(10)[:, None], np.arange(10), "regression", time=days)
    parts = split(data, 0.2, 0.3)
    assert [part.x[:, 0].tolist() for part in parts] == [[5, 6, 7, 8, 9], [3, 4], [0, 1, 2]]
    np.testing.assert_array_equal(parts.test.time, days[:3])
    with pytest.raises(InputError, match=r"^split: time has 2 different values, expected at least 3"):
        split_rows(9, time=np.repeat([1, 2], [4, 5]))
    with pytest.raises(InputError, match=r"^d: time has shape \(3,\), expected \(10,\)"):
        Dataset("d", data.x, data.t, "regression", time=np.arange(3))
    with pytest.raises(
        InputError, match=r"^d: time is an array of datetime64.* or has entries that are missing"
    ):
        Dataset("d", data.x, data.t, "regression", time=np.where(days > days[5], days, np.datetime64("NaT")))
