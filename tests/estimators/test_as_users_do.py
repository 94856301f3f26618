"""Programs as users write them: pipelines, searches, frames, weights of classes, files."""

import pickle

import joblib
import numpy as np
import pandas as pd
import polars
import pytest
import scipy.sparse as sp
import scipy.special
import sklearn
from sklearn import neural_network
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from deltaprop import Adaline, MLPClassifier, MLPRegressor, Network, Perceptron

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
IRIS = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def passengers():
    """A frame with numbers, categories and gaps of meaning: who survives depends on both kinds of columns."""
    rng = np.random.default_rng(0)
    n = 300
    frame = pd.DataFrame(
        {
            "age": rng.uniform(1, 80, n),
            "fare": rng.lognormal(3, 1, n),
            "sex": pd.Categorical(rng.choice(["female", "male"], n)),
            "port": pd.Categorical(rng.choice(["C", "Q", "S"], n)),
        }
    )
    chance = 2.0 * (frame["sex"] == "female") - 0.03 * frame["age"] + 0.01 * frame["fare"]
    return frame, np.where(chance > chance.median(), "yes", "no")


def test_a_pipeline_with_a_column_transformer_on_a_frame_with_categories(passengers):
    frame, survived = passengers
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["age", "fare"]), ("words", OneHotEncoder(), ["sex", "port"])]
    )
    model = make_pipeline(
        columns, MLPClassifier((16,), max_iter=150, learning_rate_init=0.01, random_state=0)
    )
    train, test, t_train, t_test = train_test_split(frame, survived, random_state=0)
    assert model.fit(train, t_train).score(test, t_test) > 0.9
    assert set(model.predict(test)) == {"yes", "no"}


def test_a_grid_search_in_two_processes():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), MLPClassifier(max_iter=40, learning_rate_init=0.02, random_state=0)),
        {
            "mlpclassifier__hidden_layer_sizes": [(4,), (16, 8)],
            "mlpclassifier__activation": ["tanh", "leaky_relu"],
        },
        cv=3,
        n_jobs=2,
    )
    search.fit(*IRIS)
    assert search.best_score_ > 0.9
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(method):
    x, t = load_breast_cancer(return_X_y=True)
    model = make_pipeline(
        StandardScaler(), MLPClassifier((8,), max_iter=30, learning_rate_init=0.01, random_state=0)
    )
    calibrated = CalibratedClassifierCV(model, method=method, cv=3).fit(x[:400], t[:400])
    assert calibrated.score(x[400:], t[400:]) > 0.93
    np.testing.assert_allclose(calibrated.predict_proba(x[400:]).sum(axis=1), 1)


def test_permutation_importance_finds_the_input_that_matters():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    model = MLPRegressor(hidden_layer_sizes=(16,), learning_rate_init=0.01, random_state=0).fit(
        x, 3 * x[:, 1]
    )
    importance = permutation_importance(model, x, 3 * x[:, 1], n_repeats=3, random_state=0).importances_mean
    assert importance.argmax() == 1
    assert importance[1] > 10 * max(importance[0], importance[2])


def test_cross_validation():
    model = MLPClassifier((16,), solver="lbfgs", max_iter=50, random_state=0)
    assert cross_val_score(make_pipeline(StandardScaler(), model), *IRIS, cv=3).mean() > 0.9


