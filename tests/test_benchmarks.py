"""The benchmarks time the same thing for everyone: the declared data, the same weights, the same step."""

import json
import os
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from benchmarks.contenders import CONTENDERS, training
from benchmarks.map import PEERS, cell, maps
from benchmarks.options import require
from benchmarks.process import ContenderError, Worker
from benchmarks.table import OURS
from benchmarks.workloads import WORKLOADS

from deltaprop.engines import instruction_set
from deltaprop.errors import InputError

SMALL = {name: replace(w, samples=w.batch, epochs=1) for name, w in WORKLOADS.items()}


def after_a_step(contender, workload, monkeypatch):
    """The first layer's w after one step on all samples."""
    name, variant = CONTENDERS[contender]
    module = import_module(f"benchmarks.contenders.{name}")
    monkeypatch.setattr(module, "training", lambda _, train: train)
    return np.array(module.prepare(workload, variant, 1)(0, 1)[1])


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.mnist if w.inputs == "mnist" else ()) for n, w in SMALL.items()],
)
def test_the_data_have_the_declared_type_and_shape(name):
    workload = SMALL[name]
    x, t = workload.data()
    assert (x.dtype, x.shape) == (workload.dtype, (workload.samples, workload.sizes[0]))
    labels = workload.loss == "softmax_cross_entropy"
    assert (t.dtype, t.shape) == ("int64" if labels else workload.dtype, (workload.samples,))
    assert {w.dtype for w in workload.weights()} == {np.dtype(workload.dtype)}
    assert not labels or (t.min() >= 0 and t.max() < workload.sizes[-1])


@pytest.mark.parametrize("name", ["rings", "digits-float64"])
@pytest.mark.parametrize(
    "contender",
    [
        "deltaprop, NumPy engine",
        pytest.param(OURS, marks=pytest.mark.skipif(instruction_set() is None, reason="no compiled core")),
    ],
)
def test_a_step_from_the_same_weights_ends_where_jax_ends(name, contender, monkeypatch):
    workload = SMALL[name]
    w, expected = (after_a_step(who, workload, monkeypatch) for who in (contender, "JAX"))
    tolerance = 1e-6 if workload.dtype == "float32" else 1e-12
    np.testing.assert_allclose(w, expected, rtol=0, atol=tolerance)
    assert np.abs(w - workload.weights()[0]).max() > 10 * tolerance


@pytest.mark.parametrize("name", [n for n, w in SMALL.items() if w.task == "train" and w.inputs != "mnist"])
def test_scikit_learn_computes_in_the_declared_type(name, monkeypatch):
    w = after_a_step("scikit-learn", SMALL[name], monkeypatch)
    assert w.dtype == SMALL[name].dtype


def test_a_contender_that_computes_in_another_type_is_refused():
    with pytest.raises(RuntimeError, match="computes in float32, expected float64"):
        training(SMALL["rings-float64"], lambda seed, epochs: (1.0, np.zeros(1, np.float32)))


def test_an_open_number_of_epochs_is_one_that_takes_long_enough():
    asked = []
    run = training(
        cell(16, 8, "float32"), lambda _, n: (asked.append(n) or n * 1e-4, np.zeros(1, np.float32))
    )
    assert run(0) == (pytest.approx(1e-4 / 256), {})
    assert 300 <= asked[-1] <= 400


def test_the_map_compares_with_the_faster_of_the_peers_variants():
    seconds = {OURS: (1, 2, 3), "JAX": (2, 2, 2), "PyTorch": (8, 8, 8), "PyTorch, fused optimizer": (4, 4, 9)}
    results = {name: [{"seconds": s} for s in times] for name, times in seconds.items()}
    assert set(seconds) == {OURS, *(name for variants in PEERS.values() for name in variants)}
    found = maps({"cells": [{"batch": 16, "width": 8, "results": results}]})
    assert found == {"JAX": {(16, 8): 1.0}, "PyTorch": {(16, 8): pytest.approx(1 / 3)}}


# ------------------------------------------------------------------------------------------ command lines

ROUNDS = ["__main__", "map", "estimators_speed", "scaling", "derivatives"]
JSON = ["__main__", "map", "estimators_speed", "estimators_scores"]


