"""Tables in the estimators: frames and arrays with missing entries, categories, texts, booleans and dates."""

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, RobustScaler
from sklearn.utils import get_tags

from deltaprop import MLPClassifier, MLPRegressor
from deltaprop.data import Encoding
from deltaprop.estimators import UnusedArgumentWarning

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.default_rng(0)
N = 300
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(50.0, 9.0, N),
        "age": np.where(RNG.random(N) < 0.2, np.nan, RNG.integers(1, 90, N)),
        "colour": RNG.choice(["red", "green", "blue"], N),
        "shop": pd.Categorical(RNG.choice([f"shop {i}" for i in range(15)], N)),
        "member": RNG.random(N) < 0.5,
        "when": pd.date_range("2024-01-01", periods=N),
    }
)
LABELS = np.where((FRAME["size"] > 50) ^ (FRAME["colour"] == "red"), "yes", "no")
VALUES = FRAME["size"].to_numpy() + 10.0 * (FRAME["shop"].cat.codes.to_numpy() % 3)
TABLE = {
    "preprocessing": "table",
    "max_iter": 30,
    "learning_rate": "cosine",
    "learning_rate_init": 0.01,
    "batch_size": 32,
    "random_state": 0,
}


def classifier(**arguments):
    return MLPClassifier(**TABLE | arguments)


def regressor(**arguments):
    return MLPRegressor(**TABLE | {"scale_targets": True} | arguments)


def test_a_frame_as_it_comes():
    train, test = np.arange(200), np.arange(200, N)
    model = classifier().fit(FRAME.iloc[train], LABELS[train])
    assert model.score(FRAME.iloc[test], LABELS[test]) > 0.85
    assert model.feature_names_in_.tolist() == list(FRAME)
    assert model.n_features_in_ == 6
    assert model.input_scaler_ is None
    assert model.network_.inputs == len(model.preprocessing_.names)
    assert model.network_.dtype == np.float32
    values = regressor().fit(FRAME.iloc[train], VALUES[train])
    assert values.score(FRAME.iloc[test], VALUES[test]) > 0.9


def test_frames_of_polars_and_copies_predict_the_same():
    model = classifier().fit(FRAME, LABELS)
    expected = model.predict_proba(FRAME)
    for same in (pl.from_pandas(FRAME), FRAME.astype({"shop": str}), FRAME.convert_dtypes()):
        np.testing.assert_array_equal(model.predict_proba(same), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict_proba(FRAME), expected)
    np.testing.assert_array_equal(
        clone(model).fit(pl.from_pandas(FRAME), LABELS).predict_proba(FRAME), expected
    )
    np.testing.assert_allclose(model.predict_proba(FRAME[:1]), expected[:1], rtol=1e-5)


def test_cross_validation_pipelines_and_searches():
    scores = cross_val_score(classifier(), FRAME, LABELS, cv=3)
    assert scores.mean() > 0.75
    pipeline = make_pipeline(FunctionTransformer(lambda x: x.drop(columns="when")), classifier())
    assert cross_val_score(pipeline, FRAME, LABELS, cv=3).mean() > 0.75
    search = GridSearchCV(classifier(), {"preprocessing": ["table", Encoding("standard")]}, cv=2)
    assert search.fit(FRAME, LABELS).best_score_ > 0.7


def test_kinds_are_learned_in_the_first_call():
    model = classifier().partial_fit(FRAME[:100], LABELS[:100], classes=["no", "yes"])
    first = model.preprocessing_
    model.partial_fit(FRAME[100:], LABELS[100:])
    assert model.preprocessing_ is first
    again = classifier(warm_start=True).fit(FRAME[:100], LABELS[:100])
    learned = again.preprocessing_
    assert again.fit(FRAME, LABELS).preprocessing_ is learned
    assert again.set_params(warm_start=False).fit(FRAME, LABELS).preprocessing_ != learned


def test_validation_data_are_a_table_too():
    parts = train_test_split(FRAME, LABELS, random_state=0)
    x, x_val, t, t_val = parts
    for scoring in (None, "balanced_accuracy", "roc_auc", "loss"):
        model = classifier(scoring=scoring).fit(x, t, X_val=x_val, y_val=t_val)
        assert len(model.validation_scores_) == 30
    best = classifier(early_stopping=True, scoring="accuracy", n_iter_no_change=50).fit(FRAME, LABELS)
    assert best.best_validation_score_ > 0.8
    accuracy = classifier(scoring="accuracy").fit(x, t, X_val=x_val, y_val=t_val)
    assert accuracy.validation_scores_[-1] == accuracy.score(x_val, t_val)