def test_metadata_routing_carries_sample_weights_into_a_pipeline():
    weight = np.where(IRIS[1] == 2, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier((8,), max_iter=60, learning_rate_init=0.01, random_state=0).set_fit_request(
            sample_weight=True
        )
        model = model.set_score_request(sample_weight=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
        results = cross_validate(pipe, *IRIS, cv=3, params={"sample_weight": weight}, return_estimator=True)
        for pipe in results["estimator"]:  # without the weights it would be a third
            assert np.mean(pipe.predict(IRIS[0]) == 2) < 0.1


@pytest.mark.parametrize("frame", [pd.DataFrame, polars.DataFrame])
def test_frames_keep_their_names_and_give_the_same_results(frame):
    names = ["a", "b", "c", "d"]
    x = frame({name: IRIS[0][:, i] for i, name in enumerate(names)})
    model = MLPClassifier((8,), max_iter=10, random_state=0).fit(x, IRIS[1])
    assert list(model.feature_names_in_) == names
    plain = MLPClassifier((8,), max_iter=10, random_state=0).fit(*IRIS)
    np.testing.assert_array_equal(model.predict_proba(x), plain.predict_proba(IRIS[0]))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(x[["b", "a", "c", "d"]])


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_hidden_activations_come_in_the_container_asked_for(container):
    x = pd.DataFrame(IRIS[0])
    x.columns = [f"c{i}" for i in range(4)]
    model = MLPClassifier((6, 3), max_iter=5, random_state=0).fit(x, IRIS[1])
    assert isinstance(model.transform_hidden(x), np.ndarray)
    model.set_output(transform=container)
    hidden = model.transform_hidden(x, layer=0)
    assert type(hidden).__module__.split(".")[0] == container
    assert list(hidden.columns)[:2] == ["mlpclassifier_layer0_0", "mlpclassifier_layer0_1"]


def test_hidden_activations_are_the_layers_own():
    model = MLPRegressor(
        hidden_layer_sizes=(6, 3), activation=["tanh", "relu"], max_iter=5, random_state=0
    ).fit(*IRIS)
    first = np.tanh(IRIS[0] @ model.coefs_[0] + model.intercepts_[0])
    second = np.maximum(first @ model.coefs_[1] + model.intercepts_[1], 0)
    np.testing.assert_allclose(model.transform_hidden(IRIS[0], layer=0), first)
    np.testing.assert_allclose(model.transform_hidden(IRIS[0]), second)
    np.testing.assert_allclose(
        model.predict(IRIS[0]), (second @ model.coefs_[2] + model.intercepts_[2])[:, 0]
    )
    with pytest.raises(ValueError, match="hidden layers are 0 to 1"):
        model.transform_hidden(IRIS[0], layer=2)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csr_matrix, sp.csc_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_inputs_give_what_dense_ones_give(form, solver):
    x = np.where(np.abs(IRIS[0]) > 2, IRIS[0], 0)
    arguments = {"solver": solver, "max_iter": 20, "random_state": 0, "scale_inputs": False}
    dense = MLPClassifier((8,), **arguments).fit(x, IRIS[1])
    sparse = MLPClassifier((8,), **arguments).fit(form(x), IRIS[1])
    np.testing.assert_allclose(sparse.predict_proba(form(x)), dense.predict_proba(x), rtol=1e-10)


TEXT = np.array(["b", "a", "c"])[IRIS[1]]


@pytest.mark.parametrize(
    "form",
    [
        list,
        lambda t: t.astype(object),
        pd.Series,
        pd.Categorical,
        lambda t: pd.Series(t, dtype="category"),
        lambda t: pd.Series(t, dtype="string"),
        lambda t: t == "a",
        lambda t: (t == "a").astype(np.int8),
        lambda t: (t == "a").astype(float),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("incremental", [False, True])
def test_classes_have_the_type_that_scikit_learn_gives(form, incremental):
    t = form(TEXT)
    mine, other = (c((3,), max_iter=2) for c in (MLPClassifier, neural_network.MLPClassifier))
    for model in (mine, other):
        model.partial_fit(IRIS[0], t, classes=np.unique(np.asarray(t))) if incremental else model.fit(
            IRIS[0], t
        )
    assert mine.classes_.dtype == other.classes_.dtype
    assert mine.predict(IRIS[0]).dtype == other.predict(IRIS[0]).dtype
    np.testing.assert_array_equal(mine.classes_, other.classes_)


@pytest.mark.parametrize(
    "values", [["2020-01-01", "NaT"], ["2020-01-01", "2020-01-02"]], ids=["not a time", "times"]
)
@pytest.mark.parametrize("kind", ["datetime64[s]", "timedelta64[s]"])
def test_dates_and_durations_are_refused_instead_of_taken_for_integers(values, kind):
    dates = np.array(values * 10, "datetime64[s]")
    dates = dates if "date" in kind else dates - dates[0]
    for model in (MLPClassifier(max_iter=2), MLPRegressor(max_iter=2), Perceptron(max_iter=2)):
        with pytest.raises(ValueError, match=r"NaT|expected numbers"):
            model.fit(dates[:, None], np.arange(20) % 2)
        model.fit(np.arange(20)[:, None], np.arange(20) % 2)
        with pytest.raises(ValueError, match=r"NaT|expected numbers"):
            model.predict(dates[:, None])
    with pytest.raises(ValueError, match=r"NaT|expected numbers"):
        MLPRegressor(max_iter=2).fit(np.arange(20)[:, None], dates)


def test_scikit_learns_tools_see_probabilities_as_with_its_own_classifier():
    model = MLPClassifier((4,), max_iter=5, random_state=0).fit(*IRIS)
    assert not hasattr(model, "decision_function")
    np.testing.assert_allclose(
        scipy.special.softmax(model.predict_logits(IRIS[0]), axis=1), model.predict_proba(IRIS[0])
    )
    hinge = MLPClassifier((4,), loss="hinge", max_iter=5, random_state=0).fit(*IRIS)
    assert not hasattr(hinge, "predict_logits")
    assert hinge.decision_function(IRIS[0]).shape == (150, 3)
    two = IRIS[1] < 2
    tuned = TunedThresholdClassifierCV(MLPClassifier((4,), max_iter=30, random_state=0), cv=2)
    tuned.fit(IRIS[0][two], IRIS[1][two])
    assert 0 <= tuned.best_threshold_ <= 1


def test_types_of_numbers():
    """float32 stays; everything else is computed in float64, unless asked for otherwise."""
    for given, kept in (
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.uint8, np.float64),
        (bool, np.float64),
    ):
        model = MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(
            IRIS[0].astype(given), IRIS[1]
        )
        assert {w.dtype for w in (*model.coefs_, *model.intercepts_)} == {np.dtype(kept)}
        assert model.predict(IRIS[0].astype(given)).dtype == kept
    assert (
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, dtype="float32").fit(*IRIS).network_.dtype
        == np.float32
    )
    solver = MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=5, random_state=0).fit(
        IRIS[0].astype(np.float32), IRIS[1]
    )
    assert solver.coefs_[0].dtype == np.float32


@pytest.mark.parametrize(
    "estimator", [MLPClassifier((8,), max_iter=5), Perceptron(max_iter=5), Adaline(max_iter=5)]
)
def test_pickle_joblib_and_clone(estimator, tmp_path):
    fitted = estimator.set_params(random_state=0).fit(*IRIS)
    joblib.dump(fitted, tmp_path / "model.joblib")
    for copy in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "model.joblib")):
        np.testing.assert_array_equal(copy.predict(IRIS[0]), fitted.predict(IRIS[0]))
        copy.network_.layers[-1].b = 7.0  # the attributes are views of the network, also after loading
        assert (copy.intercepts_[-1] == 7).all()
        copy.partial_fit(*IRIS)
    with pytest.raises(NotFittedError):
        clone(fitted).predict(IRIS[0])


