"""The trivial answer and the linear model, beside scikit-learn's on the same inputs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from deltaprop.commands import baselines
from deltaprop.commands.baselines import Always, compare, linear_model, one_hot
from deltaprop.commands.prepare import _assemble, prepare
from deltaprop.commands.settings import Settings


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A file of numbers, a column of many categories, unequal classes and two quantities."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    town = rng.integers(0, 15, 400)
    rare = x[:, 0] + (town % 3 == 0) + rng.normal(size=400) > 2
    price = 300 + 40 * x[:, 1] + 10 * town + rng.normal(size=400)
    data = {"a": x[:, 0], "b": x[:, 1], "town": [f"t{i}" for i in town], "rare": np.where(rare, "yes", "no")}
    path = tmp_path_factory.mktemp("data") / "table.csv"
    pd.DataFrame(data | {"price": price, "area": np.square(x[:, 0])}).to_csv(path, index=False)
    return str(path)


def prepared(data, *target, **options):
    return prepare(Settings(data=data, target=target, layers=(4,), epochs=1, **options))


def compared(run):
    outputs = {name: run.network.forward(part.x) for name, part in run.parts.items()}
    comparisons, remarks = compare(run, outputs)
    return {other.name: other.scores for other in comparisons}, remarks, outputs


@pytest.mark.parametrize(("data", "c"), [("iris", 1.0), ("breast_cancer", 2.0)])
def test_the_linear_model_of_classes_is_logistic_regression(data, c):
    """Of two classes scikit-learn has one row of weights, the difference of two: half the penalty."""
    run = prepared(data)
    train, test = run.parts["train"], run.parts["test"]
    answers = linear_model(run.parts, run.preprocessing, run.scoring)["test"]
    theirs = LogisticRegression(C=c, max_iter=1000, tol=1e-8).fit(train.x.astype(float), train.t)
    np.testing.assert_allclose(answers.values, theirs.predict_proba(test.x.astype(float)), atol=1e-3)
    np.testing.assert_array_equal(answers.labels, theirs.predict(test.x.astype(float)))


def test_the_linear_model_of_values_is_ridge_regression(table):
    run = prepared(table, "price", "area", drop=("rare",))
    assert run.preprocessing.categories  # as codes
    x = {
        name: one_hot(part.x, run.preprocessing.categories).astype(float) for name, part in run.parts.items()
    }
    t = run.parts["train"].t.astype(float)
    mean, scale = t.mean(axis=0), t.std(axis=0)
    theirs = Ridge(alpha=1.0).fit(x["train"], (t - mean) / scale).predict(x["test"]) * scale + mean
    answers = linear_model(run.parts, run.preprocessing, run.scoring)["test"]
    wanted = run.preprocessing.decode_target(theirs)
    np.testing.assert_allclose(answers.values, wanted, rtol=1e-4, atol=0.01)


def test_it_learns_from_targets_as_they_are_too(table):
    """Poisson's are not standardized."""
    run = prepared(table, "price", drop=("rare", "area"), loss="poisson")
    answers = linear_model(run.parts, run.preprocessing, run.scoring)["test"]
    assert metrics.r2_score(run.parts["test"].truth, answers.values) > 0.9


def test_the_trivial_answer_to_classes(table):
    run = prepared(table, "rare", drop=("price", "area"))
    scores, *_ = compared(run)
    dummy = DummyClassifier(strategy="prior").fit(run.parts["train"].x, run.parts["train"].t)
    for name, part in run.parts.items():
        share, labels = dummy.predict_proba(part.x)[:, 1], dummy.predict(part.x)
        assert scores["always 'no'"][name] == pytest.approx(
            {
                "accuracy": metrics.accuracy_score(part.t, labels),
                "balanced accuracy": 0.5,
                "average precision": metrics.average_precision_score(part.t, share),
                "recall of yes": 0.0,
            }
        )


def test_the_trivial_answer_to_values_is_the_mean_and_by_mae_the_median(table):
    run = prepared(table, "price", drop=("rare", "area"))
    scores, *_ = compared(run)
    train, t = (np.asarray(run.parts[name].data.t) for name in ("train", "test"))
    mean, median = (DummyRegressor(strategy=s).fit(train, train).predict(t) for s in ("mean", "median"))
    assert scores["always the mean"]["test"] == pytest.approx(
        {
            "R²": metrics.r2_score(t, mean),
            "MAE": metrics.mean_absolute_error(t, median),
            "RMSE": metrics.root_mean_squared_error(t, mean),
        },
        rel=1e-5,
    )
    always = Always("always the mean", np.zeros(1), np.ones(1))
    by_mae = prepared(table, "price", drop=("rare", "area"), metric="mae").scoring.judge
    assert always.words(by_mae) == "always answering the median"
    assert always.words(run.scoring.judge) == "always answering the mean"


