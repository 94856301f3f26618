"""The command line, as its users meet it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from deltaprop import Dense, History, InputError, Network, training
from deltaprop.cli import main
from deltaprop.commands import predict
from deltaprop.data import Preprocessing
from deltaprop.training import checkpoint

QUICK = ("--epochs", "2", "--layers", "8", "--threads", "1")
FILES = ["config.toml", "history.csv", "model.safetensors", "report.html"]


def weights(run: Path) -> np.ndarray:
    return Network.load(run / "model.safetensors").theta


def files(run: Path) -> list[str]:
    return sorted(path.name for path in run.iterdir())


def refused(capsys, *arguments: str) -> str:
    """The one line with which these arguments are refused."""
    capsys.readouterr()
    assert main([str(a) for a in arguments]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("deltaprop: ")
    assert "Traceback" not in err
    return err


pytestmark = pytest.mark.usefixtures("without_figures")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def iris(tmp_path_factory, without_figures) -> Path:
    """A finished run; not to be changed."""
    path = tmp_path_factory.mktemp("shared") / "iris"
    assert main(["train", "iris", *QUICK, "--epochs", "30", "--out", str(path)]) == 0
    return path


@pytest.fixture
def houses() -> Path:
    """A table with a gap, a category and a target in its own unit."""
    rng = np.random.default_rng(0)
    rows = [(i % 7 + 1, rng.normal(100, 20), "north" if i % 3 else "south") for i in range(120)]
    with Path("houses.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rooms", "area", "side", "price"])
        writer.writerows(
            (
                rooms,
                "" if i == 5 else f"{area:.3f}",
                side,
                f"{1000 * rooms + 50 * area + 500 * (side == 'south'):.2f}",
            )
            for i, (rooms, area, side) in enumerate(rows)
        )
    return Path("houses.csv")


class TestTrain:
    def test_names_the_parts_the_network_the_scores_and_the_folder(self, capsys):
        assert main(["train", *QUICK]) == 0
        out, err = capsys.readouterr()
        for said in ("digits: 1797 samples", "10 classes", "Dense(units=8)", "accuracy", "runs/digits-001/"):
            assert said in out
        assert err == ""
        assert files(Path("runs/digits-001")) == FILES

    def test_takes_the_next_free_folder_and_touches_none(self):
        for _ in range(2):
            assert main(["train", "iris", *QUICK]) == 0
        first = (Path("runs/iris-001") / "model.safetensors").read_bytes()
        assert main(["train", "iris", *QUICK, "--seed", "1"]) == 0
        assert sorted(os.listdir("runs")) == ["iris-001", "iris-002", "iris-003"]
        assert (Path("runs/iris-001") / "model.safetensors").read_bytes() == first

    def test_repeats_a_run_bit_for_bit_from_its_configuration(self):
        options = (
            "--dropout",
            "0.3",
            "--normalization",
            "batch",
            "--l2",
            "1e-3",
            "--seed",
            "5",
            "--optimizer",
            "nesterov",
        )
        assert main(["train", "wine", *QUICK, *options, "--out", "a"]) == 0
        assert main(["train", "--config", "a/config.toml", "--out", "b"]) == 0
        np.testing.assert_array_equal(weights(Path("a")), weights(Path("b")))
        assert Path("a/config.toml").read_text() == Path("b/config.toml").read_text()

    def test_transforms_and_evaluates_each_part_once(self, monkeypatch, houses):
        rows: dict[str, list[int]] = {}

        def count(cls, name):
            method, rows[name] = getattr(cls, name), []

            def counted(self, x, *others, **options):
                rows[name].append(len(x))
                return method(self, x, *others, **options)

            monkeypatch.setattr(cls, name, counted)

        count(Preprocessing, "transform")
        count(Preprocessing, "encode_target")
        count(Network, "forward")
        count(Network, "mean_loss")

        def fit(*arguments, **options):  # scores the epochs by itself
            counted_so_far = {name: list(numbers) for name, numbers in rows.items()}
            history = training.fit(*arguments, **options)
            rows.update(counted_so_far)
            return history

        monkeypatch.setattr("deltaprop.commands.fitting.fit", fit)
        # the network alone, on the samples as they are
        monkeypatch.setattr("deltaprop.commands.baselines.linear_model", lambda *_: None)
        monkeypatch.setattr("deltaprop.commands.report._insight", lambda *_: {})
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        parts = [72, 18, 30]  # training, validation, test: every sample once
        assert rows == dict.fromkeys(rows, parts)
        main(["show", "run"])
        assert rows == dict.fromkeys(rows, parts)

    def test_lets_an_option_override_the_configuration(self, iris):
        assert main(["train", "--config", str(iris / "config.toml"), "--epochs", "1", "--out", "short"]) == 0
        assert len(Path("short/history.csv").read_text().splitlines()) == 2
        assert tomllib.loads(Path("short/config.toml").read_text())["training"]["epochs"] == 1

    def test_writes_every_option_into_the_configuration(self, iris):
        config = tomllib.loads((iris / "config.toml").read_text())
        assert config["data"]["data"] == "iris"
        assert config["network"]["layers"] == [8]
        assert {"seed", "threads", "batch_size", "learning_rate", "schedule", "optimizer"} <= set(
            config["training"]
        )
        assert {"deltaprop", "numpy", "python"} <= set(config["versions"])

    def test_what_it_leaves_out_stays_out_when_the_run_is_repeated(self, capsys):
        columns = {"id": range(40, 80), "x": X, "c": [3] * 40, "t": ["NA", *HALF[1:]]}
        assert main([*table(**columns), "--keep-na", "t", "--out", "run"]) == 0
        out = capsys.readouterr().out
        assert "'id' left out: it identifies the rows" in out
        assert "'c' left out: it has a single value" in out
        data = tomllib.loads(Path("run/config.toml").read_text())["data"]
        assert (data["drop"], data["keep_na"]) == (["id", "c"], ["t"])
        assert main(["train", "--config", "run/config.toml", "--out", "again"]) == 0
        out = capsys.readouterr().out
        assert "left out" not in out
        assert "requested" not in out
        np.testing.assert_array_equal(weights(Path("again")), weights(Path("run")))
        assert main(["train", "--config", "run/config.toml", "--keep", "id", "--out", "other"]) == 0
        assert tomllib.loads(Path("other/config.toml").read_text())["data"]["drop"] == ["c"]
        assert main(["predict", "run", "data.csv"]) == 0
        assert "on 40 samples" in capsys.readouterr().err

    def test_recognizes_a_table_and_answers_in_its_unit(self, houses, capsys):
        assert (
            main(
                [
                    "train",
                    str(houses),
                    "--target",
                    "price",
                    "--layers",
                    "16",
                    "--threads",
                    "1",
                    "--out",
                    "run",
                ]
            )
            == 0
        )
        assert "regression" in capsys.readouterr().out
        assert main(["predict", "run", str(houses)]) == 0
        out, err = capsys.readouterr()
        header, *rows = out.splitlines()
        assert header == "price"
        truth = [float(line.rpartition(",")[2]) for line in houses.read_text().splitlines()[1:]]
        assert np.corrcoef(np.array(rows, float), truth)[0, 1] > 0.95
        assert np.mean(np.array(rows, float)) == pytest.approx(np.mean(truth), rel=0.05)
        assert "R²" in err

    def test_runs_from_any_folder_by_an_absolute_path(self, houses, monkeypatch):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "a"]) == 0
        Path("elsewhere").mkdir()
        monkeypatch.chdir("elsewhere")
        assert main(["train", "--config", "../a/config.toml", "--out", "b"]) == 0
        np.testing.assert_array_equal(weights(Path("../a")), weights(Path("b")))

    def test_early_stopping_is_an_option(self, capsys):
        assert (
            main(["train", "iris", "--layers", "8", "--epochs", "500", "--patience", "3", "--threads", "1"])
            == 0
        )
        assert "restored" in capsys.readouterr().out

    def test_a_run_that_diverges_says_so_and_keeps_good_weights(self, capsys):
        options = (
            "--optimizer",
            "sgd",
            "--learning-rate",
            "1e8",
            "--loss",
            "squared_error",
            "--schedule",
            "constant",
        )
        assert main(["train", "diabetes", *QUICK, *options]) == 1
        assert "iverged" in capsys.readouterr().out
        assert np.isfinite(weights(Path("runs/diabetes-001"))).all()

    @pytest.mark.parametrize(
        "options", [("--validation", "0"), ("--test", "0"), ("--validation", "0", "--test", "0")]
    )
    def test_parts_may_be_left_out(self, options):
        assert main(["train", "iris", *QUICK, *options]) == 0

    def test_no_hidden_layer_and_class_losses(self):
        for loss in ("hinge", "sigmoid_cross_entropy", "perceptron", "squared_error"):
            assert (
                main(["train", "iris", "--layers", "none", "--epochs", "2", "--threads", "1", "--loss", loss])
                == 0
            )

    @pytest.mark.mnist
    def test_mnist(self, capsys):
        assert main(["train", "mnist", "--samples", "2000", *QUICK]) == 0
        assert "10,000 test" in capsys.readouterr().out


class TestResume:
    def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(self):
        options = ("iris", "--layers", "8", "--epochs", "150", "--threads", "1", "--seed", "3")
        assert main(["train", *options, "--out", "whole"]) == 0
        command = [
            sys.executable,
            "-m",
            "deltaprop",
            "train",
            *options,
            "--checkpoint-seconds",
            "0",
            "--out",
            "cut",
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        file = Path("cut/checkpoint.safetensors")
        while not file.exists() or checkpoint.read(file).facts["epoch"] < 3:
            assert process.poll() is None
            time.sleep(0.002)
        process.kill()
        process.wait()
        assert not Path("cut/model.safetensors").exists()
        before = checkpoint.read(file).arrays["history"]
        assert main(["train", "--resume", "cut"]) == 0
        after = History.from_csv("cut/history.csv").table()
        np.testing.assert_array_equal(
            after[: len(before)], before
        )  # their seconds too: they were not trained again
        np.testing.assert_array_equal(weights(Path("whole")), weights(Path("cut")))
        assert files(Path("cut")) == FILES

    def test_a_run_killed_before_its_first_checkpoint_begins_again(self, iris):
        Path("cut").mkdir()
        Path("cut/config.toml").write_text((iris / "config.toml").read_text())
        assert main(["train", "--resume", "cut"]) == 0
        np.testing.assert_array_equal(weights(iris), weights(Path("cut")))

    def test_a_finished_run_has_nothing_to_resume(self, iris, capsys):
        assert "complete" in refused(capsys, "train", "--resume", iris)

    def test_no_other_option_beside_it(self, iris, capsys):
        assert "epochs" in refused(capsys, "train", "--resume", iris, "--epochs", "3")

    def test_ctrl_c_keeps_what_was_learned(self, capsys):
        def press():
            while not Path("run/checkpoint.safetensors").exists():
                time.sleep(0.01)
            signal.raise_signal(signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        options = ("--epochs", "1000000", "--checkpoint-seconds", "0", "--layers", "4", "--threads", "1")
        status = main(["train", "iris", *options, "--out", "run"])
        thread.join()
        assert status == 130
        assert "Interrupted" in capsys.readouterr().out
        assert files(Path("run")) == ["checkpoint.safetensors", *FILES]


class TestPredict:
    def test_classes_with_probabilities(self, iris, capsys):
        assert main(["predict", str(iris), "iris"]) == 0
        rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
        assert len(rows) == 150
        for row in rows:
            shares = {
                name.removeprefix("probability "): float(v) for name, v in row.items() if name != "species"
            }
            assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
            assert row["species"] == max(shares, key=shares.get)

    def test_to_a_file_without_the_target(self, houses, capsys):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        lines = [line.rpartition(",")[0] for line in houses.read_text().splitlines()]
        Path("new.csv").write_text("\n".join(lines[:11]) + "\n")
        assert main(["predict", "run", "new.csv", "--out", "answers.csv"]) == 0
        assert len(Path("answers.csv").read_text().splitlines()) == 11
        assert "10 predictions" in capsys.readouterr().err

    def test_other_data_are_refused(self, iris, houses, capsys):
        assert "(n, 4)" in refused(capsys, "predict", iris, "wine")
        assert "sepal" in refused(capsys, "predict", iris, houses)
        assert "no-such" in refused(capsys, "predict", iris, "no-such.csv")
        assert "nothing" in refused(capsys, "predict", "nothing", "iris")

    def test_values_read_back_exactly(self, houses, capsys):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        capsys.readouterr()
        assert main(["predict", "run", str(houses)]) == 0
        written = np.array(capsys.readouterr().out.splitlines()[1:], float)
        network, preprocessing, settings, header = predict.read(Path("run"))
        x, _ = predict.rows(str(houses), preprocessing, settings, None, header)
        z = network.forward(preprocessing.transform(x))
        np.testing.assert_array_equal(written, predict.predictions(network, preprocessing, z))

    @pytest.mark.parametrize(
        ("loss", "kind"),
        [
            ("softmax_cross_entropy", "probability"),
            ("sigmoid_cross_entropy", "probability"),
            ("hinge", "output"),
        ],
    )
    def test_the_loss_decides_what_the_columns_are_called(self, iris, loss, kind):
        _, preprocessing, *_ = predict.read(iris)
        network = Network([Dense(3)], inputs=4, loss=loss)
        header = predict.table(network, preprocessing, np.full((1, 3), 0.5)).splitlines()[0]
        assert header.count(kind) == 3

    def test_never_over_what_they_are_made_from(self, houses, capsys):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        for file in (houses, Path("run/model.safetensors"), Path("run/config.toml")):
            before = file.read_bytes()
            assert "--out" in refused(
                capsys, "predict", "run", houses, "--out", f"../{Path.cwd().name}/{file}"
            )
            assert file.read_bytes() == before

    @pytest.mark.parametrize(
        "extra",
        [
            [],
            3,
            None,
            {"message": 3},
            {"score_name": ["accuracy"]},
            {"scores": 3},
            {"scores": {"test": {}}},
            {"scores": {"test": {"score": "1", "loss": 0.1, "samples": 3}}},
            {"scores": {"test": {"score": 1.0, "loss": None, "samples": 3}}},
        ],
    )
    def test_a_header_of_other_types_is_refused(self, iris, extra, capsys):
        shutil.copytree(iris, "run")
        arrays = load_file("run/model.safetensors")
        with safe_open("run/model.safetensors", framework="numpy") as file:
            header = file.metadata()
        if isinstance(extra, dict):
            extra = json.loads(header["extra"]) | extra
        save_file(arrays, "run/model.safetensors", metadata=header | {"extra": json.dumps(extra)})
        assert "model.safetensors" in refused(capsys, "show", "run")
        assert "model.safetensors" in refused(capsys, "predict", "run", "iris")

    def test_an_unwritable_place(self, iris, capsys):
        Path("file").write_text("")
        assert "could not be written" in refused(capsys, "predict", iris, "iris", "--out", "file/answers.csv")


class TestTraceAndShow:
    def test_trace_fills_in_the_four_equations(self, iris, capsys):
        assert main(["trace", str(iris), "--sample", "3"]) == 0
        out = capsys.readouterr().out
        for part in ("sample 3", "BP1", "BP2", "BP3", "BP4"):
            assert part in out

    def test_trace_of_a_row_of_a_table(self, houses, capsys):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        assert main(["trace", "run", "--data", str(houses), "--sample", "0"]) == 0
        assert "price" in capsys.readouterr().out

    def test_a_sample_that_is_not_there(self, iris, capsys):
        assert "0 to 149" in refused(capsys, "trace", iris, "--data", "iris", "--sample", "150")
        assert "0 to" in refused(capsys, "trace", iris, "--sample", "-1")

    def test_show(self, iris, capsys):
        assert main(["show", str(iris)]) == 0
        out = capsys.readouterr().out
        for part in ("accuracy", "Dense(units=8, ", "training.seed", *FILES):
            assert part in out

    def test_show_says_what_each_column_is_and_why(self, houses, capsys):
        assert main(["train", str(houses), "--target", "price", *QUICK, "--out", "run"]) == 0
        capsys.readouterr()
        assert main(["show", "run"]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert "side: contrasts as side=south" in out
        assert "(text: 0% of the entries are numbers, fewer than half)" in out

    def test_show_a_run_that_was_cut_off(self, iris, capsys):
        Path("cut").mkdir()
        Path("cut/config.toml").write_text((iris / "config.toml").read_text())
        assert main(["show", "cut"]) == 0
        assert "--resume cut" in capsys.readouterr().out


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["trian"], "trian"),
            (["train", "--epoch", "3"], "--epoch"),
            (["train", "--epochs", "many"], "--epochs"),
            (["train", "--epochs", "0"], "epochs is 0"),
            (["train", "--layers", "8,x"], "8,x"),
            (["train", "--layers", "0"], "layers is 0"),
            (["train", "--activation", "rleu"], "rleu"),
            (["train", "--loss", "mse"], "mse"),
            (["train", "--optimizer", "adamm"], "adamm"),
            (["train", "--schedule", "cosin"], "cosin"),
            (["train", "--learning-rate", "nan"], "learning_rate"),
            (["train", "--learning-rate", "-1"], "learning_rate"),
            (["train", "--dropout", "1"], "dropout"),
            (["train", "--normalization", "yes"], "normalization"),
            (["train", "--engine", "gpu"], "gpu"),
            (["train", "--validation", "0.6", "--test", "0.5"], "validation"),
            (["train", "--dtype", "float16"], "float16"),
            (["train", "--seed", "-1"], "seed"),
            (["train", "diabetes", "--loss", "softmax_cross_entropy"], "for classes"),
            (["train", "iris", "--task", "regression"], "--task"),
            (["train", "--config", "none.toml"], "none.toml"),
            (["train", "--resume", "none"], "does not exist"),
            (["train", "irsi"], "irsi"),
            (["train", "none.csv", "--target", "y"], "none.csv"),
            (["train", "mnist", "--data-dir", "none"], "none"),
            (["predict", "run"], "DATA"),
            (["show"], "RUN"),
        ],
    )
    def test_is_refused_in_one_line_and_leaves_nothing(self, arguments, said, capsys):
        assert said.lower() in refused(capsys, *arguments).lower()
        assert os.listdir() == []

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("[training]\nepoch = 3\n", "epoch"),
            ("[training]\nepochs = 'three'\n", "epochs"),
            ("[training]\nepochs = true\n", "epochs"),
            ("[network]\nlayers = [8, 'x']\n", "layers"),
            ("[secret]\nx = 1\n", "secret"),
            ("data = 'iris'\n", "data"),
            ("versions = 3\n", "versions"),
            ("[versions]\nnumpy = 2\n", "versions"),
            ("not toml", "TOML"),
            ("\0", "TOML"),
            ("[training]\nepochs = 1" + 400 * "0", "epochs"),
            ("[training]\nepochs = 1" + 5000 * "0", "TOML"),
            ("[training]\nthreads = 100000000000000000000", "threads"),
            ("[training]\nlearning_rate = 1" + 400 * "0", "learning_rate"),
            ("[training]\ncheckpoint_seconds = 1" + 400 * "0", "checkpoint_seconds"),
            ("[network]\nl2 = 1" + 400 * "0", "l2"),
            ("[network]\nlayers = [100000000000000000000]", "layers"),
            ("[network]\nlayers = " + 2000 * "[" + 2000 * "]", "TOML"),
            (f"[training]\noptimizer = '{10**7 * 'x'}'", "optimizer"),
            (f"[training]\n{10**7 * 'x'} = 1", "unknown"),
        ],
    )
    def test_a_damaged_configuration(self, content, said, capsys):
        Path("c.toml").write_text(content)
        line = refused(capsys, "train", "--config", "c.toml")
        assert said in line
        assert len(line) < 1100
        assert os.listdir() == ["c.toml"]

    def test_a_folder_in_place_of_a_file(self, iris, capsys):
        Path("run").mkdir()
        assert "directory" in refused(capsys, "train", "--config", "run")
        Path("run/config.toml").mkdir()
        refused(capsys, "train", "--resume", "run")
        refused(capsys, "show", "run")
        Path("run.csv").mkdir()
        refused(capsys, "train", "run.csv", "--target", "t")
        refused(capsys, "predict", iris, "run.csv")
        shutil.copytree(iris, "iris")
        Path("iris/model.safetensors").unlink()
        Path("iris/model.safetensors").mkdir()
        refused(capsys, "predict", "iris", "iris")
        refused(capsys, "predict", iris, "iris", "--out", "run")

    def test_an_error_of_the_fit_leaves_no_folder_behind(self, monkeypatch, capsys):
        def refusing(*arguments, **options):
            raise InputError("fit: refused.")

        monkeypatch.setattr("deltaprop.commands.fitting.fit", refusing)
        for out in ((), ("--out", "new"), ("--out", "a/b")):
            assert "fit: refused" in refused(capsys, "train", "iris", *QUICK, *out)
            assert os.listdir() == []

    def test_an_existing_folder_is_not_overwritten(self, iris, capsys):
        before = (iris / "model.safetensors").read_bytes()
        assert "exists" in refused(capsys, "train", "iris", *QUICK, "--out", iris)
        assert (iris / "model.safetensors").read_bytes() == before

    def test_too_large_a_network(self, monkeypatch, capsys):
        def full(settings):
            raise MemoryError

        monkeypatch.setattr("deltaprop.commands.train.prepare", full)
        assert "not enough memory" in refused(capsys, "train", "iris")

    def test_nothing_at_all_prints_the_help_alone(self, capsys):
        assert main([]) == 2
        out, err = capsys.readouterr()
        assert "Usage" in out + err
        assert "deltaprop: " not in err

    def test_help_and_version(self, capsys):
        assert main(["--help"]) == 0
        assert main(["train", "--help"]) == 0
        assert main(["--version"]) == 0
        assert "\ndeltaprop 0.1.0\ncompiled core: " in capsys.readouterr().out


def table(**columns: list) -> list[str]:
    """A table as the arguments that train on it."""
    with Path("data.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return ["train", "data.csv", "--target", "t", *QUICK]


X = [float(i) for i in range(40)]
HALF = ["a", "b"] * 20


class TestBadTables:
    @pytest.mark.parametrize(
        ("columns", "said"),
        [
            ({"x": [*X[:-1], "inf"], "t": HALF}, "inf"),
            ({"x": X, "t": [*X[:-1], "-inf"]}, "inf"),
            ({"x": [*X[:-1], "twelve"], "t": HALF}, "twelve"),
            ({"x": X, "t": ["a"] * 40}, "a single value"),
            ({"x": X, "t": [1.5] * 40}, "a single value"),
            ({"c": [3] * 40, "t": HALF}, "'c' has a single value"),
            ({"x": X, "t": [""] * 40}, "'t'"),
            ({"x": [""] * 40, "t": HALF}, "'x'"),
            ({"x": X, "y": HALF}, "'t'"),
            ({"t": HALF}, "no column besides"),
            ({"x": [], "t": []}, "no rows"),
        ],
    )
    def test_is_refused_in_one_line_and_leaves_nothing(self, columns, said, capsys):
        assert said in refused(capsys, *table(**columns))
        assert os.listdir() == ["data.csv"]

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("d.csv", b"", "empty"),
            ("d.csv", b"x,t\n1,a,9\n2,b,9\n", "d.csv"),
            ("d.csv", b"x,t\n\xff\xfe,a\n", "a single value"),
            ("d.parquet", b"PAR1 no parquet", "d.parquet"),
            ("d.xlsx", b"PK", "d.xlsx"),
            ("d.docx", b"PK", ".csv"),
        ],
    )
    def test_a_file_of_another_kind(self, name, content, said, capsys):
        Path(name).write_bytes(content)
        assert said in refused(capsys, "train", name, "--target", "t")
        assert os.listdir() == [name]

    def test_a_missing_value_in_the_inputs_is_no_error(self):
        assert main(table(x=["", *X[1:]], t=HALF)) == 0

    def test_a_label_outside_the_classes_costs_the_score_alone(self, capsys):
        assert main([*table(x=X, t=HALF), "--out", "run"]) == 0
        Path("new.csv").write_text("x,t\n1,a\n2,z\n")
        capsys.readouterr()
        assert main(["predict", "run", "new.csv"]) == 0
        out, err = capsys.readouterr()
        assert len(out.splitlines()) == 3
        assert "'z'" in err


class TestBadModels:
    @pytest.fixture
    def run(self, iris) -> Path:
        path = Path("run")
        path.mkdir()
        for name in FILES:
            (path / name).write_bytes((iris / name).read_bytes())
        return path

    def everywhere(self, capsys, run) -> str:
        lines = {
            refused(capsys, *arguments)
            for arguments in (["show", run], ["predict", run, "iris"], ["trace", run])
        }
        assert len(lines) == 1
        line = lines.pop()
        assert "model.safetensors" in line
        return line

    @pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
    def test_truncated(self, run, capsys, share):
        model = run / "model.safetensors"
        data = model.read_bytes()
        model.write_bytes(data[: int(share * len(data))])
        self.everywhere(capsys, run)

    def test_foreign(self, run, capsys):
        save_file({"w": np.ones(3)}, run / "model.safetensors")
        assert "not a deltaprop model" in self.everywhere(capsys, run)

    def test_shapes_that_lie(self, run, capsys):
        from safetensors import safe_open

        with safe_open(run / "model.safetensors", "numpy") as file:
            header = file.metadata()
        arrays = load_file(run / "model.safetensors")
        save_file(arrays | {"2.w": arrays["2.w"][:, :2].copy()}, run / "model.safetensors", header)
        assert "2.w" in self.everywhere(capsys, run)

    def test_a_preprocessing_of_another_width(self, run, capsys):
        assert main(["train", "wine", *QUICK, "--out", "wine"]) == 0
        from deltaprop import model_file

        network, _ = model_file.read(run / "model.safetensors")
        _, extra = model_file.read(Path("wine/model.safetensors"))
        model_file.write(run / "model.safetensors", network, extra)
        assert "13 inputs" in refused(capsys, "predict", run, "iris")

    def test_no_preprocessing(self, run, capsys):
        from deltaprop import model_file

        network, _ = model_file.read(run / "model.safetensors")
        model_file.write(run / "model.safetensors", network)
        refused(capsys, "predict", run, "iris")


class TestDisk:
    @staticmethod
    def full(monkeypatch, name: str) -> None:
        """No file of this name gets onto the disk any more."""
        replace = os.replace

        def refusing(source, destination):
            if name in str(destination):
                raise OSError(28, "No space left on device")
            replace(source, destination)

        monkeypatch.setattr(os, "replace", refusing)

    def test_full_from_the_start_leaves_nothing(self, monkeypatch, capsys):
        self.full(monkeypatch, "")
        assert "No space left" in refused(capsys, "train", "iris", *QUICK, "--out", "run")
        assert os.listdir() == []

    @pytest.mark.parametrize(
        ("name", "saved"),
        [("model.safetensors", []), ("history.csv", FILES[2:3]), ("report.html", FILES[:3])],
    )
    def test_full_at_the_end_leaves_a_run_that_can_be_resumed(self, monkeypatch, capsys, iris, name, saved):
        with monkeypatch.context() as patch:
            self.full(patch, name)
            assert main(["train", "--config", str(iris / "config.toml"), "--out", "run"]) == 2
        out, err = capsys.readouterr()
        assert err.count("\n") == 1
        assert "No space left" in err
        scores, files_saved = out.split("run/\n")
        assert scores.index("accuracy") < scores.index("test ")
        assert sorted(line.split()[0] for line in files_saved.splitlines()) == saved
        assert files(Path("run")) == sorted({*saved, "checkpoint.safetensors", "config.toml"})
        assert main(["train", "--resume", "run"]) == 0
        np.testing.assert_array_equal(weights(Path("run")), weights(iris))
        assert files(Path("run")) == FILES

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
    def test_a_report_that_is_not_made_leaves_the_model_and_can_be_made_later(
        self, error, monkeypatch, capsys, iris
    ):
        def fail(report):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("deltaprop.commands.report.render", fail)
            command = ["train", "--config", str(iris / "config.toml"), "--out", "run"]
            if error is KeyboardInterrupt:
                assert main(command) == 130
                assert "to finish: deltaprop train --resume run" in capsys.readouterr().err
            else:
                with pytest.raises(error):
                    main(command)
        np.testing.assert_array_equal(weights(Path("run")), weights(iris))
        assert main(["train", "--resume", "run"]) == 0
        np.testing.assert_array_equal(weights(Path("run")), weights(iris))
        assert files(Path("run")) == FILES

    def test_a_place_that_is_no_folder(self, capsys):
        Path("file").write_text("")
        assert "file" in refused(capsys, "train", "iris", *QUICK, "--out", "file/run")
        assert "file" in refused(capsys, "train", "iris", *QUICK, "--out", "file")
        assert os.listdir() == ["file"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
    def test_standard_output_that_is_full(self, iris):
        with Path("/dev/full").open("w") as full:
            run = subprocess.run(
                [sys.executable, "-m", "deltaprop", "predict", str(iris), "iris"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert "No space left" in run.stderr
        assert "Traceback" not in run.stderr
        assert run.returncode != 0


def test_data_dir_is_described_alike_by_every_command():
    # predict and trace state the text themselves: --help must not import the settings of train.
    from typing import get_args

    from deltaprop import cli
    from deltaprop.commands.settings import SECTIONS

    option = get_args(cli.DataDir)[1]
    assert option.help == f"{SECTIONS['data'].model_fields['data_dir'].description}."
