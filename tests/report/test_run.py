"""The report of real runs: one file, nothing from outside, every part there."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deltaprop import Dense, Network
from deltaprop.cli import main
from deltaprop.optimizers import SGD
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
        "Learning curves",
        "Errors",
        "Layer diagnostics",
        "Network",
        "Configuration",
        "Gradient norm",
        "Update to weight",
    ]
    parts += [
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
    cells = re.findall(r"<td(?: class=\"n\")?>([^<]*)</td>", page)
    assert cells[:12] == ["a", "100.0 %", "66.7 %", "3", "b", "50.0 %", "100.0 %", "1", "c", "–", "–", "0"]
    assert '<td>a</td><td class="n">100.0 %</td>' in page


class Parsed(HTMLParser):
    """Checks that tags close in order, and collects tags and text."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "path", "use"})

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
    page = Parsed(
        report(
            History(["epoch", "train_loss", "seconds"]),
            name=text,
            data_summary=[text],
            score_name=text,
            scores={"test": Score(1.0, 0.0, 3)},
            message=text,
            class_names=(text, "b"),
            predictions=Predictions("test", np.array([1]), np.array([0]), np.eye(2)[:1], np.zeros((1, 2, 2))),
            settings={text: {text: text}},
            versions={text: text},
            command=text,
        )
    )
    assert "script" not in page.tags
    assert "".join(page.text).count(text) >= 11


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
