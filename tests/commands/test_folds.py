"""``deltaprop train --folds``: no leak between folds, the scores of scikit-learn, and the same after a kill."""

import base64
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deltaprop import Network
from deltaprop.cli import main
from deltaprop.commands.fitting import fit_network
from deltaprop.commands.folder import RunFolder
from deltaprop.commands.folds import cross_validate, prepare_fold
from deltaprop.commands.prepare import prepare, split_data
from deltaprop.commands.settings import Settings
from deltaprop.data import Encoding, Preprocessing
from deltaprop.data.split import fold_parts, folds
from deltaprop.errors import InputError
from deltaprop.functions.temperature import temperature
from deltaprop.sweeps.training import Training

pytestmark = pytest.mark.usefixtures("without_figures")

ASKED = ["--folds", "3", "--epochs", "12", "--layers", "4", "--validation", "0.2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, without_figures):
    """A finished cross-validation; not to be changed."""
    path = tmp_path_factory.mktemp("folds") / "run"
    assert main(["train", "wine", *ASKED, "--out", str(path)]) == 0
    return path


def header(path):
    return RunFolder(path).read_model()[1]


def results(path):
    return [json.loads(line) for line in (path / "folds.jsonl").read_text().splitlines()[1:]]


def test_scores_are_mean_and_spread_over_the_folds(run, capsys):
    lines = results(run)
    assert [line["fold"] for line in lines] == [1, 2, 3]
    accuracies = [line["measures"][0]["accuracy"] for line in lines]
    score = header(run).scores["cross-validation"]
    assert score.score == score.measures["accuracy"] == pytest.approx(np.mean(accuracies))
    assert score.spread["accuracy"] == pytest.approx(statistics.stdev(accuracies))
    assert score.loss == pytest.approx(np.mean([line["loss"] for line in lines]))
    assert score.samples == 178
    assert main(["show", str(run)]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines()]
    assert ["cross-validation", f"{100 * np.mean(accuracies):.2f}", "%", f"{score.loss:.4f}", "178"] in rows
    assert ["±", "of", "the", "folds", f"{100 * statistics.stdev(accuracies):.2f}", "%"] in rows
    assert "±: the standard deviation over the folds, with n − 1" in out
    assert "linear model: in cross-validation" in out


def test_the_network_of_all_data_is_trained_for_the_median_of_the_epochs(run):
    epochs = sorted(line["epochs"] for line in results(run))
    history = pd.read_csv(run / "history.csv")
    assert len(history) == epochs[1]
    assert "validation_loss" not in history
    assert header(run).scores["train"].samples == 178
    assert f"trained for {epochs[1]} epochs" in header(run).message
    assert tomllib.loads((run / "config.toml").read_text())["training"]["epochs"] == 12


def test_the_temperature_is_that_of_the_samples_that_were_left_out(run, tmp_path):
    """Each fold has its own from its validation part; that of all data is found on the outputs of all folds."""
    plain = tmp_path / "plain"
    assert main(["train", "wine", *ASKED, "--no-calibrate", "--out", str(plain)]) == 0
    data = prepare(settings_of(run)).dataset
    z, t = [], []
    for line, sure, fold in zip(results(run), results(plain), folds(data, 3, 0), strict=True):
        outputs, before = (
            np.frombuffer(base64.b64decode(one["outputs"]), np.float32).reshape(-1, 3) for one in (line, sure)
        )
        np.testing.assert_allclose(outputs * line["temperature"], before, rtol=1e-5)
        assert (sure["temperature"], line["temperature"] != 1.0) == (1.0, True)
        z.append(before)
        t.append(data.codes[fold.test])
    calibrated, network = (Network.load(path / "model.safetensors") for path in (run, plain))
    scale = temperature(network.loss, np.concatenate(z), np.concatenate(t))
    last = calibrated.layers[-1].arrays, network.layers[-1].arrays
    np.testing.assert_allclose(last[0]["w"] * scale, last[1]["w"], rtol=1e-5)


def test_the_configuration_repeats_the_run(run, tmp_path, capsys):
    again = tmp_path / "again"
    assert main(["train", "--config", str(run / "config.toml"), "--out", str(again)]) == 0
    assert (again / "folds.jsonl").read_text() == (run / "folds.jsonl").read_text()
    one, other = (Network.load(path / "model.safetensors").theta for path in (run, again))
    np.testing.assert_array_equal(one, other)


def settings_of(run):
    return Settings.from_toml(run / "config.toml")[0]


def test_a_fold_sees_its_own_training_part_alone(run):
    settings = settings_of(run)
    prepared = prepare(settings)
    data = prepared.dataset
    for parts, fold in zip(fold_parts(data, 3, 0.2, 0), folds(data, 3, 0), strict=True):
        made = prepare_fold(prepared, parts)
        assert made.preprocessing == Preprocessing.learn(parts.train, encoding=encoding(settings))
        np.testing.assert_array_equal(made.parts["test"].data.x, data.x[fold.test])
        seen = {tuple(row) for name in ("train", "validation") for row in made.parts[name].data.x}
        assert not seen & {tuple(row) for row in data.x[fold.test]}
        assert len(seen) == len({tuple(row) for row in data.x[fold.train]})
        assert made.settings == prepared.settings


def encoding(settings):
    return Encoding(settings.scaling, clip=settings.scaling == "robust", categories=settings.categories)


def test_what_is_tested_changes_nothing_of_its_fold():
    """Other inputs in the first fold's test part, and the fold's network and preprocessing are the same."""
    prepared = prepare(Settings(data="wine", folds=3, epochs=4, layers=(3,), validation=0.2))
    data = prepared.dataset
    changed = data.x.copy()
    changed[folds(data, 3, 0)[0].test] *= 1000.0
    networks = []
    for x in (data.x, changed):
        parts = next(fold_parts(replace(data, x=x), 3, 0.2, 0))
        fold = prepare_fold(prepared, parts)
        fit_network(fold, progress=False)
        networks.append(fold.network.theta)
    np.testing.assert_array_equal(*networks)


def test_a_linear_network_scores_as_ridge_regression_in_scikit_learn(tmp_path):
    """The same folds, standardized inputs, penalty ½ l2 Σ w² of the mean of ½ (y − t)²: Ridge with α = n l2."""
    settings = Settings(
        data="diabetes",
        folds=2,
        validation=0.0,
        layers=(),
        optimizer="lbfgs",
        epochs=300,
        scaling="standard",
        l2=0.01,
        periodic_embedding=False,
        input_factors=False,
        clamp_outputs=False,
        seed=3,
    )
    prepared = prepare(settings)
    cross = cross_validate(prepared, RunFolder(tmp_path))
    data, n = prepared.dataset, 221
    ridge, parts = make_pipeline(StandardScaler(), Ridge(alpha=0.01 * n)), folds(prepared.dataset, 2, 3)
    np.testing.assert_allclose(
        cross.values("R²"), cross_val_score(ridge, data.x, data.t, cv=parts), rtol=1e-4
    )
    predicted = prepared.preprocessing.target.decode(cross.outputs)
    expected = cross_val_predict(ridge, data.x, data.t, cv=parts)
    np.testing.assert_allclose(predicted, expected[cross.rows], rtol=1e-3)
    np.testing.assert_array_equal(np.sort(cross.rows), np.arange(2 * n))
    assert cross.epochs == 300  # nothing has chosen the epoch


def unfinished(run, path, lines):
    """A copy of a run that was killed after so many lines of its log, in the middle of the next."""
    path.mkdir()
    shutil.copy(run / "config.toml", path)
    text = (run / "folds.jsonl").read_text().splitlines(keepends=True)
    (path / "folds.jsonl").write_text("".join(text[:lines]) + text[lines][:9])
    return path


def alike(one, other):
    assert (one / "folds.jsonl").read_text() == (other / "folds.jsonl").read_text()
    assert header(one).scores == header(other).scores
    first, second = (Network.load(path / "model.safetensors").theta for path in (one, other))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("lines", [1, 3])
def test_a_log_is_continued(run, tmp_path, lines):
    cut = unfinished(run, tmp_path / "cut", lines)
    assert main(["train", "--resume", str(cut)]) == 0
    alike(run, cut)
    assert sorted(path.name for path in cut.iterdir()) == sorted(path.name for path in run.iterdir())


def test_the_median_of_the_epochs(run, tmp_path):
    cut = unfinished(run, tmp_path / "cut", 3)
    head, *lines = (run / "folds.jsonl").read_text().splitlines()
    lines = [json.dumps(json.loads(line) | {"epochs": n}) for line, n in zip(lines, (9, 2, 4), strict=True)]
    (cut / "folds.jsonl").write_text("\n".join([head, *lines, ""]))
    assert main(["train", "--resume", str(cut)]) == 0
    assert len(pd.read_csv(cut / "history.csv")) == 4
    assert header(cut).message == (
        "3 folds, with the weights of epoch 9, 2, 4; then one network of all data, trained for 4 epochs."
    )


def test_other_data_are_refused(tmp_path, run, capsys):
    cut = unfinished(run, tmp_path / "cut", 2)
    config = cut / "config.toml"
    config.write_text(config.read_text().replace('data = "wine"', 'data = "iris"'))
    assert main(["train", "--resume", str(cut)]) == 2
    assert "folds.jsonl: holds trials of another search" in capsys.readouterr().err


KILLED = """
import os, signal, sys
from deltaprop import files
from deltaprop.cli import main
write = files.write

def killing(path, *content):
    write(path, *content)
    if path.name == "fold-2.safetensors":
        os.kill(os.getpid(), signal.SIGKILL)

files.write = killing
main(sys.argv[1:])
"""


def test_killed_in_a_fold_and_resumed(run, tmp_path):
    cut = tmp_path / "cut"
    asked = ["train", "wine", *ASKED, "--checkpoint-seconds", "0", "--out", str(cut)]
    killed = subprocess.run([sys.executable, "-c", KILLED, *asked], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(results(cut)) == 1
    assert (cut / "fold-2.safetensors").exists()
    assert main(["train", "--resume", str(cut)]) == 0
    alike(run, cut)
    assert not list(cut.glob("fold-*"))


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    import deltaprop.commands.folds as module

    made, real = [], module.fit_network

    def interrupted(fold, **arguments):
        history = real(fold, **arguments)
        made.append(history)
        if len(made) == 2:
            history.status = "interrupted"
        return history

    monkeypatch.setattr(module, "fit_network", interrupted)
    assert main(["train", "iris", *ASKED, "--out", str(tmp_path / "run")]) == 130
    error = capsys.readouterr().err
    assert "fold 2 of 3 is interrupted; to continue: deltaprop train --resume" in error
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_a_fold_that_diverges_is_said(tmp_path, capsys):
    out = tmp_path / "run"
    asked = ["--optimizer", "sgd", "--learning-rate", "1e12", "--loss", "squared_error", "--no-calibrate"]
    assert main(["train", "diabetes", *ASKED, *asked, "--out", str(out)]) == 1
    assert all(line["diverged"] for line in results(out))
    assert "fold 1 of 3: R² " in (error := capsys.readouterr().err)
    assert error.count("diverged") >= 3


def test_several_targets_and_a_class_that_is_never_tested(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 4)).round(3), columns=list("abst"))
    frame["kind"] = [*["x", "y"] * 19, "x", "z"]
    frame.to_csv(tmp_path / "t.csv", index=False)
    two = ["--target", "s", "--target", "t", "--drop", "kind"]
    assert main(["train", str(tmp_path / "t.csv"), *two, *ASKED, "--out", str(tmp_path / "two")]) == 0
    assert set(header(tmp_path / "two").scores["cross-validation"].spread) >= {"R²", "MAE of s", "RMSE of t"}
    kinds = ["--target", "kind", "--metric", "recall"]
    assert main(["train", str(tmp_path / "t.csv"), *kinds, *ASKED, "--out", str(tmp_path / "kinds")]) == 0
    score = header(tmp_path / "kinds").scores["cross-validation"]
    assert (score.samples, next(iter(score.measures))) == (39, "recall of y")


