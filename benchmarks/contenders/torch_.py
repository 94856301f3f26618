"""PyTorch, eager, as its tutorials write a training loop; its optimizer fused or not."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import torch

from ..workloads import Workload, mnist
from . import training
from .deltaprop_ import calls

ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders`."""
    torch.set_num_threads(threads)
    if workload.task == "accurate":
        return _accurate(workload) if variant == "fused" else None
    if workload.task == "predict":
        return _predict(workload) if variant == "eager" else None
    if workload.task in ("many", "lm"):
        return None
    x, t = tensors(workload, *workload.data())
    weights = workload.weights()

    def train(_, epochs):
        net = network(workload, weights)
        rule = optimizer(workload, net, fused=variant == "fused")
        began = perf_counter()
        fit(workload, net, rule, x, t, epochs)
        return perf_counter() - began, next(net.parameters()).detach().numpy()

    return training(workload, train)


def network(workload: Workload, weights=None) -> torch.nn.Sequential:
    """The same network, from the same weights."""
    layers: list[torch.nn.Module] = []
    for before, after in pairwise(workload.sizes):
        layers += [torch.nn.Linear(before, after), ACTIVATIONS[workload.activation]()]
    net = torch.nn.Sequential(*layers[:-1]).to(getattr(torch, workload.dtype))
    if weights is not None:
        with torch.no_grad():
            for parameter, value in zip(net.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(value))
    return net


def optimizer(workload: Workload, net, fused: bool):
    """Momentum or Adam with the workload's rate."""
    if workload.optimizer == "momentum":
        return torch.optim.SGD(net.parameters(), workload.rate, momentum=0.9, fused=fused)
    return torch.optim.Adam(net.parameters(), workload.rate, fused=fused)


def fit(workload: Workload, net, rule, x, t, epochs: int, schedule=None) -> None:
    """Epochs of shuffled batches."""
    softmax = workload.loss == "softmax_cross_entropy"
    loss = torch.nn.CrossEntropyLoss() if softmax else torch.nn.MSELoss()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for start in range(0, len(x), workload.batch):
            rows = order[start : start + workload.batch]
            rule.zero_grad()
            value = loss(net(x[rows]), t[rows])
            value.backward()
            rule.step()
            if schedule is not None:
                schedule.step()


def tensors(workload: Workload, x, t):
    """The data as PyTorch takes them."""
    t = torch.from_numpy(t)
    return torch.from_numpy(x), t if workload.loss == "softmax_cross_entropy" else t[:, None]


def _accurate(workload: Workload):
    """The peer's own best: Adam on a one-cycle schedule."""
    x, t, x_test, t_test = map(torch.from_numpy, mnist())

    def run(seed):
        torch.manual_seed(seed)
        began = perf_counter()
        net = network(workload)
        rule = optimizer(workload, net, fused=True)
        steps = workload.epochs * -(-len(x) // workload.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(rule, workload.rate, total_steps=steps)
        fit(workload, net, rule, x, t, workload.epochs, schedule)
        seconds = perf_counter() - began
        with torch.inference_mode():
            right = (net(x_test).argmax(dim=1) == t_test).float().mean()
        return seconds, {"accuracy": float(right)}

    run(0)
    return run


def _predict(workload: Workload):
    net = network(workload, workload.weights()).eval()
    one = torch.from_numpy(workload.data()[0][:1])

    def call():
        with torch.inference_mode():
            return net(one)

    return calls(call)
