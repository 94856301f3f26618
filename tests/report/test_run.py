"""The report of real runs: one file, nothing from outside, every part there."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from deltaprop import Dense, Network
from deltaprop.cli import main
from deltaprop.optimizers import SGD
from deltaprop.report.calibration import Calibration
from deltaprop.report.cases import Case
from deltaprop.report.comparison import Comparison
from deltaprop.report.dependence import Dependence
from deltaprop.report.importance import Importance
from deltaprop.report.run import Predictions, RunReport, render
from deltaprop.report.score import Score
from deltaprop.training import History, fit


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, str]:
    """The reports of a classification of images and of a regression."""
    found = {}
    for name, layers in (("digits", "16,8"), ("diabetes", "4")):
        path = tmp_path_factory.mktemp("runs") / name
        assert main(["train", name, "--epochs", "3", "--layers", layers, "--out", str(path)]) == 0
        found[name] = Path(path, "report.html").read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_nothing_is_fetched(pages, name):
    page = pages[name]
    outside = re.findall(
        r"""(?:src|href)\s*=\s*["'](?!data:|#)[^"']*|url\((?!#|"?data:)[^)]*|@import|<script""", page
    )
    assert outside == []


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_every_part_is_there(pages, name):
    parts = [
        "Gradient norm",
        "Update to weight",
        "deltaprop train --config",
        "learning_rate",
        "viewport",
        "color-scheme",
    ]
    own = {
        "digits": [
            "Dead units",
            "Saturated units",
            "Confusion matrix",
            "Scores by class",
            "Worst errors",
            "test accuracy",
        ],
        "diabetes": ["Predicted and true", "test R²"],
    }
    for part in parts + own[name]:
        assert part in pages[name], part


def report(history: History, **facts) -> str:
    known = {"name": "n", "data_summary": (), "score_name": "accuracy", "scores": {}, "message": ""}
    return render(RunReport(**known | {"network": Network([Dense(1)], inputs=1), "history": history} | facts))


def test_a_run_without_an_epoch_or_a_held_out_part_has_a_report():
    page = report(History(["epoch", "train_loss", "seconds"]))
    assert "Network" in page
    assert "Learning" not in page


def test_a_perfect_result_has_no_mistakes_to_show():
    t = np.array([0, 1, 1])
    images = np.zeros((3, 2, 2))
    page = report(
        History(["epoch", "train_loss", "seconds"]),
        scores={"test": Score(1.0, 0.0, 3)},
        class_names=("a", "b"),
        predictions=Predictions("test", t, t, np.eye(2)[t], images),
    )
    assert "0 of 3 test samples are misclassified" in page
    assert "Worst errors" not in page


def test_the_interval_of_a_test_accuracy_is_that_of_wilson():
    page = report(History(["epoch", "train_loss", "seconds"]), scores={"test": Score(0.9, 0.1, 50)})
    interval = binomtest(45, 50).proportion_ci(method="wilson")
    assert f"95\u00a0% interval {100 * interval.low:.1f}–{100 * interval.high:.1f}\u00a0%" in page


def test_the_most_certain_mistake_comes_first():
    t, y = np.array([0, 0, 1]), np.array([1, 1, 1])
    probabilities = np.array([[0.4, 0.6], [0.1, 0.9], [0.0, 1.0]])
    page = report(
        History(["epoch", "train_loss", "seconds"]),
        class_names=("a", "b"),
        predictions=Predictions("test", y, t, probabilities, np.zeros((3, 2, 2))),
    )
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == ["a → b (90 %)", "a → b (60 %)"]


def test_scores_by_class_are_those_of_the_definition():
    t, y = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    page = report(
        History(["epoch", "train_loss", "seconds"]),
        class_names=("a", "b", "c"),
        predictions=Predictions("test", y, t),
    )
    cells = re.findall(r"<td(?: class=\"n\")?>([^<]*)</td>", page[page.index("precision") :])
    assert cells[:12] == ["a", "100.0 %", "66.7 %", "3", "b", "50.0 %", "100.0 %", "1", "c", "–", "–", "0"]
    assert '<td>a</td><td class="n">100.0 %</td>' in page


EPOCHS = History(["epoch", "train_loss", "validation_score", "gradient_norm_0", "seconds"])
EPOCHS.extend(np.array([[1, 0.5, 0.7, 2.0, 0.1], [2, 0.25, 0.8, 1.0, 0.1]]))