def test_folds_without_the_rare_class_have_no_balanced_accuracy(tmp_path):
    frame = pd.DataFrame({"a": np.arange(40.0) % 7, "kind": ["rare", *["usual"] * 19] * 2})
    frame.to_csv(tmp_path / "t.csv", index=False)
    asked = [
        "--target",
        "kind",
        "--folds",
        "4",
        "--epochs",
        "1",
        "--layers",
        "2",
        "--out",
        str(tmp_path / "run"),
    ]
    assert main(["train", str(tmp_path / "t.csv"), *asked]) == 0
    found = header(tmp_path / "run")
    of = {one.name: one.scores["cross-validation"] for one in found.comparisons}["always 'usual'"]
    assert (of["balanced accuracy"], of["accuracy"]) == (0.5, 0.95)
    assert of["average precision"] == pytest.approx(0.1)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"when": np.arange(80), "who": np.arange(80) % 9, "a": rng.normal(size=80).round(3)})
    frame["t"] = np.where(frame.a + 0.3 * rng.normal(size=80) > 0, "yes", "no")
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.iloc[:20].assign(who=99).to_csv(tmp_path / "test.csv", index=False)
    return tmp_path


def test_groups_and_times(table):
    asked = {"data": str(table / "t.csv"), "target": ("t",), "folds": 3, "validation": 0.2}
    settings, dataset, parts = split_data(Settings(group="who", drop=("when",), **asked))
    assert (len(parts["train"]), settings.test) == (80, 0.0)
    for train, validation, test in fold_parts(dataset, 3, 0.2, 0):
        assert len(set(train.groups) | set(validation.groups) | set(test.groups)) == 9
        assert len(set(train.groups)) + len(set(validation.groups)) + len(set(test.groups)) == 9
    assert "groups stay together: 3, 3, 3 of 9 in the folds" in dataset.notes
    _, dataset, _ = split_data(Settings(time="when", drop=("who",), **asked))
    for train, validation, test in fold_parts(dataset, 3, 0.2, 0):
        assert train.time.max() < validation.time.min() <= validation.time.max() < test.time.min()
    assert dataset.notes[-1].endswith("fold 1 tests 20 to 39, fold 2 40 to 59, fold 3 60 to 79")


