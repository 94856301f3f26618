"""SciPy's least_squares, method "lm" (MINPACK); residuals and Jacobian computed by deltaprop's core."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from scipy.optimize import least_squares

from ..workloads import Workload
from . import training


def prepare(workload: Workload, method: str, threads: int):
    """See `benchmarks.contenders`."""
    if workload.task != "lm":
        return None
    x, t = workload.data()
    net = workload.network()
    start, (residuals, jacobian) = net.theta.copy(), functions(net, x, t)

    def train(_, iterations):
        began = perf_counter()
        result = least_squares(residuals, start, jacobian, method=method, max_nfev=iterations)
        seconds = perf_counter() - began
        net.theta = result.x
        return seconds * iterations / result.njev, net.layers[0].w

    return training(workload, train)


def functions(net, x: np.ndarray, t: np.ndarray):
    """The residuals of all samples and their Jacobian, as functions of theta; the network has one output."""
    units, rows = np.ones((len(x), 1)), np.empty((len(x), net.theta.size))

    def residuals(theta):
        net.theta = theta
        return net.evaluator.forward(x)[:, 0] - t

    def jacobian(theta):
        net.theta = theta
        return net.evaluator.sample_vjp(x, units, rows)

    return residuals, jacobian