def refusal(capsys, program, *arguments):
    """The one line that the program refuses these arguments with."""
    with pytest.raises(SystemExit) as ended:
        import_module(f"benchmarks.{program}").main(list(map(str, arguments)))
    out, said = capsys.readouterr()
    assert (ended.value.code, out, said.count("\n")) == (2, "", 1)
    return said


@pytest.mark.parametrize("program", ROUNDS)
@pytest.mark.parametrize("rounds", ["0", "-1", "2.5", "many", "9" * 5000])
def test_rounds_are_a_positive_integer(capsys, program, rounds):
    said = refusal(capsys, program, f"--rounds={rounds}")
    assert said.startswith("python -m benchmarks")
    assert "argument --rounds" in said
    assert "not an integer from 1" in said


@pytest.mark.parametrize("program", JSON)
@pytest.mark.parametrize("path", ["no such folder/x.json", ".", "", "x" * 300, "zero\0.json"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(capsys, program, path):
    assert "argument --json" in refusal(capsys, program, "--json", path)


@pytest.mark.parametrize(
    ("program", "arguments", "words"),
    [
        ("__main__", ["--threads", "0"], "argument --threads"),
        ("__main__", ["spirals"], "no workload 'spirals'"),
        ("__main__", ["--only", "Keras"], "no contender 'Keras'"),
        ("map", ["--only-cells", "0x8"], "'0' is not an integer from 1"),
        ("map", ["--only-cells", "8"], "'8' is not of the form BATCHxWIDTH"),
        ("map", ["--only-cells", "8x8x8"], "'8x8' is not an integer"),
        ("map", ["--widths", "0"], "argument --widths"),
        ("map", ["--picture", "map.txt"], "does not end in .png or .svg"),
        ("map", ["--read", "no such file"], "No such file or directory: 'no such file'"),
        ("map", ["--colour"], "python -m benchmarks.map: unrecognized arguments: --colour"),
        ("estimators_speed", ["--only", "spirals"], "no task contains 'spirals'"),
        ("estimators_scores", ["--seeds", "1"], "expected at least 2"),
        ("scaling", ["--engine", "gpu"], "argument --engine"),
        ("fit_calls", ["two\nlines"], "unrecognized arguments: two lines"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_in_one_line(capsys, program, arguments, words):
    assert words in refusal(capsys, program, *arguments)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "\0", '{"about": {}, "dtype": "float32", "cells": []}', '{"about": {}, "levels": {}}'],
)
def test_the_map_reads_only_what_it_has_written(capsys, tmp_path, text):
    (tmp_path / "map.json").write_text(text)
    assert "was not written by --json" in refusal(capsys, "map", "--read", tmp_path / "map.json")


def test_the_map_shows_what_it_has_written(capsys, tmp_path):
    seconds = {OURS: 1, "JAX": 2, "PyTorch": 8, "PyTorch, fused optimizer": 4}
    results = {name: [{"seconds": s}] for name, s in seconds.items()}
    about = {"machine": "x", "cores": 2, "threads": 2, "instruction_set": "avx2", "versions": {"jax": "1"}}
    cells = [{"batch": 16, "width": width, "results": results} for width in (8, 64)]
    (tmp_path / "map.json").write_text(json.dumps({"about": about, "dtype": "float64", "cells": cells}))
    import_module("benchmarks.map").main(["--read", str(tmp_path / "map.json")])
    assert "| batch 16 | 0.50 | 0.50 |" in capsys.readouterr().out


def test_a_package_that_is_missing_is_named():
    require("numpy")
    with pytest.raises(InputError, match="no_such_package not found: pip install no_such_package"):
        require("numpy", "no_such_package")


# ---------------------------------------------------------------------------------------------- processes


@pytest.fixture
def noisy(tmp_path, monkeypatch):
    """Every Python process started from here writes more to standard error than a pipe holds."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nprint('noise ' * 100_000, file=sys.stderr)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)


def test_a_contender_may_write_any_amount_to_standard_error(noisy):
    worker = Worker("products", "", 1)
    assert worker.prepare(SMALL["rings"])
    assert worker.run(0)["seconds"] > 0
    worker.close()


def test_a_contender_that_ends_says_why(noisy):
    worker = Worker("no_such_contender", "", 1)
    with pytest.raises(ContenderError, match="No module named"):
        worker.prepare(SMALL["rings"])
    worker.close()