def test_an_array_is_numbers():
    x = RNG.normal(size=(N, 4)) * [1.0, 100.0, 1e6, 1.0]
    x[:, 3] = RNG.integers(0, 3, N)
    t = x[:, 0] + x[:, 3]
    model = regressor().fit(x, t)
    scaled = RobustScaler().fit_transform(x)
    expected = model.network_.predict((scaled / np.sqrt(1 + (scaled / 3) ** 2)).astype(np.float32))
    np.testing.assert_allclose(
        model.predict(x), model.target_scaler_.inverse_transform(expected)[:, 0], rtol=1e-4
    )
    assert model.preprocessing_.numbers == model.network_.inputs == 4
    np.testing.assert_array_equal(model.predict(x.tolist()), model.predict(x))
    x[::7, 1] = np.nan
    model = regressor().fit(x, t)
    assert model.network_.inputs == 5
    assert np.isfinite(model.predict(x)).all()
    np.testing.assert_allclose(model.predict(x[:1]), model.predict(x)[:1], rtol=1e-5)
    np.testing.assert_allclose(model.predict(x.astype(object)), model.predict(x), rtol=1e-5)
    with pytest.raises(ValueError, match="infinity"):
        model.predict(np.full((1, 4), np.inf))


def test_an_array_of_mixed_entries():
    x = FRAME[["size", "colour", "member"]].to_numpy(object)
    model = classifier().fit(x, LABELS)
    assert model.score(x, LABELS) > 0.85
    assert model.preprocessing_.names[0] == "x0"
    assert not hasattr(model, "feature_names_in_")


def test_rows_of_weight_zero_are_not_seen():
    weight = np.where(np.arange(N) < 200, 1.0, 0.0)
    model = regressor().fit(FRAME, VALUES, sample_weight=weight)
    assert model.preprocessing_ == regressor().fit(FRAME[:200], VALUES[:200]).preprocessing_


def test_encodings():
    standard = regressor(preprocessing=Encoding("standard", clip=False)).fit(FRAME, VALUES)
    column = standard.preprocessing_.columns[0]
    np.testing.assert_allclose([column.mean, column.scale], [FRAME["size"].mean(), FRAME["size"].std(ddof=0)])
    assert regressor(preprocessing=Encoding(few=20)).fit(FRAME, VALUES).preprocessing_.categories == ()
    with pytest.warns(UnusedArgumentWarning, match="scale_inputs=True has no effect"):
        regressor(scale_inputs=True).fit(FRAME, VALUES)


@pytest.mark.parametrize("preprocessing", ["table", None])
def test_layers_before_the_first_weights(preprocessing):
    learned = {"periodic_embedding": True, "input_factors": True, "preprocessing": preprocessing}
    x = FRAME if preprocessing else FRAME[["size"]].to_numpy()
    model = regressor(**learned, max_iter=60).fit(x, VALUES)
    kinds = [type(layer).__name__ for layer in model.network_.config]
    first = ["PeriodicEmbedding", "Embedding", "LearnedScale", "Dense"]
    if preprocessing:
        assert kinds[:4] == first
        assert model.network_.config[0].columns == model.preprocessing_.numbers == 3
        assert model.network_.config[1].categories == (15,)
        assert model.score(x, VALUES) > 0.9
        unseen = model.predict(x.assign(shop="never seen"))
        np.testing.assert_array_equal(unseen, model.predict(x.assign(shop=None)))
    else:
        assert kinds[:3] == ["PeriodicEmbedding", "LearnedScale", "Dense"]
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_tags():
    tags = get_tags(classifier()).input_tags
    assert tags.allow_nan
    assert tags.categorical
    assert not tags.sparse


def _mixed(entries):
    """Whether at least half of the entries are numbers, and some are not."""
    present = [entry for entry in entries if entry is not None]
    share = np.mean([isinstance(entry, int) for entry in present]) if present else 0.0
    return 0.5 <= share < 1.0


@settings(max_examples=25)
@given(st.data())
def test_frames_of_any_columns(data):
    n = data.draw(st.integers(20, 40))
    entries = {
        "number": st.floats(-1e6, 1e6),
        "count": st.integers(-(2**40), 2**40),
        "text": st.text(max_size=3),
        "flag": st.booleans(),
        "date": st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)),
        "mixed": st.one_of(st.integers(0, 3), st.sampled_from(["a", "b", "c", "d", "e"])),
    }
    names = data.draw(st.lists(st.sampled_from(list(entries)), min_size=1, unique=True))
    held = {
        name: data.draw(st.lists(st.one_of(st.none(), entries[name]), min_size=n, max_size=n))
        for name in names
    }
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in held.items()})
    frame["index"] = np.arange(n)
    t = np.arange(n) % 2
    model = classifier(max_iter=1, batch_size="auto")
    if _mixed(held.get("mixed", [])):
        with pytest.raises(ValueError, match=r"^column 'mixed': .* expected a number; correct the entry"):
            model.fit(frame, t)
        return
    model.fit(frame, t)
    p = model.predict_proba(frame)
    assert np.isfinite(p).all()
    np.testing.assert_allclose(model.predict_proba(frame.iloc[5:]), p[5:], rtol=1e-4, atol=1e-6)