def test_the_network_is_one_step_away(tmp_path):
    model = MLPClassifier((8,), max_iter=5, random_state=0).fit(*IRIS)
    np.testing.assert_allclose(model.network_.predict(IRIS[0]), model.predict_proba(IRIS[0]))
    assert "delta" in str(model.network_.trace(IRIS[0][:1], IRIS[1][:1]))
    model.network_.save(tmp_path / "iris.safetensors")
    loaded = Network.load(tmp_path / "iris.safetensors")
    np.testing.assert_array_equal(loaded.predict_labels(IRIS[0]), model.predict(IRIS[0]))


def test_multilabel_by_partial_fit_without_naming_the_classes():
    x, t = make_multilabel_classification(n_samples=80, random_state=0)
    model = MLPClassifier((32,), learning_rate_init=0.02, random_state=0)
    for _ in range(100):
        model.partial_fit(x, t)
    assert model.score(x, t) > 0.9
    assert model.predict(x).shape == model.predict_proba(x).shape == t.shape
    sparse = MLPClassifier((4,), max_iter=2, random_state=0).fit(x, sp.csr_matrix(t))
    assert sp.issparse(sparse.predict(x))


def test_class_weights_move_the_boundary():
    x, t = load_breast_cancer(return_X_y=True)
    x = StandardScaler().fit_transform(x)
    weights = (None, {0: 1, 1: 50}, "balanced")
    plain, benign_first, balanced = (
        MLPClassifier((4,), max_iter=20, random_state=0, class_weight=w).fit(x, t) for w in weights
    )
    assert benign_first.predict(x).mean() > plain.predict(x).mean()
    counted = MLPClassifier((4,), max_iter=20, random_state=0)
    counted.fit(x, t, sample_weight=len(t) / 2 / np.bincount(t)[t])
    np.testing.assert_allclose(balanced.predict_proba(x), counted.predict_proba(x), rtol=1e-6)
    with pytest.raises(ValueError, match="partial_fit, which sees only a part"):
        MLPClassifier(class_weight="balanced").partial_fit(x, t, classes=[0, 1])
