"""``deltaprop experiment``: what it prints, the files it leaves, and what it refuses."""

import json
from html.parser import HTMLParser
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from deltaprop.cli import main
from deltaprop.errors import InputError
from deltaprop.experiments import Experiment, Less, Measured, course, gallery
from deltaprop.experiments.measuring import measure_arms
from deltaprop.experiments.networks import mnist
from deltaprop.plots import figure_of, styled


def _measure(setting):
    if setting.problem is not None and setting.problem.loss == "squared_error":
        raise InputError("quick: the targets are numbers, expected classes; give others.")
    rng = np.random.default_rng(0)
    noise = {seed: rng.normal() for seed in range(9)}
    return measure_arms(
        setting, {"short": 1, "long": 5}, lambda k, seed: {"length": k + 0.1 * noise[seed]}, seeds=3
    )


def _draw(measured: Measured, palette) -> Figure:
    axes = styled(None, palette)
    axes.plot(measured.table["length"])
    return figure_of(axes)


QUICK = Experiment(
    title="A quick one <b>&",
    items=("D2",),
    source="nobody",
    method="Two lengths.",
    claims=(Less("length", "short", "long"),),
    measure=_measure,
    draw=_draw,
    own_data=True,
)


@pytest.fixture(autouse=True)
def _three_experiments(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in list(course.EXPERIMENTS):
        monkeypatch.delitem(course.EXPERIMENTS, name)
    for name, own in (("first", True), ("second", True), ("third", False)):
        monkeypatch.setitem(
            course.EXPERIMENTS, name, QUICK if own else Experiment(**vars(QUICK) | {"own_data": False})
        )


def run(*arguments, jobs="1"):
    return main(["experiment", "run", "--jobs", jobs, *map(str, arguments)])


def refused(capsys, *arguments):
    capsys.readouterr()
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_the_list_names_items_and_experiments(capsys):
    assert main(["experiment", "list"]) == 0
    said = capsys.readouterr().out
    assert "D2" in said
    assert "first, second, third" in " ".join(said.split())


def test_a_run_leaves_its_files_and_a_page(tmp_path, capsys):
    assert run("second", "first", "--seeds", 4, "--out", "new/folder") == 0
    said, out = capsys.readouterr().out, tmp_path / "new" / "folder"
    assert "borne out" in said
    assert "2 borne out" in said
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        *(f"{name}.{kind}" for name in ("first", "second") for kind in ("json", "csv", "png", "svg")),
    }
    record = json.loads((out / "first.json").read_text("utf-8"))
    table = pd.read_csv(out / "first.csv")
    assert (len(table), table["seed"].max()) == (8, 3)
    assert record["command"] == "deltaprop experiment run first --seeds 4"
    means = table.groupby("arm")["length"].mean()
    assert {arm: float(mean) for arm, mean in record["summary"][1:]} == pytest.approx(
        means.to_dict(), rel=1e-3
    )
    effect = np.exp(np.log(table["length"][4:].to_numpy() / table["length"][:4].to_numpy()).mean())
    assert record["verdicts"][0]["effect"] == pytest.approx(effect)


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sources = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found.get("id")}
        self.links += [found["href"]] if tag == "a" else []
        self.sources += [
            found[key] for key in ("src", "href") if key in found and tag in ("script", "link", "img")
        ]


def test_the_page_is_complete_and_needs_nothing_else(tmp_path):
    run("first", "--out", tmp_path)
    run("third", "--out", tmp_path)  # results of another run stay
    text = (tmp_path / "index.html").read_text("utf-8")
    page = _Page(text)
    assert page.links == ["#first", "#third"]
    assert {"first", "third"} <= page.ids
    assert not page.sources
    assert text.count("<svg") == 2
    assert "A quick one &lt;b&gt;&amp;" in text
    assert "deltaprop experiment run third" in text


@pytest.mark.parametrize("content", ["{bad", "[]", '{"name": "second"}', "\udcff"])
def test_a_damaged_result_is_left_out_of_the_page(content, tmp_path):
    (tmp_path / "second.json").write_text(content, "utf-8", errors="surrogateescape")
    (tmp_path / "second.svg").write_text("<svg></svg>")
    assert run("first", "--out", tmp_path) == 0
    text = (tmp_path / "index.html").read_text("utf-8")
    assert 'id="first"' in text
    assert 'id="second"' not in text


def test_columns_are_left_out_and_read_as_categories():
    rows = "\n".join(f"{k % 3},7,{k * k % 11},{'ab'[k % 2]}" for k in range(60))
    Path("table.csv").write_text(f"kind,constant,size,class\n{rows}\n")
    options = ("--data", "table.csv", "--target", "class", "--drop", "constant", "--category", "kind")
    assert run("first", *options) == 0
    command = json.loads(Path("gallery", "first.json").read_text("utf-8"))["command"]
    assert command.endswith(" ".join(options))


def test_data_of_ones_own(capsys):
    assert run("--all", "--data", "iris") == 0
    assert "deltaprop experiment run first --data iris" in (Path("gallery") / "first.json").read_text("utf-8")
    assert not (Path("gallery") / "third.json").exists()


def test_what_cannot_be_run_on_the_data_is_named_and_the_rest_goes_on(capsys):
    assert run("--all", "--data", "diabetes") == 0
    said = capsys.readouterr()
    assert "first: quick: the targets are numbers" in said.err
    assert "2 not run" in said.out
    assert run("first", "--data", "diabetes") == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_failure_does_not_end_the_others(jobs, monkeypatch, capsys):
    broken = Experiment(**vars(QUICK) | {"draw": lambda measured, palette: 1 / 0})
    monkeypatch.setitem(course.EXPERIMENTS, "first", broken)
    monkeypatch.setattr(
        gallery, "joblib", _Sequential
    )  # other processes would not see the experiments of this test
    assert run("--all", jobs=jobs) == 1
    said = capsys.readouterr()
    assert "first: failed by a bug: ZeroDivisionError" in said.err
    assert "2 borne out" in said.out
    assert 'id="third"' in Path("gallery", "index.html").read_text("utf-8")


class _Sequential:
    """joblib in one process."""

    delayed = staticmethod(joblib.delayed)

    @staticmethod
    def Parallel(jobs, **options):
        return joblib.Parallel(1, **options)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a name or --all"),
        (("first", "--all"), "either, not both"),
        (("nonsense",), "'nonsense', expected one of first"),
        (("first", "--seeds", "0"), "--seeds is 0"),
        (("first", "--target", "y"), "--data"),
        (("first", "--data", "absent.csv"), "absent.csv does not exist"),
        (("third", "--data", "iris"), "expected one of first, second"),
        (("third", "--data", "absent.csv"), "expected one of first, second"),
        (("first", "--drop", "a"), "--drop without --data"),
        (("first", "--out", __file__), "a file, expected a folder"),
    ],
)
def test_bad_lines_are_refused_before_anything_runs(arguments, words, capsys, tmp_path):
    assert words in refused(capsys, *arguments)
    assert not list(tmp_path.iterdir())


def test_nothing_is_downloaded(monkeypatch, tmp_path):
    monkeypatch.delenv("DELTAPROP_DATA", raising=False)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"neither in .* nor in scikit-learn's cache"):
        mnist.images()
