"""From a network to the compiled core's program: a short list of operations, each with a few numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..functions import Penalty
from ..layers import Dropout, Layer
from ..layers.activation import ActivationLayer
from . import _core
from .diagnostics import FLAT, steepest

if TYPE_CHECKING:
    from enum import Enum

    from ..layout import Node
    from ..network import Network

#: Multiplications for which a second thread pays off.
WORTH_A_THREAD = 2_000_000

#: What a thread must have at least: rows of a batch, or units and inputs of a layer that is divided by units.
ROWS_OF_A_THREAD, UNITS_OF_A_THREAD = 8, 64

#: Weights of a layer above which the core divides it by units: 512 KB in float32, see ``whole_batch`` in dense.hpp.
DIVIDED_FROM = 1 << 17

Operation = tuple["_core.Operation", list[int], list[float]]


def member(kind: type[Enum], obj: Any) -> Any:
    """The member of one of the core's enumerations that stands for `obj`; None: the core has no code for it.

    A class names it in its attribute `operation`, which subclasses do not inherit: they may compute something else.
    """
    return kind.__members__.get(vars(type(obj)).get("operation"))  # type: ignore[arg-type]


def unknown(network: Network) -> str | None:
    """The first part of the network that the core has no code for."""
    for node in network.nodes:
        if member(_core.Operation, node.layer) is None:
            return f"the layer {node.layer}"
        if isinstance(node.layer, ActivationLayer) and member(_core.Function, node.layer.function) is None:
            return f"the activation {node.layer.function}"
    if member(_core.Loss, network.loss.single) is None:
        return f"the loss {network.loss}"
    return None


def differs_by_layer(network: Network) -> bool:
    """Whether the penalty has an l2 for each layer: the core then leaves it out."""
    return network.penalty is not None and isinstance(network.penalty.l2, tuple)


def build(
    network: Network, rows: int, threads: int | None, fill_value: float | None = None, **options: Any
) -> _core.Program:
    """The network's program for at most `rows` rows at a time; it skips inputs of `fill_value`, unless that is None."""
    slots = {node.name: l for l, node in enumerate(n for n in network.nodes if n.parameters)}
    loss, theta, buffers = network.loss.single, network.theta, network.buffers
    penalty = Penalty() if network.penalty is None or differs_by_layer(network) else network.penalty
    return _core.Program(
        operations=list(_row(network.nodes, slots)),
        inputs=network.inputs,
        outputs=network.outputs,
        parameters=theta.size,
        buffers=buffers.size,
        slots=len(slots),
        loss=member(_core.Loss, loss),
        members=network.loss.members,
        output_map=_core.OutputMap.__members__[loss.output_map],
        level=_only(loss),
        off=loss.off,
        on=loss.on,
        seed=network.dropout_seed,
        l1=penalty.l1,
        l2=penalty.l2,
        is_double=network.dtype == "float64",
        rows=rows,
        threads=usable_threads(network, rows, threads),
        sparse=fill_value is not None,
        fill_value=fill_value or 0.0,
        **{"shared": 0, "whole": False} | options,
    )


def usable_threads(network: Network, rows: int, threads: int | None, size: int | None = None) -> int:
    """The given number of threads; by default one per core available to this process, fewer for small work.

    `size` is a third of the multiplications of a row; by default the number of parameters.
    """
    if threads is not None:
        return threads
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")  # joblib sets it in its processes
    cores = min(cores, int(limit)) if limit.isdigit() and int(limit) else cores
    shapes = [p.shape for node in network.nodes for p in node.parameters if len(p.shape) == 2]
    wide = [min(shape) // UNITS_OF_A_THREAD for shape in shapes if shape[0] * shape[1] > DIVIDED_FROM]
    shares = max(rows // ROWS_OF_A_THREAD, *wide, 1)
    multiplications = 3 * rows * (network.theta.size if size is None else size)
    return max(1, min(cores, multiplications // WORTH_A_THREAD, shares))


def dropout_rates(network: Network, steps: np.ndarray) -> np.ndarray:
    """The rates of the dropout layers, in their order, in each of these steps: (steps, dropout layers)."""
    rates = [node.layer.rates(steps) for node in network.nodes if isinstance(node.layer, Dropout)]
    return np.ascontiguousarray(np.reshape(rates, (len(rates), len(steps))).T)


def _only(obj: Any) -> float:
    """The number that a loss or an activation declares, at most one; 0 if none."""
    (name,) = obj.numbers or (None,)
    return 0.0 if name is None else float(getattr(obj, name))


def _row(nodes: Iterable[Node], slots: dict[str, int]) -> Iterator[Operation]:
    """The operations of the layers; a residual connection becomes a branch, its layers, and a join."""
    open_ends: list[str] = []
    for node in nodes:
        while open_ends and not node.name.startswith(open_ends[-1]):
            open_ends.pop()
            yield _core.Operation.join, [], []
        operation = member(_core.Operation, node.layer)
        if operation is _core.Operation.branch:
            open_ends.append(f"{node.name}.")
        yield operation, *_numbers(node, slots.get(node.name, -1))
    for _ in open_ends:
        yield _core.Operation.join, [], []


def _numbers(node: Node, slot: int) -> tuple[list[int], list[float]]:
    """The integers and the numbers of a layer, in the order that its class declares."""
    layer: Layer = node.layer
    integers: dict[str, int] = {block.parameter: block.start for block in node.parameters + node.buffers}
    integers |= {"slot": slot, "index": node.index}
    numbers: dict[str, float] = {}
    if isinstance(layer, ActivationLayer):
        f = layer.function
        integers["function"] = member(_core.Function, f).value
        numbers |= {"function": _only(f), "flat": FLAT * steepest(f)}
    values = [integers[name] if name in integers else getattr(layer, name, -1) for name in layer.integers]
    return (
        [int(i) for value in values for i in (value if isinstance(value, tuple) else (value,))],
        [numbers[name] if name in numbers else float(getattr(layer, name)) for name in layer.numbers],
    )