def test_too_few_groups_within_a_fold(table, capsys):
    frame = pd.read_csv(table / "t.csv").assign(who=np.arange(80) % 2)
    frame.to_csv(table / "two.csv", index=False)
    asked = [
        "--target",
        "t",
        "--group",
        "who",
        "--folds",
        "2",
        "--validation",
        "0.2",
        "--out",
        str(table / "run"),
    ]
    assert main(["train", str(table / "two.csv"), *asked]) == 2
    assert "group has 1 different value left to choose from" in capsys.readouterr().err
    assert not (table / "run").exists()


def test_times_and_a_test_file(table, capsys):
    out = table / "run"
    asked = ["--target", "t", "--time", "when", "--drop", "who", "--test-data", str(table / "test.csv")]
    assert main(["train", str(table / "t.csv"), *asked, *ASKED, "--out", str(out)]) == 0
    scores = header(out).scores
    assert {name: score.samples for name, score in scores.items()} == {
        "train": 80, "cross-validation": 60, "test": 20,
    }  # fmt: skip
    config = Settings.from_toml(out / "config.toml")[0]
    assert (config.time, config.folds, config.test_data) == ("when", 3, str(table / "test.csv"))
    assert "20 of 20 test rows have the inputs of a training row" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--test", "0.2"], "train: test is given with folds, expected one of them"),
        (["--search", "3"], "train: search is given with folds, expected one of them"),
        (["--minutes", "1"], "train: minutes is given with folds, expected one of them"),
        (["--folds", "1"], "train: folds is 1, expected a number greater than or equal to 2"),
        (["--folds", "200"], "iris: x has 150 samples of classes with two or more, expected at least 200"),
    ],
)
def test_refused_in_a_line(options, message, tmp_path, capsys):
    assert main(["train", "iris", "--folds", "3", *options, "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_sweep_watches_both_files():
    named, files = {"data": "iris"}, {"data": "a.csv", "test_data": "b.csv"}
    assert Training.files(named, files) == {Path("a.csv"), Path("b.csv")}


def test_no_folds_in_a_sweep():
    with pytest.raises(InputError, match=r"^sweep: folds is given in a sweep, expected none"):
        Training()({"data": "iris", "folds": 3})
