"""Where JAX is not installed, asking for its engine is refused in one line; these tests hide an installed JAX."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from deltaprop import Dense, InputError, MLPClassifier, Network, distributed
from deltaprop.cli import main

X, T = np.ones((4, 2)), np.ones((4, 1))


@pytest.fixture(autouse=True)
def hidden(monkeypatch, tmp_path):
    """Neither JAX nor what has imported it can be imported, and it has no metadata; an empty folder is current."""
    for name in [name for name in sys.modules if f"{name}.".startswith("deltaprop.engines.jax.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jax", None)

    def version_of(name):
        if name == "jax":
            raise PackageNotFoundError(name)
        return version(name)

    for module in ("train", "processes"):
        monkeypatch.setattr(f"deltaprop.commands.{module}.version", version_of)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "use",
    [
        lambda: Network([Dense(1)], inputs=2).fit(X, T, engine="jax"),
        lambda: Network([Dense(1)], inputs=2).predict(X, engine="jax"),
        lambda: MLPClassifier(engine="jax").fit(X, [0, 1, 0, 1]),
    ],
    ids=["fit", "predict", "estimator"],
)
def test_the_library_refuses(use):
    with pytest.raises(InputError, match=r"engine is 'jax' .*; pip install 'deltaprop\[jax\]'\.$") as caught:
        use()
    assert "\n" not in str(caught.value)


def test_processes_are_refused(monkeypatch):
    refused = r"^start: JAX is not installed, expected it; pip install 'deltaprop\[jax\]'\.$"
    with pytest.raises(InputError, match=refused):
        distributed.start("127.0.0.1:1", 2, 1)
    slurm = {"JOB_ID": "1", "STEP_NODELIST": "localhost", "NTASKS": "2", "PROCID": "1", "LOCALID": "0"}
    for name, value in slurm.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    with pytest.raises(InputError, match=refused):
        distributed.start()


@pytest.mark.parametrize(
    "several", [[], ["--coordinator", "127.0.0.1:1", "--processes", "2", "--process-id", "1"]]
)
def test_the_command_line_refuses_before_anything_is_written(several, capsys):
    assert main(["train", "digits", "--engine", "jax", *several]) == 2
    refused = (
        "deltaprop: train: engine is 'jax', expected JAX to be installed; pip install 'deltaprop[jax]'.\n"
    )
    assert capsys.readouterr() == ("", refused)
    assert not list(Path().iterdir())


def test_a_run_of_its_engine_goes_on_with_another(capsys, without_figures):
    assert main(["train", "iris", "--epochs", "1", "--out", "run"]) == 0
    config = Path("run/config.toml")
    config.write_text(config.read_text().replace('engine = "auto"', 'engine = "jax"'))
    Path("run/model.safetensors").unlink()
    capsys.readouterr()
    assert main(["train", "--resume", "run"]) == 2
    assert "expected JAX to be installed" in capsys.readouterr().err
    assert main(["train", "--resume", "run", "--engine", "numpy"]) == 0
