"""Curves show the numbers they were given, learning curves those of the histories."""

import os

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import stats

from deltaprop import Dense, History, Network, plots
from deltaprop.errors import InputError


def history(losses, validation=None, seconds=1.0):
    columns = ["epoch", "train_loss", *["validation_loss"] * (validation is not None), "seconds"]
    made = History(columns)
    for i, loss in enumerate(losses):
        row = {"epoch": i + 1, "train_loss": loss, "seconds": seconds}
        made.append(row if validation is None else row | {"validation_loss": validation[i]})
    return made


def drawn(ax):
    return {line.get_label(): line for line in ax.lines}


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curves_draw_every_series_and_mark_the_best_epoch():
    ax = plots.curves(
        np.arange(1, 5),
        {"train": [4, 3, 2, 1], "validation": [5, 4, 4, 5]},
        "loss",
        mark=(2, "best epoch: 2"),
    )
    lines = drawn(ax)
    np.testing.assert_array_equal(lines["train"].get_ydata(), [4, 3, 2, 1])
    np.testing.assert_array_equal(lines["validation"].get_ydata(), [5, 4, 4, 5])
    assert list(lines["best epoch: 2"].get_xdata()) == [2, 2]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_no_two_of_eight_lines_look_alike_without_colors():
    ax = plots.curves(np.arange(50), {f"run {i}": np.full(50, i) for i in range(8)}, "loss")
    looks = {(line.get_linestyle(), str(line._unscaled_dash_pattern), line.get_marker()) for line in ax.lines}
    assert len(looks) == 8
    assert len(names(ax)) == 8


def test_curves_are_logarithmic_only_where_every_value_is_positive():
    x = np.arange(1, 4)
    assert plots.curves(x, {"train": [1, 0.1, 0.01]}, "loss", log=True).get_yscale() == "log"
    assert plots.curves(x, {"train": [1, 0.1, 0.0]}, "loss", log=True).get_yscale() == "linear"


def test_curves_leave_out_what_was_never_measured():
    ax = plots.curves(np.arange(1, 3), {"train": [1, 2], "validation": [np.nan, np.nan]}, "loss")
    assert list(drawn(ax)) == ["train"]


@settings(max_examples=10)
@given(npst.arrays(float, st.tuples(st.integers(2, 5), st.integers(1, 6)), elements=st.floats(0.1, 10)))
def test_the_line_is_the_mean_of_the_seeds_and_the_band_their_range(values):
    ax = plots.curves(np.arange(values.shape[1]), {"a": values}, "loss")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), values.mean(axis=0))
    edge = ax.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([edge.min(), edge.max()], [values.min(), values.max()])


def test_the_interval_is_that_of_student():
    values = np.random.default_rng(0).normal(3, 1, (6, 1))
    low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values[:, 0]))
    ax = plots.curves([1], {"a": values}, "loss", band="interval")
    edge = ax.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([edge.min(), edge.max()], [low, high])


def test_on_a_logarithmic_axis_the_mean_is_the_geometric_one():
    values = np.array([[1.0, 2.0], [100.0, 8.0]])
    ax = plots.curves([1, 2], {"a": values}, "loss", log=True)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), stats.gmean(values, axis=0))


def test_one_run_is_drawn_with_both_parts_and_its_best_epoch():
    ax = plots.learning_curves(history([3, 2, 1], validation=[3, 1, 2]))
    assert names(ax) == ["train", "validation", "best epoch: 2"]
    np.testing.assert_array_equal(drawn(ax)["validation"].get_ydata(), [3, 1, 2])
    assert (ax.get_ylabel(), ax.get_yscale()) == ("loss", "log")


def test_several_runs_are_compared_by_the_validation_part_if_all_have_one():
    one, other = history([3, 2], validation=[4, 3]), history([1, 1], validation=[2, 2])
    ax = plots.learning_curves({"a": one, "b": other})
    assert ax.get_ylabel() == "validation loss"
    np.testing.assert_array_equal(drawn(ax)["b"].get_ydata(), [2, 2])
    ax = plots.learning_curves({"a": one, "b": history([5, 4])})
    assert ax.get_ylabel() == "train loss"


def test_seeds_are_drawn_as_long_as_the_shortest_and_runs_each_in_its_length():
    ax = plots.learning_curves({"a": [history([4, 2, 1]), history([4, 2])], "b": history([1, 1, 1])})
    np.testing.assert_allclose(drawn(ax)["a"].get_xydata(), [[1, 4], [2, 2]])
    assert len(drawn(ax)["b"].get_xdata()) == 3


def test_over_seconds_they_add_up():
    ax = plots.learning_curves(
        {"a": [history([3, 2], seconds=1), history([3, 2], seconds=2)]}, over="seconds"
    )
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1.5, 3])
    assert ax.get_xlabel() == "training time (s)"


def test_layer_curves_and_gradient_norms_are_those_of_the_history():
    x = np.random.default_rng(0).standard_normal((40, 3))
    layers = [Dense(6), "relu", Dense(5), "relu", Dense(1)]
    runs = [Network(layers, inputs=3, seed=seed).fit(x, x[:, 0], epochs=3) for seed in range(2)]
    lines = drawn(plots.gradient_norms(runs[0]))
    for j, name in enumerate(["layer 0", "layer 2", "layer 4"]):
        np.testing.assert_array_equal(lines[name].get_ydata(), runs[0]["gradient_norm"][:, j])
    ax = plots.gradient_norms({"relu": runs}, epoch=2)
    norms = [run["gradient_norm"][1] for run in runs]
    np.testing.assert_allclose(ax.lines[0].get_ydata(), stats.gmean(norms, axis=0))
    ax = plots.layer_curves(runs[0], "dead")
    np.testing.assert_array_equal(drawn(ax)["layer 1"].get_ydata(), runs[0]["dead_1"])
    assert ax.get_ylim()[0] == 0


def test_a_given_axes_is_drawn_on_and_returned():
    left, right = plots.panels(2)
    assert plots.curves([1, 2], {"a": [1, 2]}, "loss", ax=right) is right
    assert not left.lines
    assert plots.figure_of(left) is plots.figure_of(right)


def test_a_title_is_above_the_legend():
    ax = plots.curves([1, 2], {f"run {i}": [1, 2] for i in range(7)}, "loss")
    plots.title(ax, "Seven runs")
    ax.figure.canvas.draw()
    assert ax.title.get_window_extent().y0 >= ax.get_legend().get_window_extent().y1 - 1


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_legend_is_not_wider_than_its_figure(count):
    ax = plots.curves(
        [1, 2],
        {f"rate {0.1**i:.{i}f}, halved": [1, 2] for i in range(count)},
        "loss",
        mark=(1, "best epoch: 1"),
    )
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x1 <= ax.figure.bbox.x1


def test_the_callers_matplotlib_is_as_it_was():
    before = dict(mpl.rcParams)
    plots.curves(np.arange(2), {"train": [1, 2]}, "loss").figure.savefig(os.devnull, format="png")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plots.curves([1], {"a": [1]}, "y", band="sd"),
            "curves: band is 'sd', expected range or interval",
        ),
        (
            lambda: plots.learning_curves(history([1]), over="hours"),
            "over is 'hours', expected epoch or seconds",
        ),
        (
            lambda: plots.learning_curves({"a": history([1])}, "score"),
            "column is 'score', which not every run",
        ),
        (
            lambda: plots.gradient_norms({"a": history([1])}),
            "quantity is 'gradient_norm', which the history has not",
        ),
        (lambda: plots.layer_curves(history([1]), "energy"), "quantity is 'energy'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
