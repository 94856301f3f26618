"""``deltaprop sweep``: the folder, equality with ``deltaprop train``, continuing, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from deltaprop import History
from deltaprop.cli import main
from deltaprop.experiments.networks.sweep import SPEC as SWEPT
from deltaprop.sweeps.training import Training

SPEC = """
seeds = 2
metric = "validation_loss"

[settings]
data = "iris"
layers = "4"
epochs = 3
validation = 0.2

[space]
learning_rate = [0.001, 0.02]
init = ["he_normal", "glorot_uniform"]
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished sweep: the spec and the folder; not to be changed."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "iris.toml").write_text(SPEC)
    assert main(["sweep", str(folder / "iris.toml"), "--out", str(folder / "out"), "--jobs", "1"]) == 0
    return folder / "iris.toml", folder / "out"


def test_the_folder_holds_the_table_the_ranking_and_the_figure(done):
    _, out = done
    assert {path.name for path in out.iterdir()} == {
        *("spec.toml", "trials.jsonl", "results.csv", "ranking.csv", "curves.png")
    }
    assert (out / "spec.toml").read_text() == SPEC
    table = pd.read_csv(out / "results.csv")
    assert table[["combination", "seed"]].values.tolist() == [[c, s] for c in range(4) for s in range(2)]
    ranking = pd.read_csv(out / "ranking.csv")
    means = table.groupby(["learning_rate", "init"])["validation_loss"].mean().sort_values()
    assert ranking["mean_validation_loss"].tolist() == pytest.approx(means.tolist())
    assert tuple(ranking[["learning_rate", "init"]].iloc[0]) == means.index[0]


def test_a_trial_is_a_run_of_train(done, tmp_path):
    row = pd.read_csv(done[1] / "results.csv").iloc[3]
    run = tmp_path / "run"
    options = ["--layers", "4", "--epochs", "3", "--validation", "0.2", "--seed", str(row["seed"])]
    options += ["--learning-rate", str(row["learning_rate"]), "--init", row["init"]]
    assert main(["train", "iris", *options, "--out", str(run)]) == 0
    history = History.from_csv(run / "history.csv")
    assert history["validation_loss"][row["kept_epoch"] - 1] == row["validation_loss"]
    trials = [json.loads(line) for line in (done[1] / "trials.jsonl").read_text().splitlines()[1:]]
    trial = next(t for t in trials if (t["combination"], t["seed"]) == (row["combination"], row["seed"]))
    assert trial["curve"] == history["validation_loss"].tolist()


def test_resume_makes_what_is_missing_and_the_files_are_the_same(done, tmp_path):
    spec, out = done
    cut = tmp_path / "cut"
    cut.mkdir()
    lines = (out / "trials.jsonl").read_text().splitlines(keepends=True)
    (cut / "trials.jsonl").write_text("".join(lines[:4]) + lines[4][:30])
    assert main(["sweep", str(spec), "--out", str(cut), "--jobs", "1", "--resume"]) == 0
    for name in ("results.csv", "ranking.csv", "curves.png"):
        assert (cut / name).read_bytes() == (out / name).read_bytes()
    assert (cut / "trials.jsonl").read_text().splitlines(keepends=True)[:4] == lines[:4]


def test_parquet(done, tmp_path):
    spec, out = tmp_path / "iris.toml", tmp_path / "out"
    spec.write_text('results = "parquet"\n' + SPEC)
    out.mkdir()
    (out / "trials.jsonl").write_bytes((done[1] / "trials.jsonl").read_bytes())
    assert main(["sweep", str(spec), "--out", str(out), "--resume"]) == 0
    csv = pd.read_csv(done[1] / "results.csv").drop(columns="message")
    parquet = pd.read_parquet(out / "results.parquet").drop(columns="message")
    pd.testing.assert_frame_equal(parquet, csv, check_dtype=False)


