"""Each plot shows the numbers it was given, and leaves the global state of matplotlib alone."""

import os

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from deltaprop.report import plots
from deltaprop.style import PAGE, page_variables


def test_curves_draw_every_series_and_mark_the_best_epoch():
    axes = plots.curves(
        np.arange(1, 5), {"train": [4, 3, 2, 1], "validation": [5, 4, 4, 5]}, "loss", best=2
    ).axes[0]
    drawn = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(drawn["train"].get_ydata(), [4, 3, 2, 1])
    np.testing.assert_array_equal(drawn["validation"].get_ydata(), [5, 4, 4, 5])
    assert list(drawn["best epoch: 2"].get_xdata()) == [2, 2]
    assert drawn["train"].get_color() != drawn["validation"].get_color()


def test_curves_are_logarithmic_only_where_every_value_is_positive():
    epochs = np.arange(1, 4)
    assert plots.curves(epochs, {"train": [1, 0.1, 0.01]}, "loss", log=True).axes[0].get_yscale() == "log"
    assert plots.curves(epochs, {"train": [1, 0.1, 0.0]}, "loss", log=True).axes[0].get_yscale() == "linear"


def test_curves_leave_out_what_was_never_measured():
    axes = plots.curves(np.arange(1, 3), {"train": [1, 2], "validation": [np.nan, np.nan]}, "loss").axes[0]
    assert [line.get_label() for line in axes.lines] == ["train"]


@settings(max_examples=25)
@given(npst.arrays(np.int64, st.integers(1, 8).map(lambda k: (k, k)), elements=st.integers(0, 2000)))
def test_confusion_writes_every_count(matrix):
    axes = plots.confusion(matrix, [str(i) for i in range(len(matrix))]).axes[0]
    written = {
        (round(t.get_position()[1]), round(t.get_position()[0])): int(t.get_text()) for t in axes.texts
    }
    assert written == {place: int(count) for place, count in np.ndenumerate(matrix) if count}


def test_confusion_of_many_classes_has_no_numbers_but_all_cells():
    axes = plots.confusion(np.eye(40, dtype=int), [f"class {i}" for i in range(40)]).axes[0]
    assert len(axes.patches) == 1600
    assert not axes.texts


def test_predicted_against_true_and_residuals():
    y, t = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.5, 3.0])
    points = plots.predicted_against_true(y, t, "price").axes[0]
    np.testing.assert_array_equal(points.collections[0].get_offsets(), np.column_stack([t, y]))
    assert points.get_xlabel() == "true price"
    assert sum(bar.get_height() for bar in plots.residuals(y, t).axes[0].patches) == 3


@pytest.mark.parametrize("units", [1, 9, 10, 784])
def test_network_writes_the_true_number_of_units(units):
    texts = [t.get_text() for t in plots.network([(units, "input"), (2, "Dense")]).axes[0].texts]
    assert f"{units:,}" in texts
    assert ("⋮" in texts) == (units > 9)


def test_the_callers_matplotlib_is_as_it_was():
    before = dict(mpl.rcParams)
    plots.curves(np.arange(2), {"train": [1, 2]}, "loss").savefig(os.devnull, format="png")
    assert dict(mpl.rcParams) == before
    assert len(page_variables()) == 2 + len(PAGE.series)
