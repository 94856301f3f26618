"""The benchmarks time the same thing for everyone: the declared data, the same weights, the same step."""

import json
import os
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest
from benchmarks import data_parallel, gpu, regularization, solver_memory, start_up, time_to_loss
from benchmarks.all_reduce import Link, case
from benchmarks.contenders import CONTENDERS, solving, training
from benchmarks.contenders.on_device import CHECK
from benchmarks.contenders.scipy_ import functions
from benchmarks.map import PEERS, cell, maps
from benchmarks.options import require
from benchmarks.process import ContenderError, Worker
from benchmarks.table import OURS
from benchmarks.workloads import LM, WORKLOADS

from deltaprop import MLPRegressor
from deltaprop.engines import instruction_set
from deltaprop.errors import InputError

needs_jax = pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")

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


@needs_jax
@pytest.mark.parametrize("name", ["rings", "digits-float64"])
@pytest.mark.parametrize(
    "contender",
    [
        "deltaprop, NumPy engine",
        "deltaprop, JAX engine, steps alone",
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


@needs_jax
def test_on_a_device_the_first_epochs_are_compared_after_the_same_samples():
    workload = gpu.workloads(quick=True)[0]
    net, (x, t) = workload.network(), workload.data()
    _, first = import_module("benchmarks.contenders.on_device_jax").prepare(workload, "scan", 1)(CHECK)
    rng = np.random.default_rng(0)
    order = np.concatenate([rng.permutation(workload.samples) for _ in range(2)])
    net.fit(x[order], t[order], epochs=1, batch_size=workload.batch, shuffle=False, engine="numpy")
    w0 = workload.weights()[0][:8]
    assert np.linalg.norm(first["w"] - net.layers[0].w[:8]) < 1e-4 * np.linalg.norm(net.layers[0].w[:8] - w0)


def test_what_a_gpu_is_to_reach_is_compared_with_the_fastest_of_a_kind():
    seconds = {OURS: 1, gpu.SCAN: 1, "PyTorch, eager": 4, "PyTorch, eager, foreach optimizer": 2}
    rounds = {
        name: [{"seconds": 0.0, "w": np.ones((8, 784)).tolist()}, {"seconds": s}]
        for name, s in seconds.items()
    }
    table = gpu.markdown(gpu.workloads(quick=True)[0], rounds)
    assert "met: 0.50 of PyTorch, eager, foreach optimizer, at most 1.0" in table
    assert "| JAX scan | 1 s | 1 s – 1 s | 1.00 × | 0.0e+00 of their change |" in table


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


# ------------------------------------------------------------------------------------------ data parallelism


def test_a_sum_in_a_ring_takes_the_time_of_its_messages():
    link = Link(latency=1e-3, bandwidth=1e6)
    assert link.all_reduce(8000, 4) == pytest.approx(6 * (1e-3 + 2e-3))
    found = Link.fit({size: link.all_reduce(size, 4) for size in (16, 4096, 1 << 20)}, 4)
    assert (found.latency, found.bandwidth) == (pytest.approx(1e-3), pytest.approx(1e6))


def test_the_model_of_a_step_shares_the_compute_and_adds_the_sums():
    sizes = data_parallel.messages(case("3-2-1:4"))
    assert sizes == [24, 8, 8, 4, 8]  # w, b of both layers, and the loss
    link = Link(latency=0.1, bandwidth=52.0)
    assert data_parallel.communication(sizes, 2, link) == pytest.approx(2 * (5 * 0.1 + 0.5))
    line = data_parallel.compute_line({"3-2-1:4": 3.0, "3-2-1:8": 5.0, "9-1:8": 7.0}, "3-2-1")
    assert line == (pytest.approx(1.0), pytest.approx(0.5))
    assert data_parallel.speed_up(line, sizes, 8, 2, link) == pytest.approx(5 / (3 + 2))


# ------------------------------------------------------------------------------------------------ solvers


def test_solvers_begin_alike_and_stop_at_the_goal():
    for name, (library, _) in solving.SOLVERS.items():
        if library == "torch":
            continue
        run = solving.prepare("0.05 20 100000", name, 1)
        seconds, extra = run(3)
        assert 0 < seconds < np.inf
        assert extra["mse"] <= 0.05 < first_error(3)
        assert 1 <= extra["iterations"] < 1000


def first_error(seed):
    """The mean squared error of the first weights."""
    x, t = LM.data()
    return 2 * LM.network(seed).value(x, t)


def test_a_goal_out_of_reach_takes_for_ever():
    seconds, extra = solving.prepare("1e-30 0.05 3", "LBFGS", 1)(0)
    assert seconds == np.inf
    assert extra["iterations"] <= 3
    assert extra["mse"] > 1e-30


def test_the_jacobian_given_to_scipy_is_that_of_the_residuals():
    x, t = LM.data()
    net = LM.network()
    residuals, jacobian = functions(net, x[:5], t[:5])
    theta, step = net.theta.copy(), 1e-6 * np.eye(net.theta.size)[7]
    slope = (residuals(theta + step) - residuals(theta - step)) / 2e-6
    np.testing.assert_allclose(jacobian(theta)[:, 7], slope, rtol=1e-6)


def test_the_table_counts_the_seeds_that_get_there():
    runs = [{"seconds": s, "iterations": 7, "mse": 1e-7} for s in (0.5, 0.25, np.inf)]
    table = time_to_loss.markdown({"some": runs, "never": [runs[2]] * 3})
    assert "| some | 2 of 3 | 500 ms | 7 | 1.0e-07 |" in table
    assert "| never | 0 of 3 | – | – | 1.0e-07 |" in table


@pytest.mark.parametrize("name", regularization.DATA)
def test_the_data_of_the_regularization_are_numbers(name):
    x, t = regularization.DATA[name]()
    assert x.ndim == 2
    assert t.shape == (len(x),)
    assert np.ptp(t) > 0


def test_regularization_compares_paired_splits(monkeypatch):
    def quick(seed):
        return {
            regularization.OURS: MLPRegressor(
                hidden_layer_sizes=(2,), solver="bayesian_lm", max_iter=3, random_state=seed
            ),
            "adam": MLPRegressor(hidden_layer_sizes=(2,), max_iter=3, random_state=seed),
        }

    monkeypatch.setattr(regularization, "contestants", quick)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [regularization.fits("iris", seed) for seed in range(2)]
    assert set(rows[0]) == {regularization.OURS, "adam"}
    ours, adam = regularization.summary(rows)
    assert "higher in" not in ours
    more = np.mean([row[regularization.OURS]["score"] - row["adam"]["score"] for row in rows])
    assert f"{more:+.4f}" in adam


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a process's times")
def test_the_first_score_of_a_command_comes_before_its_end(tmp_path):
    start_up.tables(tmp_path)
    arguments = ["train", "diabetes.csv", "--target", "progression", "--epochs", "1", "--layers", "2"]
    times = start_up.run(arguments, tmp_path, os.environ)
    assert 0 < times.first < times.wall
    assert times.cpu > 0
    with pytest.raises(InputError, match="exit status 2"):
        start_up.run([*arguments, "--epochs", "0"], tmp_path, os.environ)


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell a process's memory")
def test_memory_is_measured_in_a_process_of_its_own(capsys):
    solver_memory.main(["--samples", "200", "--iterations", "1"])
    assert "200 samples, 2000 weights" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------ command lines

ROUNDS = [
    "__main__",
    "all_reduce",
    "data_parallel",
    "map",
    "estimators_speed",
    "scaling",
    "derivatives",
    "start_up",
]
JSON = ["__main__", "data_parallel", "map", "estimators_speed", "estimators_scores", "start_up"]


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
        ("regularization", ["--splits", "1"], "expected at least 2"),
        ("solver_memory", ["--samples", "0"], "argument --samples"),
        ("time_to_loss", ["--mse", "-1"], "'-1' is not a number above 0"),
        ("time_to_loss", ["--seconds", "nan"], "'nan' is not a number above 0"),
        ("time_to_loss", ["--only", "bisection"], "no solver 'bisection'"),
        ("fit_calls", ["two\nlines"], "unrecognized arguments: two lines"),
        ("equal_engines", ["--slow"], "unrecognized arguments: --slow"),
        ("gpu", ["--seconds", "0"], "argument --seconds"),
        ("all_reduce", ["--step", "784-10"], "'784-10' is not of the form"),
        pytest.param("all_reduce", ["--processes", "2"], "coordinator", marks=needs_jax),
        ("data_parallel", ["--step", "784-0:8"], "'784-0:8' is not of the form"),
        ("data_parallel", ["--step", "784-10:6"], "the batch is not a multiple of 4"),
        ("data_parallel", ["--picture", "speed.txt"], "does not end in .png or .svg"),
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
