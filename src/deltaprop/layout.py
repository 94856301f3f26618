"""Where each layer's arrays lie in the flat vectors: theta for parameters, buffers for running statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np

from .layers import PENALIZED, Layer, View
from .layers.base import Shapes


@dataclass(frozen=True)
class Block:
    """One array of one layer, as a piece of a flat vector."""

    name: str  #: position and parameter, such as "0.w", or "3.1.w" for a layer inside a residual one
    layer: int  #: the layer's depth-first number
    parameter: str  #: the array's name in its layer
    shape: tuple[int, ...]
    start: int  #: first index in the vector
    penalized: bool  #: whether penalties act on it

    @cached_property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)

    @cached_property
    def slice(self) -> slice:
        """Its place in the vector."""
        return slice(self.start, self.start + self.size)

    def of(self, vector: np.ndarray) -> np.ndarray:
        """Its array, a view of `vector`."""
        return vector[self.slice].reshape(self.shape)


@dataclass
class Node:
    """A layer with its number, its position, its widths and the blocks of its arrays; wrapped layers inside."""

    layer: Layer
    index: int
    name: str
    inputs: int
    outputs: int
    parameters: list[Block] = field(default_factory=list)
    buffers: list[Block] = field(default_factory=list)
    inside: list[Node] = field(default_factory=list)


class Layout:
    """The plan of a network's flat vectors, theta and the buffers."""

    def __init__(self, layers: Sequence[Layer], inputs: int):
        self.parameters: list[Block] = []  # in their order in theta
        self.buffers: list[Block] = []
        self.nodes: list[Node] = []  # depth first
        self._row = self._place(layers, inputs, prefix="")
        self.outputs = self._row[-1].outputs if self._row else inputs
        self.widest = max([inputs, *[node.outputs for node in self.nodes]])
        self.size, self.buffers_size = _end(self.parameters), _end(self.buffers)

    def views(self, theta: np.ndarray, buffers: np.ndarray | None = None) -> tuple[View, ...]:
        """Show the vectors (theta, or a gradient or direction of its layout) as the layers' named arrays."""
        return _views(self._row, theta, buffers)

    def summary(self, loss: object, outputs: int) -> str:
        """A table of the layers, with the loss as its last row: name, outputs, parameters."""
        rows: list[tuple[str, str | int, str | int]] = [("layer", "outputs", "parameters")]
        for node in self.nodes:
            count = sum(block.size for block in node.parameters) or ""
            rows.append(("  " * node.name.count(".") + str(node.layer), node.outputs, count))
        rows.append((str(loss), outputs, self.size))
        width = max(30, *(len(name) for name, _, _ in rows))
        return "\n".join(f"{name:<{width}} {d:>7}  {count:>10}".rstrip() for name, d, count in rows)

    def _place(self, layers: Sequence[Layer], inputs: int, prefix: str) -> list[Node]:
        row = []
        for position, layer in enumerate(layers):
            buffers, inside, shapes = layer.buffers(inputs), layer.wrapped(), layer.shapes(inputs)
            node = Node(layer, len(self.nodes), f"{prefix}{position}", inputs, layer.width(inputs))
            self.nodes.append(node)
            node.parameters = _append(self.parameters, shapes, node)
            node.buffers = _append(self.buffers, buffers, node)
            node.inside = self._place(inside, inputs, prefix=f"{node.name}.")
            row.append(node)
            inputs = node.outputs
        return row


def _append(blocks: list[Block], shapes: Shapes, node: Node) -> list[Block]:
    """Append one layer's arrays to `blocks`; return the new blocks."""
    before = len(blocks)
    for name, shape in shapes.items():
        start, penalized = _end(blocks), name in PENALIZED
        blocks.append(Block(f"{node.name}.{name}", node.index, name, tuple(shape), start, penalized))
    return blocks[before:]


def _end(blocks: list[Block]) -> int:
    return blocks[-1].slice.stop if blocks else 0


def _views(nodes: list[Node], theta: np.ndarray, buffers: np.ndarray | None) -> tuple[View, ...]:
    parts: list[tuple[dict[str, np.ndarray], tuple[View, ...]]] = []
    for node in nodes:
        arrays = {block.parameter: block.of(theta) for block in node.parameters}
        if buffers is not None:
            arrays |= {block.parameter: block.of(buffers) for block in node.buffers}
        parts.append((arrays, _views(node.inside, theta, buffers)))
    return tuple([View(node.layer, node.index, *part) for node, part in zip(nodes, parts, strict=True)])


def aligned_zeros(size: int, dtype: np.dtype) -> np.ndarray:
    """Zeros that begin at a cache line: reading theta is most of the work of a single sample's forward pass."""
    line = 64  # bytes
    room = np.zeros(size * dtype.itemsize + line, np.uint8)
    start = -room.__array_interface__["data"][0] % line
    return room[start : start + size * dtype.itemsize].view(dtype)
