"""``deltaprop train --engine jax`` with one process and with two on this machine; ``predict --engine jax``."""

import shutil
import socket
import time
import tomllib
from pathlib import Path

import launched
import numpy as np
import pytest

from deltaprop import InputError, Network, engines
from deltaprop.cli import main
from deltaprop.training import checkpoint

pytest.importorskip("jax")
pytestmark = pytest.mark.usefixtures("without_figures")

EPOCHS = 12
OPTIONS = (
    "digits",
    "--layers",
    "16",
    "--epochs",
    str(EPOCHS),
    "--dropout",
    "0.1",
    "--checkpoint-seconds",
    "0",
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def weights(run: Path) -> np.ndarray:
    return Network.load(run / "model.safetensors").theta


def files(run: Path) -> list[str]:
    return sorted(path.name for path in run.iterdir())


@pytest.fixture(scope="module")
def one(tmp_path_factory, without_figures) -> Path:
    """The run of one process."""
    run = tmp_path_factory.mktemp("shared") / "one"
    assert main(["train", *OPTIONS, "--engine", "jax", "--out", str(run)]) == 0
    return run


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder in which two processes ran, each in its own, and how they ended."""
    folder = tmp_path_factory.mktemp("two")
    return folder, launched.end(launched.start(2, *OPTIONS, "--out", "run", folder=folder), timeout=120)


def test_two_processes_end_with_the_weights_of_one(one, two):
    folder, ends = two
    assert [status for status, _, _ in ends] == [0, 0], ends
    np.testing.assert_allclose(weights(folder / "0" / "run"), weights(one), atol=1e-6)


def test_the_first_process_alone_writes_and_prints(one, two):
    folder, [(_, out, errors), silent] = two
    assert [files(folder / i) for i in "01"] == [["run"], []]
    assert files(folder / "0" / "run") == files(one)
    assert "accuracy" in out
    assert errors == ""
    assert silent == (0, "", "")


def test_the_configuration_keeps_the_engine_but_not_the_start(two):
    config = tomllib.loads((two[0] / "0" / "run" / "config.toml").read_text())
    assert (config["training"]["engine"], config["training"]["precision"]) == ("jax", "float32")
    assert not {"threads", "coordinator", "processes", "process_id"} & config["training"].keys()
    assert "jax" in config["versions"]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run that two processes began, until one of them was killed after an epoch; and how the other ended."""
    folder = tmp_path_factory.mktemp("killed")
    first, second = launched.start(2, *OPTIONS, "--out", "run", folder=folder)
    run = folder / "0" / "run"
    file = run / "checkpoint.safetensors"
    while first.poll() is None and not (file.exists() and checkpoint.read(file).facts["epoch"]):
        time.sleep(0.01)
    second.kill()
    return run, launched.end([first, second], timeout=60)[0]


def test_a_killed_process_ends_the_other_with_one_line(killed):
    run, (status, _, errors) = killed
    # A process that ends at once leaves the file of its lock, which locks nothing any more.
    assert files(run) == [".lock", "checkpoint.safetensors", "config.toml"]
    assert status == 1
    assert errors == f"deltaprop: process 1 ({socket.gethostname()}) died: its connection ended.\n"


@pytest.mark.parametrize("engine", [(), ("--engine", "numpy")])
def test_one_process_continues_a_run_of_two(engine, killed, one, tmp_path):
    run = shutil.copytree(killed[0], tmp_path / "run")
    begun = checkpoint.read(run / "checkpoint.safetensors")
    assert begun.facts["epoch"] < EPOCHS
    assert main(["train", "--resume", str(run), *engine]) == 0
    np.testing.assert_allclose(weights(run), weights(one), atol=1e-6)
    assert files(run) == files(one)
    seconds = np.genfromtxt(run / "history.csv", delimiter=",", names=True)["seconds"]
    np.testing.assert_allclose(seconds[: begun.facts["epoch"]], begun.arrays["history"][:, -1])
    used = tomllib.loads((run / "config.toml").read_text())["training"]["engine"]
    assert used == (engine or ("", "jax"))[1]


def test_the_jax_engine_continues_a_run_of_another(killed, one, tmp_path):
    run = shutil.copytree(killed[0], tmp_path / "run")
    other = (run / "config.toml").read_text().replace('engine = "jax"', 'engine = "native"\nthreads = 2')
    (run / "config.toml").write_text(other.replace('precision = "float32"\n', ""))
    assert main(["train", "--resume", str(run), "--engine", "jax"]) == 0
    np.testing.assert_allclose(weights(run), weights(one), atol=1e-6)


def test_predictions_of_the_engine(one, monkeypatch, capsys):
    used, evaluator = [], engines.evaluator
    monkeypatch.setattr(
        engines, "evaluator", lambda network, engine: used.append(engine) or evaluator(network, engine)
    )

    def numbers(engine: str) -> np.ndarray:
        assert main(["predict", str(one), "digits", "--engine", engine]) == 0
        return np.genfromtxt(capsys.readouterr().out.splitlines()[1:], delimiter=",")

    np.testing.assert_allclose(numbers("jax"), numbers("numpy"), atol=1e-5)
    assert used == ["jax", "numpy"]


def test_engine_and_precision_reach_the_fit(monkeypatch, capsys):
    def fit(*arguments, engine, precision, threads, **options):
        raise InputError(f"{engine} {precision} {threads}")

    monkeypatch.setattr("deltaprop.commands.fitting.fit", fit)
    assert main(["train", "digits", "--engine", "jax", "--precision", "bf16"]) == 2
    assert capsys.readouterr().err == "deltaprop: jax bf16 None\n"
    assert not list(Path("runs").glob("*"))


def test_other_settings_are_refused_by_all(tmp_path):
    both = launched.start(2, *OPTIONS, "--out", "run", folder=tmp_path, differing={1: ["--epochs", "3"]})
    for status, out, errors in launched.end(both, timeout=120):
        assert (status, out) == (2, "")
        assert errors.startswith("deltaprop: process 1 (")
        assert f"): epochs is '3', expected '{EPOCHS}', as in process 0 (" in errors
        assert errors.count("\n") == 1
    assert [files(tmp_path / i) for i in "01"] == [[], []]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--processes", "2"],
            "processes is given with the engine auto, expected the engine jax; add --engine jax",
        ),
        (["--engine", "numpy", "--coordinator", "a:1"], "--coordinator is given with the engine numpy"),
        (
            ["--engine", "jax", "--coordinator", "a:1"],
            "processes is None, expected all of coordinator, processes",
        ),
        (
            ["--engine", "jax", "--processes", "2", "--process-id", "0"],
            "coordinator is None, expected all of",
        ),
        (
            ["--engine", "jax", "--coordinator", "a", "--processes", "2", "--process-id", "0"],
            "coordinator is 'a', expected HOST:PORT",
        ),
        (
            ["--engine", "jax", "--coordinator", "a:1", "--processes", "2", "--process-id", "2"],
            "process_id is 2, expected",
        ),
        (
            ["--engine", "jax", "--threads", "2"],
            "threads is given with the engine jax, whose threads XLA chooses",
        ),
        (["--engine", "jax", "--search", "3"], "search is given with the engine jax, expected another"),
        (["--engine", "jax", "--optimizer", "lm"], "engine is 'jax', expected one of auto, numpy, native"),
        (["--engine", "jax", "--precision", "half"], "half"),
        (["--precision", "bf16"], "precision is 'bf16', expected float32 for"),
        (["--engine", "jax", "--precision", "bf16", "--dtype", "float64"], "expected float32 for JaxEngine"),
        (["--resume", "runs/x", "--coordinator", "a:1"], "runs/x does not exist"),
    ],
)
def test_refused_in_one_line_before_anything_is_written(arguments, message, capsys):
    assert main(["train", *arguments]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("deltaprop: ")
    assert errors.count("\n") == 1
    assert message in errors
    assert not list(Path().iterdir())