def everything(text: str = "a") -> str:
    """A report with all its parts, of which every text is the same."""
    bins = np.array([0.2, 0.8])
    return report(
        EPOCHS,
        name=text,
        data_summary=[text, text],
        scores={"test": Score(0.9, 0.1, 30)},
        message=text,
        class_names=(text, "b"),
        predictions=Predictions("test", np.array([1]), np.array([0]), np.eye(2)[:1], np.zeros((1, 2, 2))),
        verdict=[text],
        comparison=[
            Comparison(name, {"test": {"accuracy": score}}) for name, score in (("network", 0.9), (text, 0.5))
        ],
        folds={"accuracy": [0.7, 0.9]},
        importances=[Importance(text, 0.25, 0.125)],
        importance_measure="accuracy",
        importance_note=text,
        dependences=[Dependence(text, [text, "b"], np.array([[0.3, 0.7], [0.6, 0.4]]), [text, "b"], bins)],
        calibration=Calibration(bins, bins, bins - 0.1, bins + 0.1, np.array([20, 10]), 0.0),
        calibrated=text,
        cases=[Case(17, text, "b", 0.75, {text: text})],
        settings={text: {text: text}},
        versions={text: text},
        command=text,
    )


def test_importance_that_takes_too_long_is_said_to():
    page = report(History(["epoch", "train_loss", "seconds"]), importance_note="That takes too long.")
    assert re.search(r"<h2>Which columns matter</h2>\s*<p class=\"soft\">That takes too long\.</p>", page)
    assert "Permutation importance" not in page


def test_the_most_important_comes_first():
    titles = [
        "Data",
        "Result",
        "Comparison",
        "Which columns matter",
        "Errors",
        "Worst cases",
        "Learning curves",
    ]
    titles += ["Layer diagnostics", "Network", "Configuration", "Reproduce"]
    assert re.findall("<h2>(.*?)</h2>", everything()) == titles


def test_the_numbers_of_every_part_are_on_the_page():
    page = everything()
    for shown in (
        "<br>a: 50.00",  # beside the score
        '<td>accuracy</td><td class="n">90.00 %</td><td class="n">50.00 %</td>',
        "80.00 % ± 14.14 %",
        "a: 25 ± 12.5",
        "a b 70 %; b b 40 %",
        "predicted 20 %, observed 20 % (10–30 %), 20 samples",
        "<td>17</td>",
        "75 %",
    ):
        assert shown in page, shown


def test_of_a_regression_the_errors_are_numbers():
    page = report(
        EPOCHS,
        score_name="R²",
        target_names=["price", "rent"],
        predictions=Predictions(
            "test", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.5, 2.0], [3.0, 5.0]])
        ),
        dependences=[
            Dependence("area", [1.0, 2.0], np.array([[5.0, 7.0], [6.0, 9.0]]), ["price", "rent"], [1.5])
        ],
        cases=[Case(3, "5", "4", -1.0, {"area": "2"})],
    )
    assert {"Errors of price", "Predicted and true rent", "area → rent"} <= set(
        re.findall("<h3>(.*?)</h3>", page)
    )
    assert '<td class="n">−1</td>' in page


def test_of_many_classes_the_most_frequent_confusions_are_a_list():
    names = [f"class {i}" for i in range(40)]
    t = np.arange(40)
    page = report(EPOCHS, class_names=names, predictions=Predictions("test", np.where(t < 2, 5, t), t))
    assert '<td>class 0</td><td>class 5</td><td class="n">1</td>' in page
    assert "Confusion matrix" not in page


def test_a_page_needs_no_plotting_library():
    libraries = "matplotlib", "scipy.stats", "sklearn", "pandas"
    code = f"import sys, deltaprop.report.run; print(set({libraries}) & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


class Parsed(HTMLParser):
    """Checks that tags close in order, and collects tags and text."""

    VOID = frozenset({"meta", "img", "br", "link", "input"})

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@example("<script>alert('&amp;')</script>")
@settings(max_examples=10)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_is_shown_as_it_is_and_never_as_markup(text):
    page = Parsed(everything(text))
    assert "script" not in page.tags
    assert "".join(page.text).count(text) >= 20


def test_the_report_of_a_run_that_explodes_names_the_epoch_that_its_message_names():
    x = np.random.default_rng(0).normal(size=(40, 2))
    history = fit(
        Network([Dense(1)], inputs=2), x, x[:, :1] * 3, optimizer=SGD(2.2), epochs=500, batch_size=None
    )
    kept = re.search(r"The weights of epoch (\d+), the last good ones, are kept\.$", history.message)[1]
    assert f"the weights are those of epoch {kept}<" in report(history)


def test_every_page_closes_its_tags(pages):
    for page in pages.values():
        assert "h2" in Parsed(page).tags
