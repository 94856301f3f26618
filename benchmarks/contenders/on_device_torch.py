"""PyTorch on the GPU: eager or compiled, samples gathered on the device."""

from __future__ import annotations

from time import perf_counter

import torch

from ..workloads import Workload
from .on_device import rounds
from .torch_ import network, tensors

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Loss(torch.nn.Module):
    """The mean loss of a network on rows of the data, which are buffers: CUDA graphs would copy other inputs."""

    def __init__(self, net, x, t):
        super().__init__()
        self.net = net
        self.register_buffer("x", x)
        self.register_buffer("t", t)

    def forward(self, rows):
        """Of the rows of these numbers."""
        return torch.nn.functional.cross_entropy(self.net(self.x.index_select(0, rows)), self.t[rows])


def prepare(workload: Workload, variant: str, threads: int):
    """See `benchmarks.contenders.on_device`; the variant is "eager", "foreach" or a mode of `torch.compile`."""
    torch.set_float32_matmul_precision("high" if workload.precision == "tf32" else "highest")
    torch.compiler.reset()
    x, t = (v.to(DEVICE) for v in tensors(workload, *workload.data()))
    weights = workload.weights()
    loss = net = Loss(network(workload, weights), x, t).to(DEVICE)
    if variant not in ("eager", "foreach"):
        loss = torch.compile(net, mode=variant, dynamic=False)

    def train(orders):
        with torch.no_grad():
            for parameter, value in zip(net.parameters(), weights, strict=True):
                parameter.copy_(torch.from_numpy(value))
        way = {"foreach": True} if variant == "foreach" else {"fused": True}
        rule = torch.optim.Adam(net.parameters(), workload.rate, **way)
        began = 0.0
        for k, order in enumerate(torch.from_numpy(orders).to(DEVICE)):
            if k == 1:
                _synchronize()
                began = perf_counter()
            for rows in order.split(workload.batch):
                rule.zero_grad()
                loss(rows).backward()
                rule.step()
        _synchronize()
        return perf_counter() - began, next(net.parameters()).detach().cpu().numpy()

    return rounds(workload, train)


def _synchronize() -> None:
    if DEVICE == "cuda":
        torch.cuda.synchronize()
