"""The floor: the matrix products of a training step and nothing else, as BLAS does them."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import numpy as np

from ..workloads import Workload


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.task != "train":
        return None
    n, sizes = workload.batch, workload.sizes
    rng = np.random.default_rng(0)

    def normal(*shape):
        return rng.standard_normal(shape, dtype=np.dtype(workload.dtype))

    a = [normal(n, d) for d in sizes]
    w = [normal(after, before) for before, after in pairwise(sizes)]
    z, d_w = [np.empty_like(v) for v in a], [np.empty_like(v) for v in w]

    def step():
        for l in range(len(w)):
            np.matmul(a[l], w[l].T, out=z[l + 1])  # forward
        for l in reversed(range(len(w))):
            np.matmul(a[l + 1].T, a[l], out=d_w[l])  # gradient
            if l:
                np.matmul(a[l + 1], w[l], out=z[l])  # delta

    def run(_):
        count = max(50, workload.steps // 2)
        began = perf_counter()
        for _ in range(count):
            step()
        return (perf_counter() - began) / count * (workload.steps if workload.unit == "epoch" else 1), {}

    run(0)
    return run