def test_each_part_is_compared_and_the_network_as_it_is():
    run = prepared("wine")
    scores, remarks, outputs = compared(run)
    assert list(scores) == ["network", "always 'class_1'", "linear model"]
    assert all(list(parts) == ["train", "validation", "test"] for parts in scores.values())
    labels = outputs["test"].argmax(axis=1)
    assert scores["network"]["test"]["accuracy"] == metrics.accuracy_score(run.parts["test"].t, labels)
    assert remarks[-1].startswith("A linear model does better")  # than a network before its training
    assert compared(run)[:2] == (scores, remarks)


@pytest.mark.parametrize(
    ("early", "late"),
    [([5.0] * 70, np.arange(30.0)), (10.0**17 + 64 * np.arange(70), 10.0**17 + 64 * np.arange(30))],
)
def test_errors_are_those_of_the_target_that_hardly_varies_in_the_training_part(tmp_path, early, late):
    path = tmp_path / "late.csv"
    t = np.concatenate([early, late])
    pd.DataFrame({"time": np.arange(100), "a": np.arange(100) % 7, "y": t}).to_csv(path, index=False)
    run = prepared(str(path), "y", time="time", test=0.3, validation=0.0)
    scores, _, outputs = compared(run)
    mean, y = np.full(30, np.mean(early)), run.scoring.answers(run.network, outputs["test"]).values[:, 0]
    for name, values in {"network": y, "always the mean": mean}.items():
        assert scores[name]["test"]["R²"] == pytest.approx(metrics.r2_score(late, values))
        assert scores[name]["test"]["RMSE"] == pytest.approx(metrics.root_mean_squared_error(late, values))
    assert scores["linear model"]["test"]["RMSE"] > 1
    single = "target 'y' has a single value in the training part (5): the network cannot learn it"
    assert (single in run.dataset.notes) == (early[0] == early[1])


def test_a_trend_leaves_the_range_of_training(tmp_path):
    """The network's values are kept within it, which is said; a line goes on."""
    path = tmp_path / "trend.csv"
    pd.DataFrame({"t": np.arange(100), "y": 3.0 * np.arange(100)}).to_csv(path, index=False)
    options = {"time": "t", "keep": ("t",), "test": 0.2}
    scores, said, _ = compared(prepared(str(path), "y", **options))
    assert 0 > scores["linear model"]["test"]["R²"] > scores["network"]["test"]["R²"] + 5
    kept = "within which predictions are kept (otherwise: --no-clamp-outputs)."
    assert said[-1] == f"20 of 20 test targets are outside the range of the training targets, {kept}"
    assert kept not in compared(prepared(str(path), "y", **options, clamp_outputs=False))[1][-1]


def test_the_test_part_does_not_decide_by_which_class_training_stops(tmp_path):
    parts = {"train": "aaaabbc", "validation": "ab", "test": "abc"}
    run = prepared("iris")
    x, of = run.parts["train"].x, {}
    for metric in ("accuracy", "recall"):
        made = {
            name: replace(
                run.parts["train"], x=x[: len(labels)], t=np.array(["abc".index(label) for label in labels])
            )
            for name, labels in parts.items()
        }
        settings = run.settings.given(metric=metric)
        scoring = _assemble(settings, run.dataset, made, run.preprocessing).scoring
        of[metric] = next(measure.label for measure in scoring.measures if measure.name == "recall")
    assert of == {"accuracy": "recall of virginica", "recall": "recall of versicolor"}


def test_without_a_part_held_out_nothing_is_said():
    scores, remarks, _ = compared(prepared("iris", validation=0.0, test=0.0))
    assert list(scores["network"]) == ["train"]
    assert remarks == []


def test_what_would_take_too_long_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(baselines, "TOO_MANY", 100)
    scores, remarks, _ = compared(prepared("iris"))
    assert "linear model" not in scores
    assert "No linear model" in remarks[-1]


def test_many_samples_are_drawn_and_taken_in_blocks(monkeypatch):
    run = prepared("iris")
    monkeypatch.setattr(baselines, "SAMPLES", 20)
    answers = linear_model(run.parts, run.preprocessing, run.scoring)
    chosen = np.sort(np.random.default_rng(0).choice(len(run.parts["train"].t), 20, replace=False))
    x, t = run.parts["train"].x[chosen].astype(float), run.parts["train"].t[chosen]
    theirs = LogisticRegression(max_iter=1000, tol=1e-8).fit(x, t)
    for name, part in run.parts.items():
        np.testing.assert_allclose(
            answers[name].values, theirs.predict_proba(part.x.astype(float)), atol=1e-3
        )
