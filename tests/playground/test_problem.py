"""Problems: samples and the plane fit together, for data sets and for tables."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from deltaprop.playground import table
from deltaprop.playground.complaints import Complaint
from deltaprop.playground.data import draw
from deltaprop.playground.problem import problem_of
from deltaprop.playground.settings import CLASSIFICATION, FEATURES, REGRESSION, Data, Settings, TableUse


@pytest.fixture(scope="module")
def iris():
    data: Any = load_iris(as_frame=True)
    frame = data.data.rename(columns=lambda name: name.removesuffix(" (cm)"))
    return table.read("iris.csv", frame.assign(species=data.target_names[data.target]).to_csv(index=False))


def of_iris(iris, samples=150, **use):
    use = TableUse(**{"target": "species", **use})
    return problem_of(Settings(data=Data(name="table", table=use, samples=samples)), table=iris)


@settings(max_examples=40)
@given(
    st.sampled_from(CLASSIFICATION + REGRESSION),
    st.lists(st.sampled_from(FEATURES), min_size=1, unique=True),
    st.integers(8, 100),
)
def test_inputs_are_the_features_of_the_places(name, features, samples):
    problem = problem_of(Settings(data=Data(name=name, samples=samples), features=tuple(features)))
    assert problem.inputs.shape == (samples, len(features))
    assert problem.inputs.dtype == np.float32
    np.testing.assert_array_equal(problem.inputs, problem.from_plane(problem.points.x))
    np.testing.assert_allclose(problem.targets, problem.points.t, rtol=1e-6)
    assert problem.input_names == tuple(features)
    if name in CLASSIFICATION:
        assert problem.targets.dtype == np.int64
        assert set(problem.targets) == set(range(problem.classes))
        assert len(problem.class_names) == problem.classes
    else:
        assert (problem.targets.dtype, problem.classes, problem.class_names) == (np.float32, 0, ())


def test_edited_points_take_the_place_of_those_drawn():
    settings = Settings(features=("x", "x*y"))
    points = draw(settings.data).add(2.0, 3.0, 1).remove(0)
    problem = problem_of(settings, points)
    assert problem.edited
    assert not problem_of(settings).edited
    assert problem.inputs[-1].tolist() == [2.0, 6.0]
    assert len(problem.targets) == 500


def test_points_that_cannot_be_learned_from():
    points = draw(Data(samples=8))
    with pytest.raises(Complaint, match="no class"):
        problem_of(Settings(), points.add(0.0, 0.0, 2))
    with pytest.raises(Complaint, match="no class"):
        problem_of(Settings(), points.add(0.0, 0.0, 0.5))
    for index in reversed(np.flatnonzero(~points.test)):
        points = points.remove(index)
    with pytest.raises(Complaint, match="No point is left to train on"):
        problem_of(Settings(), points)
    with pytest.raises(Complaint, match="no finite value at x = 100"):
        problem_of(Settings(features=("exp(x)",)), draw(Data()).add(100.0, 0.0, 1))


def test_two_columns_as_axes(iris):
    problem = of_iris(iris, axes=("petal width", "sepal length"))
    assert problem.axes == ("petal width", "sepal length")
    np.testing.assert_array_equal(problem.points.x, problem.inputs[:, [3, 0]].astype(float))
    places = np.random.default_rng(0).normal(size=(9, 2))
    inputs = problem.from_plane(places)
    np.testing.assert_array_equal(inputs[:, [3, 0]], places.astype(np.float32))
    np.testing.assert_allclose(inputs[:, [1, 2]], 0.0, atol=1e-6)  # standardized: their mean
    assert inputs.dtype == np.float32


def test_principal_components_are_those_of_scikit_learn(iris):
    problem = of_iris(iris)
    train = ~problem.points.test
    data: Any = load_iris()
    x = data.data
    z: Any = StandardScaler().fit(x[train]).transform(x)
    np.testing.assert_allclose(problem.inputs, z, atol=1e-5)
    pca = PCA(2, whiten=True).fit(z[train])
    expected = pca.transform(z) * np.sqrt(train.sum() / (train.sum() - 1))  # variances divided by n
    np.testing.assert_allclose(np.abs(problem.points.x), np.abs(expected), atol=1e-4)
    plane = problem.from_plane(problem.points.x)
    np.testing.assert_allclose(plane, pca.inverse_transform(pca.transform(z)), atol=1e-4)
    assert problem.class_names == ("setosa", "versicolor", "virginica")


def test_the_plane_of_two_inputs_holds_every_sample(iris):
    problem = of_iris(iris, columns=("petal length", "petal width"))
    np.testing.assert_allclose(problem.from_plane(problem.points.x), problem.inputs, atol=1e-5)
    assert np.abs(problem.points.x).max() <= problem.extent


def test_values_of_a_table(iris):
    problem = of_iris(iris, target="petal width")
    assert problem.classes == 0
    assert problem.target_range == (problem.points.t.min(), problem.points.t.max())
    np.testing.assert_allclose(problem.targets[~problem.points.test].mean(), 0.0, atol=1e-6)


def test_what_a_table_cannot_do(iris):
    with pytest.raises(Complaint, match="no table yet"):
        of_iris(None)
    settings = Settings(data=iris.suggested)
    with pytest.raises(Complaint, match="cannot be edited"):
        problem_of(settings, draw(Data()), iris)
    with pytest.raises(Complaint, match="two different columns"):
        of_iris(iris, axes=("petal width", "petal width"))
    with pytest.raises(Complaint, match="two different columns"):
        of_iris(iris, axes=("petal width",))
    with pytest.raises(Complaint, match="is no input"):
        of_iris(iris, columns=("petal width", "petal length"), axes=("sepal width", "petal width"))
    line = "\n".join(f"{i},{2 * i},{i % 2}" for i in np.random.default_rng(0).normal(size=9))
    with pytest.raises(Complaint, match="one principal component"):
        of_iris(table.read("line.csv", f"a,b,t\n{line}"), target="t")