# ------------------------------------------------------------------------------------- what cannot be used


def with_column(values, name="new"):
    return FRAME.assign(**{name: values})


@pytest.mark.parametrize(
    "values",
    [
        [None] * N,
        [np.nan] * N,
        ["same"] * N,
        [1.0] * N,
        [f"name {i}" for i in range(N)],
        ["", "a", "b"] * (N // 3),
        ["", "1", "2.5"] * (N // 3),
        [True, None, False] * (N // 3),
        [1, "x", "y"] * (N // 3),
        [10**15 + i for i in range(N)],
    ],
    ids=lambda values: str(values[:3]),
)
def test_columns_that_say_little_do_no_harm(values):
    model = classifier().fit(with_column(values), LABELS)
    assert model.score(with_column(values), LABELS) > 0.8
    unseen = with_column(None).assign(colour="never seen", shop="new")
    assert np.isfinite(model.predict_proba(unseen)).all()


def test_ten_thousand_categories():
    names = [f"c{i}" for i in range(10_000)] * 2
    frame = pd.DataFrame({"c": names, "x": RNG.normal(size=20_000)})
    model = classifier(max_iter=2).fit(frame, frame["x"] > 0)
    assert model.score(frame, frame["x"] > 0) > 0.9


def test_many_columns_and_few_rows():
    wide = pd.DataFrame(RNG.normal(size=(20, 5_000)))
    t = wide[0] > 0
    for x in (wide, wide.to_numpy()):
        assert classifier(max_iter=5, batch_size="auto").fit(x, t).predict(x).shape == (20,)


def test_a_single_class():
    model = classifier(max_iter=3).fit(FRAME, ["only"] * N)
    assert set(model.predict(FRAME)) == {"only"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.assign(size=np.where(x["size"] > 60, np.inf, 1.0)), "column 'size' has inf in row"),
        (lambda x: x.drop(columns="age"), "feature names should match"),
        (lambda x: x.assign(more=1), "feature names should match"),
        (lambda x: x[list(x)[::-1]], "feature names should match"),
        (lambda x: x.assign(size="large"), "column 'size' has 'large' in row 1, expected a number; correct"),
        (lambda x: x.assign(when="tomorrow"), "column 'when' has 'tomorrow' in row 1, expected a date like"),
        (
            lambda x: x.assign(member="perhaps"),
            "column 'member' has 'perhaps' in row 1, expected true or false",
        ),
        (lambda x: x.iloc[:0], r"0 sample\(s\)"),
        (lambda x: x.rename(columns={"age": "size"}), "x names column 'size' twice"),
    ],
)
def test_refusals_at_prediction(change, message):
    model = classifier(max_iter=1).fit(FRAME, LABELS)
    with pytest.raises(ValueError, match=message):
        model.predict(change(FRAME))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([np.inf] * N, "^MLPClassifier: column 'new' has inf in row 1, expected a finite number"),
        ([1, "x", 2.5] * (N // 3), "^column 'new': column 'new' has 'x' in row 2, expected a number"),
        (
            [[1]] * N,
            "^MLPClassifier: column 'new' holds entries of type list, expected numbers, texts or dates",
        ),
        (
            ["2024-01-31"] * 200 + ["soon"] * 100,
            "column 'new' has 'soon' in row 201, expected a date like 2024-12-31",
        ),
        (pd.timedelta_range("1s", periods=N), "column 'new' holds entries of type Timedelta"),
    ],
    ids=["infinity", "mixed", "lists", "no date", "durations"],
)
def test_refusals_in_training(values, message):
    model = classifier()
    with pytest.raises(ValueError, match=message):
        model.fit(with_column(values), LABELS)
    assert not hasattr(model, "network_")


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (FRAME[["size", "size"]], ValueError, "x names column 'size' twice, expected distinct names"),
        (FRAME[[]], ValueError, r"0 feature\(s\)"),
        (
            FRAME[["colour"]].assign(colour=FRAME.index.astype(str) + "a"),
            ValueError,
            "no column that can be used",
        ),
        (csr_array(np.eye(N)), TypeError, "Sparse data was passed"),
        (np.array([[{}]] * N, dtype=object), TypeError, "entry of type dict; an argument must be a string"),
        (FRAME["size"], ValueError, "Expected 2D array"),
        (pl.from_pandas(FRAME).lazy(), ValueError, "polars.LazyFrame, expected a data frame"),
    ],
)
def test_what_is_no_table(x, error, message):
    with pytest.raises(error, match=message):
        classifier().fit(x, LABELS)


def test_missing_targets_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        regressor().fit(FRAME, np.where(np.arange(N) == 3, np.nan, VALUES))


@pytest.mark.parametrize("preprocessing", ["tables", 1, {"scaling": "robust"}])
def test_the_argument(preprocessing):
    with pytest.raises(ValueError, match="'preprocessing' parameter"):
        classifier(preprocessing=preprocessing).fit(FRAME, LABELS)