def test_the_same_folder_again_needs_resume(done, capsys):
    spec, out = done
    before = {path: path.read_bytes() for path in out.iterdir()}
    assert main(["sweep", str(spec), "--out", str(out)]) == 2
    assert capsys.readouterr().err.endswith("choose another, or continue with --resume.\n")
    spec_of_another = out.parent / "another.toml"
    spec_of_another.write_text(SPEC.replace("0.02", "0.03"))
    assert main(["sweep", str(spec_of_another), "--out", str(out), "--resume"]) == 2
    assert "holds trials of another search, with other space" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seeds = 2", "space is missing, expected a table [space]"),
        ("[space]", "the space has no settings"),
        ("seed = 2\n[space]\nl2 = [0.1]", "seed is unknown, expected one of settings, space"),
        ("seeds = true\n[space]\nl2 = [0.1]", "seeds is True"),
        ("seeds = []\n[space]\nl2 = [0.1]", "seeds is []"),
        ("samples = 0\n[space]\nl2 = [0.1]", "samples is 0"),
        ('metric = "test_score"\n[space]\nl2 = [0.1]', "metric is 'test_score'"),
        ('metric = "validation_loss"\n[space]\nl2 = [0.1]', "metric is validation_loss, which l2 changes"),
        ("[space]\nlearning_rat = [0.1]", "'learning_rat' is no option of deltaprop train"),
        ("[settings]\nlr = 1\n[space]\nl2 = [0.1]", "'lr' is no option of deltaprop train"),
        ("[space]\nlearning_rate = [0.1, -1.0]", "learning_rate is -1.0, expected a number greater than 0"),
        ("[space]\nlearning_rate = []", "learning_rate has no values"),
        ('[space]\nlayers = ["32,16", [32, 16]]', "layers has (32, 16) twice"),
        ("[space]\nlearning_rate = 0.1", "learning_rate is 0.1, expected a list of values"),
        (
            "[space]\nlearning_rate = { uniform = [0.1, 1.0] }",
            "learning_rate is a distribution without samples",
        ),
        ("samples = 3\n[space]\ndropout = { uniform = [0.5, 3.0] }", "dropout is "),
        ("samples = 3\n[space]\nsearch = [3, 4, 5]", "search is given"),
        ("[settings]\nseed = 1\n[space]\nl2 = [0.1]", "seed is among the settings"),
        ("[space]\nseed = [1]", "seed is among the settings"),
        ("[settings]\nl2 = 0.2\n[space]\nl2 = [0.1]", "l2 is in settings and space"),
        (
            "[settings]\nvalidation = 0.0\n[space]\nl2 = [0.1]",
            "metric is validation_score without a validation",
        ),
        ('[settings]\ndata = "nowhere.csv"\n[space]\nl2 = [0.1]', "nowhere.csv"),
        ("[space\n", "is not valid TOML"),
    ],
)
def test_a_bad_spec_ends_in_one_line_before_anything_runs(tmp_path, capsys, text, said):
    spec = tmp_path / "spec.toml"
    spec.write_text(text)
    assert main(["sweep", str(spec), "--out", str(tmp_path / "out")]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.startswith("deltaprop: ")
    assert line.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_table_that_has_changed_is_not_continued(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},{i % 7},{i % 3},{'ab'[i % 2]}" for i in range(30)]
    table, spec = tmp_path / "table.csv", tmp_path / "table.toml"
    table.write_text("\n".join(["number,x,grade,class", *rows]))
    columns = 'data = "table.csv"\ntarget = "class"\ndrop = "number"\ncategory = "grade"'
    spec.write_text(SPEC.replace('data = "iris"', columns))
    command = ["sweep", str(spec), "--out", "out", "--jobs", "1"]
    assert main(command) == 0
    log = tmp_path / "out" / "trials.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    first = json.loads(lines[0])
    assert {name: first["settings"][name] for name in ("target", "drop", "category")} == {
        "target": ["class"],
        "drop": ["number"],
        "category": ["grade"],
    }
    log.write_text("".join(lines[:3]))
    assert main([*command, "--resume"]) == 0
    log.write_text("".join(lines[:3]))
    table.write_text(table.read_text().replace("29,1,2,b", "29,1,2,a"))  # of the same size
    capsys.readouterr()
    assert main([*command, "--resume"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"deltaprop: {table}: has changed since the trials in out/trials.jsonl were made")
    assert line.endswith("choose another place (--out).\n")
    assert line.count("\n") == 1
    assert log.read_text() == "".join(lines[:3])


@pytest.mark.parametrize("out", ["file", "file/out"])
def test_a_folder_that_cannot_be_written(done, tmp_path, capsys, out):
    (tmp_path / "file").write_text("")
    assert main(["sweep", str(done[0]), "--out", str(tmp_path / out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["sweep", str(tmp_path / "nowhere.toml")]) == 2
    assert "nowhere.toml cannot be read" in capsys.readouterr().err


def test_where_every_trial_fails_the_status_is_one(tmp_path, capsys):
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC.replace("layers", 'optimizer = "sgd"\nlayers').replace("[0.001, 0.02]", "[1e30]"))
    assert main(["sweep", str(spec), "--out", str(tmp_path / "out"), "--jobs", "1"]) == 1
    assert "4 diverged" in capsys.readouterr().out
    assert set(pd.read_csv(tmp_path / "out" / "results.csv")["status"]) == {"diverged"}


@pytest.mark.skipif(os.name == "nt", reason="SIGINT")
def test_ctrl_c_keeps_what_is_done(tmp_path):
    spec, out = tmp_path / "long.toml", tmp_path / "out"
    spec.write_text(SPEC.replace("epochs = 3", "epochs = 300").replace("seeds = 2", "seeds = 500"))
    command = [sys.executable, "-m", "deltaprop", "sweep", str(spec), "--out", str(out), "--jobs", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    log = Path(out / "trials.jsonl")
    while process.poll() is None and (not log.exists() or log.read_text().count("\n") < 3):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith(
        "deltaprop: the sweep is interrupted, finished trials are kept; to "
    )
    lines = log.read_text().splitlines()
    assert len(lines) >= 3
    assert {json.loads(line)["status"] for line in lines[1:]} <= {"completed"}


@pytest.mark.parametrize(("engine", "threads"), [("numpy", 1), ("jax", None)])
def test_a_trial_has_one_thread_where_the_engine_takes_a_number(engine, threads, monkeypatch):
    def prepare(settings):
        raise LookupError(settings.threads)

    monkeypatch.setattr("deltaprop.sweeps.training.prepare", prepare)
    with pytest.raises(LookupError, match=f"^{threads}$"):
        Training()({"engine": engine})


def test_the_page_shows_the_sweep_of_the_experiment():
    page = (Path(__file__).parents[2] / "docs" / "sweep.md").read_text(encoding="utf-8")
    assert f"```toml\n{SWEPT}```" in page
