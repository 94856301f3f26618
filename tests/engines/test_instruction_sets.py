"""The core's code for each instruction set of this processor, chosen by DELTAPROP_CPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deltaprop.engines import _core

SETS = _core.instruction_sets()
QUICK = ("test_native.py", "test_evaluator.py")
KEYWORDS = (
    "layer_first or mostly_one_value or denormal or sparse_rows or gradient_of_each_sample or every_loss"
)


def run(code, cpu, *arguments):
    return subprocess.run(
        [sys.executable, *code, *arguments],
        env=os.environ | {"DELTAPROP_CPU": cpu},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_widest_is_chosen_unless_one_is_named():
    if "DELTAPROP_CPU" not in os.environ:
        assert _core.instruction_set() == SETS[-1]
    for name in SETS:
        result = run(["-m", "deltaprop.cli"], name, "--version")
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines()[1] == f"compiled core: {name}"


@pytest.mark.parametrize("name", [name for name in SETS if name != _core.instruction_set()])
def test_each_equals_numpy(name):
    """But for the one in use, on which these tests run anyway."""
    files = [str(Path(__file__).with_name(file)) for file in QUICK]
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", KEYWORDS)
    result = run(["-m", "pytest"], name, *options, *files)
    assert result.returncode == 0, result.stdout[-2000:]


@pytest.mark.parametrize("name", ["sse9", "AVX2", " "])
def test_an_unknown_one_is_refused(name):
    code = "from deltaprop import fit, Dense, Network; Network([Dense(2)], inputs=2).predict([[1, 2]])"
    result = run(["-c"], name, code)
    message = result.stderr.splitlines()[-1]
    assert message.startswith(f"deltaprop.errors.InputError: DELTAPROP_CPU: is '{name}', expected")
    assert SETS[-1] in message
    result = run(["-m", "deltaprop.cli"], name, "--version")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("deltaprop: DELTAPROP_CPU: is")
    assert len(result.stderr.splitlines()) == 1
