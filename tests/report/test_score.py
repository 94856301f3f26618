"""Which measures belong to which data, beside scikit-learn's values, and how they are written."""

import numpy as np
import pytest
from sklearn import metrics

from deltaprop import Dense, InputError, Network
from deltaprop.report import figures
from deltaprop.report.run import RunReport, headline
from deltaprop.report.score import Answers, Measure, format_score, of_classes, of_values
from deltaprop.training import History

RNG = np.random.default_rng(0)


def names(measures):
    return [measure.name for measure in measures]


@pytest.mark.parametrize(("largest", "unequal"), [(19, False), (20, True)])
def test_classes_are_unequal_from_twice_as_many_on(largest, unequal):
    shown = names(of_classes("abc", np.array([largest, 10, 10])))
    assert shown == (
        ["accuracy", "balanced_accuracy", "average_precision", "recall"] if unequal else ["accuracy"]
    )


def test_the_rarest_class_is_one_that_there_is_and_the_last_of_equally_rare_ones():
    by_name = {measure.name: measure for measure in of_classes("abcd", np.array([30, 10, 0, 10]))}
    assert (by_name["recall"].label, by_name["recall"].column) == ("recall of d", 3)
    assert by_name["average_precision"].column is None
    two = {measure.name: measure for measure in of_classes(("yes", "no"), np.array([1, 9]))}
    assert two["average_precision"].column == two["recall"].column == 0


def test_the_rarest_class_is_one_that_is_scored():
    shown = of_classes("abc", np.array([30, 1, 10]), there=np.array([True, False, True]))
    assert [measure.label for measure in shown][-1] == "recall of c"
    two = of_classes("ab", np.array([9, 1]), there=np.array([True, False]))
    assert two[-1].column == two[-2].column == 0
    assert of_classes("ab", np.array([9, 1]), there=np.array([False, False]))[-1].column == 1


def test_a_metric_comes_first_once():
    assert names(of_classes("ab", np.array([5, 5]), "recall")) == ["recall", "accuracy"]
    assert names(of_classes("ab", np.array([9, 1]), "recall"))[:2] == ["recall", "accuracy"]
    assert len(of_classes("ab", np.array([9, 1]), "recall")) == 4
    assert names(of_classes("ab", np.array([5, 5]), "loss")) == ["accuracy"]
    assert names(of_values("y", "mae")) == ["mae", "r2", "rmse"]
    many = [str(i) for i in range(31)]
    assert "average_precision" not in names(of_classes(many, np.arange(31) + 1))
    assert names(of_classes(many, np.arange(31) + 1, "average_precision"))[0] == "average_precision"


@pytest.mark.parametrize("metric", ["r2", "mae", "rmse", "mse"])
def test_a_metric_of_values_is_refused_for_classes(metric):
    with pytest.raises(InputError, match=f"metric is {metric} for a classification, expected accuracy"):
        of_classes("ab", np.array([5, 5]), metric)


def test_a_metric_of_classes_is_refused_for_values_and_an_error_of_several_targets():
    with pytest.raises(InputError, match="metric is recall for a regression, expected r2"):
        of_values("y", "recall")
    with pytest.raises(InputError, match="metric is rmse with 2 targets"):
        of_values("ab", "rmse")
    assert names(of_values("ab", "r2")) == ["r2", "mae", "mae", "rmse", "rmse"]


def test_measures_of_classes_are_scikit_learns():
    p = RNG.dirichlet(np.ones(2), 60)
    t = (RNG.uniform(size=60) < 0.3 * p[:, 1]).astype(int)
    answers = Answers(p, p.argmax(axis=1))
    rarest = np.bincount(t).argmin()
    measured = [measure(answers, t) for measure in of_classes("ab", np.bincount(t))]
    assert measured == pytest.approx(
        [
            metrics.accuracy_score(t, answers.labels),
            metrics.balanced_accuracy_score(t, answers.labels),
            metrics.average_precision_score(t == rarest, p[:, rarest]),
            metrics.recall_score(t, answers.labels, pos_label=rarest),
        ],
        rel=1e-12,
    )


def test_measures_of_values_are_scikit_learns_for_each_target():
    t = RNG.normal(size=(40, 2)) * [1, 100]
    y = t + RNG.normal(size=(40, 2)) * [0.3, 50]
    measured = [measure(Answers(y), t) for measure in of_values(("a", "b"))]
    assert measured == pytest.approx(
        [
            metrics.r2_score(t, y),
            *metrics.mean_absolute_error(t, y, multioutput="raw_values"),
            *metrics.root_mean_squared_error(t, y, multioutput="raw_values"),
        ],
        rel=1e-12,
    )


def test_errors_count_down():
    assert [Measure(name, "").sign for name in ("accuracy", "r2", "mae", "rmse")] == [1, 1, -1, -1]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("accuracy", 0.98125, "98.12 %"),
        ("balanced accuracy", 0.5, "50.00 %"),
        ("recall of MAE", 1.0, "100.00 %"),
        ("average precision", 0.8765, "0.876"),
        ("R²", -0.25, "-0.250"),
        ("MAE of accuracy", 41.257, "41.26"),
        ("RMSE", 101.0, "101.0"),
        ("RMSE", 2103.4, "2103"),
        ("recall of x", float("nan"), "–"),
        ("score", 0.5, "0.500"),  # of a file that names none
    ],
)
def test_format_score(name, value, text):
    assert format_score(name, value) == text


def test_curves_of_a_chosen_measure_are_labelled_with_it_and_errors_are_positive(monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        "deltaprop.report.charts.line_chart",
        lambda title, epochs, series, **options: drawn.update({title: (series, options)}),
    )
    history = History(["epoch", "train_loss", "validation_score", "seconds"], "validation_score")
    for epoch, score in enumerate([-5.0, -3.0, -4.0], 1):
        history.append({"epoch": epoch, "train_loss": 1.0, "validation_score": score, "seconds": 0.1})
    figures.learning(history, "MAE")
    series, options = drawn["MAE"]
    assert series["validation"].tolist() == [5, 3, 4]
    assert (options["ylabel"], options["mark"], options["percent"]) == (
        "validation MAE",
        (2, "best epoch: 2"),
        False,
    )
    figures.learning(history, "MAE", marked=False)  # of the network after folds, which keeps its last weights
    assert drawn["MAE"][1]["mark"] is None
    figures.learning(history, "recall of Ill")
    assert drawn["Recall of Ill"][0]["validation"].tolist() == [-5, -3, -4]
    network = Network([Dense(1)], inputs=1)
    page = RunReport(
        name="n", data_summary=(), score_name="MAE", scores={}, history=history, message="", network=network
    )
    assert headline_of(page)[:2] == ("best epoch", "2")
    assert headline_of(page)[2] == ["of 3, by validation MAE"]


def headline_of(page):
    return next(item for item in headline(page) if item[0] == "best epoch")
