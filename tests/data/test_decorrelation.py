"""Decorrelated inputs against scikit-learn's PCA, from a data set to a model file and in the estimators."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_diabetes
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from deltaprop import MLPClassifier, MLPRegressor
from deltaprop.data import Encoding, Preprocessing, load, split
from deltaprop.data.decorrelation import Decorrelated
from deltaprop.data.scaling import principal_components
from deltaprop.data.transforms import Standardize
from deltaprop.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
D, T = load_diabetes(return_X_y=True)
X = D * np.geomspace(1, 1e4, D.shape[1]) + 50
DECORRELATE = Encoding("decorrelate", clip=False, categories="one_hot")


def whitened(x):
    """Of PCA, whose signs are those of other directions: the entry of the largest size positive."""
    z = StandardScaler().fit_transform(x)
    pca = PCA(whiten=True).fit(z)
    w = pca.components_
    signs = np.sign(w[np.arange(len(w)), np.abs(w).argmax(axis=1)])
    return pca.transform(z) * signs * np.sqrt(len(x) / (len(x) - 1))


def test_the_components_are_those_of_whitened_pca():
    train = split(load("diabetes"), seed=0).train
    pre = Preprocessing.learn(train, encoding=DECORRELATE)
    x = np.asarray(train.x, np.float64)
    np.testing.assert_allclose(pre.transform(train.x), whitened(x), rtol=1e-4, atol=1e-4)
    assert pre.names == tuple(f"component {i}" for i in range(1, 11))
    assert Preprocessing.from_spec(json.loads(json.dumps(pre.to_spec()))) == pre
    assert pre.describe()[-2] == "10 scaled numbers decorrelated: 10 principal components of variance 1"


def test_sample_weights_are_repetitions():
    weight = np.random.default_rng(0).integers(0, 3, len(X))
    for ours, theirs in zip(
        principal_components(D, weight), principal_components(np.repeat(D, weight, axis=0)), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def test_directions_without_variance_are_left_out():
    x = np.column_stack([D[:, :3], D[:, 0] + D[:, 1], np.full(len(D), 7.0)])
    model = MLPRegressor(hidden_layer_sizes=(4,), scale_inputs="decorrelate", max_iter=2, random_state=0).fit(
        x, T
    )
    assert model.network_.inputs == 3
    y = model.input_scaler_.transform(x)
    np.testing.assert_allclose(np.cov(y.T, bias=True), np.eye(3), atol=1e-12)
    assert model.predict(x).shape == T.shape
    again = model.partial_fit(x, T).predict(x)  # with the scaling of the first call
    assert np.isfinite(again).all()


def test_pixels_are_not_scaled_one_by_one():
    train = split(load("digits"), seed=0).train
    pre = Preprocessing.learn(train, encoding=DECORRELATE)
    z = pre.transform(train.x)
    np.testing.assert_allclose(np.cov(z.T, bias=True), np.eye(z.shape[1]), atol=1e-3)
    assert isinstance(pre.inputs.inputs, Standardize)
    assert len(pre.inputs.inputs.mean) == 1
    assert z.shape[1] < 64  # some pixels are always dark


def test_columns_of_a_table_that_are_no_numbers_stay():
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": np.where(T > 100, "high", "low")})
    frame.loc[:5, "a"] = np.nan
    model = MLPRegressor(hidden_layer_sizes=(4,), preprocessing=DECORRELATE, max_iter=2, random_state=0).fit(
        frame, T
    )
    learned = model.preprocessing_
    z = learned.transform("x", frame)
    np.testing.assert_allclose(np.cov(z[:, :2].T, bias=True), np.eye(2), atol=1e-5)
    assert learned.names[:2] == ("component 1", "component 2")
    np.testing.assert_array_equal(z[:, 2:], learned.inputs.transform("x", frame)[:, 2:])
    numbers = MLPRegressor(
        hidden_layer_sizes=(4,), preprocessing=DECORRELATE, max_iter=2, random_state=0
    ).fit(X, T)
    np.testing.assert_allclose(numbers.predict(X[:3]), numbers.predict(X)[:3], rtol=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_estimator_equals_one_of_whitened_inputs(engine):
    options = {"hidden_layer_sizes": (6,), "max_iter": 10, "random_state": 0, "engine": engine}
    ours = MLPClassifier(scale_inputs="decorrelate", **options).fit(X, T > 140)
    theirs = MLPClassifier(**options).fit(whitened(X), T > 140)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(whitened(X)), rtol=1e-5)


def test_what_cannot_be_decorrelated_is_refused():
    model = MLPRegressor(scale_inputs="decorrelate")
    with pytest.raises(ValueError, match="scale_inputs='decorrelate' with sparse X"):
        model.fit(csr_array(D), T)
    with pytest.raises(ValueError, match="no column of X varies"):
        model.fit(np.ones((5, 2)), np.arange(5.0))
    inputs = Standardize(("a", "b"), (0.0,), (1.0,))
    with pytest.raises(
        InputError, match=r"^Decorrelated: mean and components have rows of 2 and \[1\] numbers"
    ):
        Decorrelated(inputs, (0.0, 0.0), ((1.0,),))
    one = Decorrelated(inputs, (0.0, 0.0), ((1e30, 0.0),))
    with pytest.raises(InputError, match="a principal component of 1e\\+40 standard deviations"):
        one.transform("x", np.array([[1e10, 0.0]]))
    with pytest.raises(
        InputError, match=r"^Encoding: scaling is 'pca', expected 'standard' or 'robust' or 'dec"
    ):
        Encoding("pca")
