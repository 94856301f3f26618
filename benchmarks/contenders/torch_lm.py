"""torch-levenberg-marquardt: iterations on all samples, the linear systems solved by one of its methods."""

from __future__ import annotations

from time import perf_counter

import torch
from torch_levenberg_marquardt.training import LevenbergMarquardtModule

from ..workloads import Workload
from . import training
from .torch_ import network, tensors


def prepare(workload: Workload, method: str, threads: int):
    """See `benchmarks.contenders`; variants: "qr", its default, "cholesky" and "solve"."""
    if workload.task != "lm":
        return None
    torch.set_num_threads(threads)
    x, t = tensors(workload, *workload.data())
    weights = workload.weights()

    def train(_, iterations):
        net = network(workload, weights)
        began = perf_counter()
        solver = LevenbergMarquardtModule(net, solve_method=method)
        for _ in range(iterations):
            solver.training_step(x, t)
        return perf_counter() - began, next(net.parameters()).detach().numpy()

    return training(workload, train)
