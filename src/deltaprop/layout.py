"""Where each layer's arrays lie in the flat vectors: theta for what is learned, statistics for what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from .layers import DECAYING, Layer, View
from .layers.base import Shapes


@dataclass(frozen=True)
class Block:
    """One array of one layer, as a piece of a flat vector.

    Attributes
    ----------
    name : str
        Position and parameter, such as ``"0.w"``, or ``"3.1.w"`` for a layer inside a residual one.
    layer : int
        The layer's depth-first number.
    parameter : str
        The array's name in its layer.
    shape : tuple of int
    start : int
        First index in the vector.
    decays : bool
        Whether penalties and weight decay act on it.
    """

    name: str
    layer: int
    parameter: str
    shape: tuple[int, ...]
    start: int
    decays: bool

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)

    @property
    def slice(self) -> slice:
        """Its place in the vector."""
        return slice(self.start, self.start + self.size)

    def of(self, vector: np.ndarray) -> np.ndarray:
        """Its array, a view of `vector`."""
        return vector[self.slice].reshape(self.shape)


@dataclass
class Node:
    """A layer with its number, its position, its input width and the blocks of its arrays; wrapped layers inside."""

    layer: Layer
    index: int
    name: str
    inputs: int
    parameters: list[Block] = field(default_factory=list)
    buffers: list[Block] = field(default_factory=list)
    inside: list[Node] = field(default_factory=list)


class Layout:
    """The plan of a network's flat vectors.

    Attributes
    ----------
    parameters, buffers : tuple of Block
        The pieces of theta and of the vector of buffers, in order.
    """

    def __init__(self, layers: Sequence[Layer], inputs: int):
        self._count = 0
        self._theta: list[Block] = []
        self._buffers: list[Block] = []
        self._nodes = self._row(layers, inputs, prefix="")
        self.parameters = tuple(self._theta)
        self.buffers = tuple(self._buffers)

    @property
    def size(self) -> int:
        """Length of theta."""
        return sum(block.size for block in self.parameters)

    @property
    def buffers_size(self) -> int:
        """Length of the vector of buffers."""
        return sum(block.size for block in self.buffers)

    def views(self, theta: np.ndarray, buffers: np.ndarray | None = None) -> tuple[View, ...]:
        """Show the vectors (theta, or a gradient or direction of its layout) as the layers' named arrays."""
        return tuple(_view(node, theta, buffers) for node in self._nodes)

    def summary(self, loss: object, outputs: int) -> str:
        """A table of the layers, with the loss as its last row: name, outputs, parameters."""
        rows: list[tuple[str, str | int, str | int]] = [("layer", "outputs", "parameters")]
        for node in self.nodes():
            count = sum(block.size for block in node.parameters) or ""
            rows.append(("  " * node.name.count(".") + str(node.layer), node.layer.width(node.inputs), count))
        rows.append((str(loss), outputs, self.size))
        width = max(30, *(len(name) for name, _, _ in rows))
        return "\n".join(f"{name:<{width}} {d:>7}  {count:>10}".rstrip() for name, d, count in rows)

    def nodes(self) -> list[Node]:
        """Every layer with its number, name, number of inputs and blocks; depth first."""
        found, rest = [], self._nodes[::-1]
        while rest:
            found.append(rest.pop())
            rest += found[-1].inside[::-1]
        return found

    def _row(self, layers: Sequence[Layer], d_in: int, prefix: str) -> list[Node]:
        nodes = []
        for position, layer in enumerate(layers):
            node = Node(layer, self._count, f"{prefix}{position}", d_in)
            self._count += 1
            shapes, buffers, inside = layer.shapes(d_in), layer.buffers(d_in), layer.wrapped()
            d_in = layer.width(d_in)
            node.parameters = _append(self._theta, shapes, node.name, node.index)
            node.buffers = _append(self._buffers, buffers, node.name, node.index)
            node.inside = self._row(inside, node.inputs, prefix=f"{node.name}.")
            nodes.append(node)
        return nodes


def _append(blocks: list[Block], shapes: Shapes, name: str, index: int) -> list[Block]:
    """Put one layer's arrays behind what `blocks` holds already."""
    new = []
    for parameter, shape in shapes.items():
        start = blocks[-1].slice.stop if blocks else 0
        block = Block(f"{name}.{parameter}", index, parameter, tuple(shape), start, parameter in DECAYING)
        blocks.append(block)
        new.append(block)
    return new


def _view(node: Node, theta: np.ndarray, buffers: np.ndarray | None) -> View:
    arrays = {block.parameter: block.of(theta) for block in node.parameters}
    if buffers is not None:
        arrays |= {block.parameter: block.of(buffers) for block in node.buffers}
    return View(node.layer, node.index, arrays, tuple(_view(n, theta, buffers) for n in node.inside))


def aligned_zeros(size: int, dtype: np.dtype) -> np.ndarray:
    """Zeros that begin at a cache line: reading theta is most of the work of a single sample's forward pass."""
    line = 64  # bytes
    room = np.zeros(size * dtype.itemsize + line, np.uint8)
    start = -room.__array_interface__["data"][0] % line
    return room[start : start + size * dtype.itemsize].view(dtype)
