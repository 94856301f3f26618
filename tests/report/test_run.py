"""The report of real runs: one file, nothing from outside, every part there."""

import re
from pathlib import Path

import numpy as np
import pytest

from deltaprop.cli import main
from deltaprop.report.run import Evaluation, RunReport, confusion_matrix, render
from deltaprop.report.score import Score
from deltaprop.training import History


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
        "Learning",
        "Where it errs",
        "Inside",
        "The network",
        "Configuration",
        "Gradient norm",
        "Update to weight",
    ]
    parts += [
        "Dead units",
        "Saturated units",
        "deltaprop train --config",
        "learning_rate",
        "viewport",
        "color-scheme",
    ]
    own = {
        "digits": ["Confusion matrix", "worst mistakes", "test accuracy"],
        "diabetes": ["Errors", "test R²"],
    }
    for part in parts + own[name]:
        assert part in pages[name], part


def report(history: History, **facts) -> str:
    known = {"name": "n", "recognised": (), "score_name": "accuracy", "scores": {}, "status": ""}
    return render(
        RunReport(**known | {"drawing": [(1, "in"), (1, "out")], "layers": [], "history": history} | facts)
    )


def test_a_run_without_an_epoch_or_a_held_out_part_has_a_report():
    page = report(History(["epoch", "train_loss", "seconds"]))
    assert "The network" in page
    assert "Learning" not in page


def test_a_perfect_result_has_no_mistakes_to_show():
    t = np.array([0, 1, 1])
    images = np.zeros((3, 2, 2))
    page = report(
        History(["epoch", "train_loss", "seconds"]),
        scores={"test": Score(1.0, 0.0, 3)},
        class_names=("a", "b"),
        evaluation=Evaluation("test", t, t, np.eye(2)[t], images),
    )
    assert "none wrong" in page
    assert "worst mistakes" not in page


def test_the_most_certain_mistake_comes_first():
    t, y = np.array([0, 0, 1]), np.array([1, 1, 1])
    probabilities = np.array([[0.4, 0.6], [0.1, 0.9], [0.0, 1.0]])
    page = report(
        History(["epoch", "train_loss", "seconds"]),
        class_names=("a", "b"),
        evaluation=Evaluation("test", y, t, probabilities, np.zeros((3, 2, 2))),
    )
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == ["a → b (90 %)", "a → b (60 %)"]


def test_confusion_matrix_counts_pairs():
    rng = np.random.default_rng(0)
    t, y = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    from sklearn.metrics import confusion_matrix as oracle

    np.testing.assert_array_equal(confusion_matrix(t, y, 4), oracle(t, y))
