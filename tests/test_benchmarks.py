"""The benchmarks time the same thing for everyone: the declared data, the same weights, the same step."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from benchmarks.contenders import CONTENDERS, training
from benchmarks.map import PEERS, cell, maps
from benchmarks.table import OURS
from benchmarks.workloads import WORKLOADS

from deltaprop.engines import instruction_set

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
