"""The boundary is drawn where the predictor changes its mind, over the features that were asked for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.contour import ContourSet
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from deltaprop import Adaline, Dense, MLPClassifier, Network
from deltaprop.errors import InputError
from deltaprop.plots import decision_boundary

X = np.random.default_rng(0).uniform(-1, 1, (60, 2))


def boundary(ax):
    """The points of the contour lines at 0."""
    lines = [
        c for c in ax.collections if isinstance(c, ContourSet) and not c.filled and list(c.levels) == [0.0]
    ]
    return np.concatenate([path.vertices for c in lines for path in c.get_paths() if len(path.vertices)])


@settings(max_examples=5)
@given(st.floats(-3, 3), st.floats(0.5, 2), st.floats(-0.5, 0.5))
def test_the_boundary_of_a_linear_unit_is_its_line(w1, w2, b):
    net = Network([Dense(1)], inputs=2, loss="sigmoid_cross_entropy", dtype="float64")
    net.layers[0].w, net.layers[0].b = [[w1, w2]], [b]
    points = boundary(decision_boundary(net, X, resolution=40))
    # The probability is not linear between the points of the grid: a fraction of their distance.
    np.testing.assert_allclose(points @ [w1, w2] + b, 0, atol=0.02)


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), RidgeClassifier(), DecisionTreeClassifier(max_depth=2), Adaline()]
)
def test_estimators_with_probabilities_scores_or_classes_only(estimator):
    t = np.where(X[:, 0] > 0.1, "yes", "no")
    ax = decision_boundary(estimator.fit(X, t), X, t)
    points = boundary(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no", "yes"]
    assert np.abs(points[:, 0] - 0.1).max() < 0.45
    step = np.array([0.05, 0])
    changes = estimator.predict(points + step) != estimator.predict(points - step)
    assert changes.mean() > 0.9


def test_every_sample_is_drawn_in_the_color_of_its_class():
    net = Network([Dense(3)], inputs=2, loss="softmax_cross_entropy")
    t = np.arange(60) % 3
    ax = decision_boundary(net, X, t, class_names=["a", "b", "c"])
    points = {c.get_label(): c.get_offsets() for c in ax.collections if c.get_label() in "abc"}
    for k, name in enumerate("abc"):
        np.testing.assert_array_equal(points[name], X[t == k])


def test_the_other_features_are_held_at_their_median_mean_or_at_given_values():
    x = np.random.default_rng(1).exponential(size=(50, 4))
    seen = []

    def score(samples):
        seen.append(samples)
        return samples[:, 0] - samples[:, 2]

    for others, held in [
        ("median", np.median(x, axis=0)),
        ("mean", x.mean(axis=0)),
        ([1, 2, 3, 4], [1, 2, 3, 4]),
    ]:
        ax = decision_boundary(score, x, features=(2, 0), others=others, threshold=0.0)
        np.testing.assert_allclose(seen[-1][:, [1, 3]], np.tile(np.asarray(held)[[1, 3]], (40_000, 1)))
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("x3", "x1")
        points = boundary(ax)
        np.testing.assert_allclose(points[:, 0], points[:, 1], atol=1e-9)


def test_two_columns_of_a_data_frame_by_name():
    iris = load_iris(as_frame=True)
    t = iris.target_names[iris.target]
    model = MLPClassifier((5,), learning_rate_init=0.1, random_state=0).fit(iris.data, t)
    ax = decision_boundary(
        model, iris.data, t, features=("petal length (cm)", "petal width (cm)"), resolution=20
    )
    assert ax.get_xlabel() == "petal length (cm)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["setosa", "versicolor", "virginica"]


def test_categories_are_held_at_the_most_frequent_one():
    x = np.array([["a", 1, 0.5], ["b", 2, 0.1], ["a", 3, 0.9]] * 4, dtype=object)
    frame = pd.DataFrame({"kind": x[:, 0], "u": x[:, 1].astype(float), "v": x[:, 2].astype(float)})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    model.fit(frame, frame["kind"] == "a")
    decision_boundary(model, frame, frame["kind"] == "a", features=("u", "v"), resolution=5)


def test_a_regression_is_drawn_as_contour_lines_of_its_values():
    model = LinearRegression().fit(X, 3 * X[:, 0])
    ax = decision_boundary(model, X, resolution=30)
    lines = next(c for c in ax.collections if isinstance(c, ContourSet) and not c.filled)
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        np.testing.assert_allclose(3 * path.vertices[:, 0], level, atol=1e-9)


def test_a_constant_prediction_has_no_boundary():
    net = Network([Dense(1)], inputs=2, loss="sigmoid_cross_entropy")
    net.layers[0].w, net.layers[0].b = [[0, 0]], [1]
    ax = decision_boundary(net, X)
    assert not any(isinstance(c, ContourSet) and not c.filled for c in ax.collections)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": (0, 0)}, r"features is \(0, 0\), expected two different ones of \[0, 1\]"),
        ({"features": (0, 2)}, "two different ones"),
        ({"others": "mode"}, "others is 'mode', expected mean, median or numbers"),
        ({"others": [1.0]}, "others has shape"),
        ({"t": [0, 1]}, "t has 2 labels, expected 60"),
        ({"resolution": 1}, "resolution is 1"),
        ({"t": np.arange(60) % 2, "class_names": ["a"]}, "class_names has 1 names, expected 2"),
        ({"predictor": 3}, "predictor is 3, expected a Network, an estimator or a function"),
        ({"x": np.zeros((0, 2))}, "x has shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    net = Network([Dense(1)], inputs=2, loss="sigmoid_cross_entropy")
    with pytest.raises(InputError, match=message):
        decision_boundary(**{"predictor": net, "x": X} | options)
