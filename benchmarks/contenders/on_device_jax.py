"""deltaprop's JAX engine, by itself and in a whole fit, and the scan of `jax_` written by hand."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from deltaprop import engines
from deltaprop.training.samplers import Sampler

from ..workloads import Workload
from . import jax_
from .deltaprop_ import optimizer
from .on_device import PROFILE, rounds

#: The names that JAX has for a precision of products.
NAMES = {"float32": "float32", "tf32": "tensorfloat32", "bf16": "bfloat16"}


@dataclass(frozen=True, eq=False)
class Given(Sampler):
    """The orders of a table."""

    table: Any = None

    def order(self, pool, epoch, rng):
        return self.table[epoch]


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders.on_device`."""
    run = rounds(workload, {"engine": _engine, "fit": _fit, "scan": _scan}[variant](workload))

    def run_or_profile(number):
        if number != PROFILE:
            return run(number)
        with _kernels() as found:
            seconds, _ = run(1)
        return seconds, {"kernels": found}

    return run_or_profile


def _engine(workload: Workload):
    """The steps of a fit, as many epochs at once as in one: see `deltaprop.training.loop`."""
    x, t = workload.data()
    net, rule = workload.network(), optimizer(workload)
    start, kind = net.theta.copy(), engines.select("jax", net, rule)

    def train(orders):
        net.theta = start
        engine = kind(net, x, t, None, rule, workload.batch, precision=workload.precision)
        at_once = max(1, engine.block_samples // workload.samples)
        engine.run(orders[0], 0, 1.0, engine.report(1).sums(0))  # returns a number: nothing is pending
        began = perf_counter()
        for first in range(1, len(orders), at_once):
            engine.run_epochs(orders[first : first + at_once], first * workload.steps, 1.0, None)
        seconds = perf_counter() - began
        engine.close()
        return seconds, net.layers[0].w

    return train


def _fit(workload: Workload):
    x, t = workload.data()
    net, rule = workload.network(), optimizer(workload)
    start = net.theta.copy()
    options = {"optimizer": rule, "batch_size": workload.batch, "precision": workload.precision}

    def train(orders):
        net.theta = start
        began = perf_counter()
        net.fit(x, t, epochs=len(orders), sampler=Given(orders), engine="jax", **options)
        return (perf_counter() - began) * (len(orders) - 1) / len(orders), net.layers[0].w

    return train


def _scan(workload: Workload):
    x, t = map(jnp.asarray, workload.data())
    weights = [jnp.asarray(w) for w in workload.weights()]
    epoch = jax.jit(jax_.epoch(workload), donate_argnums=(0, 1))

    def train(orders):
        orders = orders.astype(np.int32).reshape(len(orders), -1, workload.batch)
        parameters = [w + 0 for w in weights]
        state = [jnp.zeros_like(w) for w in weights * 2]
        began = 0.0
        with jax.default_matmul_precision(NAMES[workload.precision]):
            for k, order in enumerate(orders):
                if k == 1:
                    jax.block_until_ready(parameters)
                    began = perf_counter()
                parameters, state = epoch(parameters, state, k * workload.steps, x, t, order)
        jax.block_until_ready(parameters)
        return perf_counter() - began, np.asarray(parameters[0])

    return train


@contextmanager
def _kernels():
    """A list that holds afterwards the kernels that ran within: name, number of calls, seconds; the longest first."""
    found: list[tuple[str, int, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            yield found
        (path,) = Path(folder).rglob("*.xplane.pb")
        planes = list(jax.profiler.ProfileData.from_file(str(path)).planes)
        devices = [p for p in planes if p.name.startswith("/device:")]
        lines = [line for p in devices or planes for line in p.lines if devices or "XLA" in line.name]
        calls, seconds = Counter(), Counter()
        for line in lines:
            if line.name.startswith("Stream") or not devices:
                for event in line.events:
                    calls[event.name] += 1
                    seconds[event.name] += event.duration_ns / 1e9
        found += [(name, calls[name], total) for name, total in seconds.most_common()]
