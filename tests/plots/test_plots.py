"""Each plot shows the numbers it was given, with its labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import gmean

from deltaprop import Dense, Network, plots
from deltaprop.errors import InputError
from deltaprop.style import PAGE, page_variables
from deltaprop.training import RecordActivations


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@settings(max_examples=10)
@given(npst.arrays(np.int64, st.integers(1, 8).map(lambda k: (k, k)), elements=st.integers(0, 2000)))
def test_confusion_matrix_writes_every_count(matrix):
    ax = plots.confusion_matrix(matrix, [str(i) for i in range(len(matrix))])
    written = {(round(t.get_position()[1]), round(t.get_position()[0])): int(t.get_text()) for t in ax.texts}
    assert written == {place: int(count) for place, count in np.ndenumerate(matrix) if count}


def test_confusion_matrix_of_many_classes_has_no_numbers_but_all_cells():
    ax = plots.confusion_matrix(np.eye(30, dtype=int), [f"class {i}" for i in range(30)])
    assert len(ax.patches) == 900
    assert not ax.texts


def test_predicted_against_true_and_residuals():
    y, t = np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.5, 3.0])
    ax = plots.predicted_against_true(y, t, "price")
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), np.column_stack([t, y]))
    assert ax.get_xlabel() == "true price"
    assert sum(bar.get_height() for bar in plots.residuals(y, t).patches) == 3


@pytest.mark.parametrize("units", [1, 9, 10, 784])
def test_network_diagram_writes_the_true_number_of_units(units):
    texts = [t.get_text() for t in plots.network_diagram(Network([Dense(2)], inputs=units)).texts]
    assert f"{units:,}" in texts
    assert ("⋮" in texts) == (units > 9)


def test_values_by_arm_draws_a_dot_for_each_seed_and_the_mean():
    values = {"a": [1.0, 2.0, 6.0], "b": [4.0, 4.0, 4.0]}
    ax = plots.values_by_arm(values, "epochs", reference=5)
    assert rows(ax) == ["a", "b"]
    for i, (each, dots, mean) in enumerate(zip(values.values(), ax.collections, ax.lines, strict=False)):
        places = dots.get_offsets()
        np.testing.assert_array_equal(np.sort(places[:, 0]), np.sort(each))
        assert np.abs(places[:, 1] - i).max() < 0.5
        assert len(np.unique(places[:, 1])) == 3  # equal values do not hide each other
        np.testing.assert_allclose(mean.get_xdata(), np.mean(each))
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # from top to bottom
    log = plots.values_by_arm(values, "epochs", log=True)
    np.testing.assert_allclose(log.lines[0].get_xdata(), gmean([1, 2, 6]))


def test_values_by_arm_marks_runs_without_a_finite_value_and_draws_no_mean_of_the_others():
    ax = plots.values_by_arm({"a": [1.0, np.inf, np.nan]}, "epochs")
    finite, missing = ax.collections
    assert (len(finite.get_offsets()), len(missing.get_offsets()), len(ax.lines)) == (1, 2, 0)


def test_estimates_draws_intervals_and_opens_the_dots_of_those_without_effect():
    ax = plots.estimates({"a": (2, 1.5, 3), "b": (1.1, 0.9, 1.3)}, "ratio", reference=1, log=True)
    a, dot_a, b, dot_b, reference = ax.lines
    assert [list(line.get_xdata()) for line in (a, dot_a, b, dot_b)] == [[1.5, 3], [2], [0.9, 1.3], [1.1]]
    assert dot_a.get_markerfacecolor() == dot_a.get_color() != dot_b.get_markerfacecolor()
    assert list(reference.get_xdata()) == [1, 1]
    assert (rows(ax), ax.get_xscale()) == (["a", "b"], "log")


def test_trajectories_draws_the_paths_on_contours_of_the_function():
    path = np.array([[1.0, 1.0], [0.5, -0.5], [0.1, 0.1], [np.nan, np.inf], [3, 3]])
    ax = plots.trajectories(lambda x, y: x**2 + 9 * y**2, {"descent": path}, minimum=(0, 0), log=False)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), path[:3])
    contours = ax.collections[0]
    for level, line in zip(contours.levels, contours.get_paths(), strict=True):
        if len(line.vertices):
            np.testing.assert_allclose(line.vertices**2 @ [1, 9], level, rtol=0.02, atol=0.02)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("θ₁", "θ₂")


@pytest.mark.parametrize("log", [True, False])
def test_trajectories_on_a_flat_function_or_from_one_point(log):
    plots.trajectories(lambda x, y: 0 * x, {"still": [[1.0, 1.0]]}, log=log)


def test_activation_histograms_count_the_activations_of_each_layer():
    net = Network([Dense(40), "tanh", Dense(50), "relu", Dense(1)], inputs=5, seed=3)
    x = np.random.default_rng(0).standard_normal((300, 5))
    ax = plots.activation_histograms(net, x, bins=20)
    assert rows(ax) == ["layer 1, Tanh", "layer 3, ReLU"]
    trace = net.trace(x, x[:, :1])
    edges = ax.patches[0].get_data().edges
    for i, layer in enumerate((1, 3)):
        counts, _ = np.histogram(np.clip(trace.layers[layer].a, edges[0], edges[-1]), edges)
        heights = i - ax.patches[2 * i].get_data().values
        np.testing.assert_allclose(heights, 0.9 * counts / counts.max(), atol=2e-3)


def test_recorded_activations_give_the_histograms_of_each_epoch():
    x = np.random.default_rng(0).standard_normal((300, 5))
    record = RecordActivations(x, every=2)
    net = Network([Dense(40), "tanh", Dense(1)], inputs=5)
    before = net.trace(x, x[:, :1]).layers[1].a
    net.fit(x, x[:, 0], epochs=5, callbacks=[record])
    assert record.epochs == [0, 2, 4]
    np.testing.assert_allclose(
        record.quantiles["layer 1, Tanh"][0], np.quantile(before, np.linspace(0, 1, 201))
    )
    ax = plots.activation_histograms(record.layer("layer 1, Tanh"), bins=10)
    assert rows(ax) == ["epoch 0", "epoch 2", "epoch 4"]
    edges = ax.patches[0].get_data().edges
    counts, _ = np.histogram(np.clip(before, edges[0], edges[-1]), edges)
    np.testing.assert_allclose(-ax.patches[0].get_data().values, 0.9 * counts / counts.max(), atol=0.02)


def test_recorded_activations_are_kept_for_a_resumed_fit():
    x = np.random.default_rng(0).standard_normal((30, 2))
    record, restored = RecordActivations(x), RecordActivations(x)
    Network([Dense(3), "tanh", Dense(1)], inputs=2).fit(x, x[:, 0], epochs=2, callbacks=[record])
    restored.restore(record.state())
    assert restored.epochs == record.epochs
    np.testing.assert_array_equal(restored.quantiles["layer 1, Tanh"], record.quantiles["layer 1, Tanh"])


@settings(max_examples=10)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5))
def test_weight_images_are_the_weights_unit_by_unit(units, height, width):
    w = np.random.default_rng(units).standard_normal((units, height * width))
    ax = plots.weight_images(w, (height, width), units=20)
    pixels = ax.images[0].get_array().filled(np.nan)
    columns = (pixels.shape[1] + 1) // (width + 1)
    for i, weights in enumerate(w):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        np.testing.assert_array_equal(
            pixels[top : top + height, left : left + width], weights.reshape(height, width)
        )
    assert ax.images[0].get_clim() == (-np.abs(w).max(), np.abs(w).max())


def test_weight_images_of_a_network_are_those_of_its_first_layer_largest_first():
    net = Network([Dense(5), "relu", Dense(2)], inputs=9)
    net.layers[0].w = np.repeat(np.arange(5.0)[:, None], 9, axis=1)
    pixels = plots.weight_images(net, units=2).images[0].get_array()
    assert sorted(set(pixels.compressed())) == [3, 4]


def test_one_drawing_serves_pages_in_two_colors():
    assert len(page_variables()) == 2 + len(PAGE.series)
    figure = plots.figure_of(plots.values_by_arm({"a": [1, 2]}, "x", palette=PAGE))
    assert figure.get_facecolor()[3] == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.confusion_matrix([[1, 2]], ["a"]), "confusion_matrix: matrix has shape"),
        (lambda: plots.estimates({"a": (1, 2, 3)}, "x"), r"estimates: effect 'a' is \(1, 2, 3\), expected"),
        (lambda: plots.trajectories(np.add, {"a": [1, 2]}), r"path 'a' has shape \(2,\)"),
        (lambda: plots.weight_images(np.ones((2, 5))), "5 inputs are not a square"),
        (
            lambda: plots.weight_images(np.ones((2, 6)), (2, 2)),
            r"shape is \(2, 2\), expected height × width = 6",
        ),
        (lambda: plots.weight_images(Network(["relu"], inputs=4)), "no layer with weights"),
        (
            lambda: plots.activation_histograms(Network([Dense(1)], inputs=1), [[1.0]]),
            "source has no activations",
        ),
        (lambda: RecordActivations([[1.0]]).layer("a"), "name is 'a', expected one of none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
