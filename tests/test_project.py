"""The project's own promises: what the README says is what runs."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import deltaprop

ROOT = Path(__file__).parents[1]


def commands() -> list[str]:
    """The two commands that the README opens with."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^python3 .*$", text, re.MULTILINE)


def test_the_readme_opens_with_exactly_two_commands():
    assert len(commands()) == 2
    assert commands()[0].endswith("deltaprop train")
    assert commands()[1].endswith("pytest -n 2")


def test_ci_runs_the_second_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert commands()[1] in script.read_text(encoding="utf-8").splitlines()
    assert os.name == "nt" or script.stat().st_mode & 0o111


def test_the_shell_scripts_name_test_files_that_exist():
    for script in ROOT.glob("tests/*.sh"):
        for path in re.findall(r"tests/[\w/]+\.(?:py|sh)", script.read_text(encoding="utf-8")):
            assert (ROOT / path).is_file(), f"{script.name}: {path}"


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_levels_fails_where_the_package_cannot_be_imported():
    run = subprocess.run(
        ["bash", "tests/levels.sh"], cwd=ROOT, env=os.environ | {"PYTHON": "false"}, check=False
    )
    assert run.returncode != 0


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" in project["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", deltaprop.__version__)
    assert deltaprop.__version__ in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", deltaprop.__all__)
def test_every_public_name_can_be_had(name):
    assert name in dir(deltaprop)
    assert getattr(deltaprop, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="attribute Perceptrom"):
        deltaprop.Perceptrom  # noqa: B018


def test_the_import_is_light():
    heavy = "sklearn", "matplotlib", "pandas", "scipy", "rich", "typer", "joblib"
    program = f"import sys, deltaprop; print(*(m for m in {heavy} if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize(
    "data", [["iris"], ["table.csv", "--target", "kind"], ["table.csv", "--target", "size"]]
)
def test_train_and_predict_load_nothing_that_takes_longer_than_a_small_training(data, tmp_path):
    kinds = [["red", "blue"][i % 5 % 2] for i in range(60)]
    rows = [f"{i % 7},{i * i % 11},{kinds[i]},{i % 9 / 4}" for i in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,kind,size", *rows]))
    heavy = "sklearn", "scipy", "matplotlib", "joblib", "jax", *["pandas"] * (data[0] == "iris")
    program = (
        "import sys; from deltaprop.cli import main;"
        f"status = main(['train', *{data}, '--epochs', '2', '--out', 'run']) or main(['predict', 'run', {data[0]!r}]);"
        f"print('loaded:', status, *(m for m in {heavy} if m in sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.splitlines()[-1] == "loaded: 0"


def test_the_help_loads_nothing_that_computes():
    heavy = "numpy", "sklearn", "matplotlib", "pandas", "scipy", "safetensors", "pydantic"
    program = (
        "import sys, deltaprop.cli; status = deltaprop.cli.main(['--help']);"
        f"print('loaded:', *(m for m in {heavy} if m in sys.modules)); sys.exit(status)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "trace" in run.stdout
    assert run.stdout.splitlines()[-1].strip() == "loaded:"
