"""Partial dependence: the numbers of scikit-learn, the slope of a line, and grids within the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mixed_table import ENCODINGS, dataset, pipeline
from sklearn.inspection import partial_dependence as by_sklearn

from deltaprop.report import dependence
from deltaprop.report.dependence import (
    DATES,
    LEVELS,
    POINTS,
    days_of,
    deciles,
    grid_of,
    levels_of,
    partial_dependence,
)

finite = st.floats(-1e6, 1e6)


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("column", ["width", "color", "new"])
def test_it_is_what_scikit_learn_finds_with_the_table(encoding, task, column):
    data = dataset(task)
    model = pipeline(data, encoding)
    pre, network = model.preprocessing, model.network
    x = data.x.fillna({"color": "red"})
    expected = by_sklearn(
        model, x, [column], grid_resolution=7, kind="average", method="brute", categorical_features=["color"]
    )

    def predict(x):
        y = network.predict(pre.combine(x))
        return y if task == "classification" else pre.decode_target(y)[:, None]

    entries = pre.encode_column(column, expected.grid_values[0])
    found = partial_dependence(predict, pre.encode_columns(x), pre.inputs_of[column], entries)
    assert np.ptp(found, axis=0).min() > 1e-3
    np.testing.assert_allclose(found.T, expected.average, rtol=2e-5)


@pytest.mark.parametrize("block", [1, 1000, dependence.BLOCK])
def test_of_a_linear_model_it_is_a_line(monkeypatch, block):
    """Predicted entry by entry, some at once, or all."""
    monkeypatch.setattr(dependence, "BLOCK", block)
    x = np.random.default_rng(0).normal(size=(50, 3))
    grid = grid_of(x[:, 1])
    found = partial_dependence(lambda x: x @ [[1.0], [-2.5], [7.0]], x, np.array([1]), grid[:, None])
    line = -2.5 * grid + (x[:, [0, 2]] @ [1.0, 7.0]).mean()
    np.testing.assert_allclose(found[:, 0], line, atol=1e-12)


@given(arrays(float, st.integers(1, 60), elements=finite | st.just(np.nan)))
def test_a_grid_increases_within_the_data(values):
    grid, present = grid_of(values), values[~np.isnan(values)]
    assert (np.diff(grid) > 0).all()
    assert len(grid) <= POINTS
    if len(present):
        assert present.min() <= grid[0] <= grid[-1] <= present.max()
    if len(np.unique(present)) <= LEVELS:
        assert grid.tolist() == np.unique(present).tolist()


@given(arrays(np.int64, st.integers(1, 60), elements=st.integers(-50, 50)))
def test_whole_numbers_stay_whole(values):
    grid = grid_of(values.astype(float))
    assert (grid == np.round(grid)).all()
    assert len(grid) > 1 or (values == values[0]).all()


def test_the_grid_ends_at_the_5th_and_95th_percentile_unless_these_are_the_same():
    values = np.random.default_rng(0).exponential(size=500)
    assert grid_of(values)[[0, -1]] == pytest.approx(np.percentile(values, [5, 95]))
    mostly_zero = np.where(np.arange(500) < 20, np.arange(500), 0.0)
    assert grid_of(mostly_zero)[[0, -1]].tolist() == [0, 19]


@given(st.integers(0, 20000), st.integers(13, 5000))
def test_dates_go_in_whole_weeks_or_days(first, length):
    days = days_of(first + np.arange(length, dtype=float))
    low, high = np.percentile(first + np.arange(length), [5, 95])
    assert len(days) <= DATES + 1
    assert low - 1 <= days[0] < days[-1] <= high + 1
    if high - low > 7 * (LEVELS + 1):
        assert len(set(days % 7)) == 1
    elif high - low > LEVELS + 1:
        assert len(set(days % 1)) == 1


def test_levels_and_deciles():
    texts = np.array([str(i) for i in range(20) for _ in range(i + 1)], object)
    labels, share = levels_of(texts)
    assert labels == [str(i) for i in range(19, 7, -1)]
    assert share == pytest.approx(np.arange(20, 8, -1) / 210)
    assert deciles(np.append(np.arange(101.0), np.nan)).tolist() == list(range(10, 100, 10))
