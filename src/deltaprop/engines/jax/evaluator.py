"""Outputs of a network on the devices that JAX finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from ... import batching
from ..evaluator import Evaluator
from . import compiled, devices, program

if TYPE_CHECKING:
    from ...network import Network

#: Rows that pass through the network at a time.
ROWS = 1 << 13


class JaxEvaluator(Evaluator):
    """Computes the outputs on the devices; values and derivatives, as `Evaluator` does, with NumPy on the host."""

    def __init__(self, network: Network, precision: str = "float32"):
        super().__init__(network)
        self.program = program.Program(network, precision=precision)
        self.parameters: Any = (
            None  #: theta and the buffers on the devices, where they are newer than the host's
        )
        self._held: dict[
            int, tuple[Any, jax.Array]
        ] = {}  # arrays of the host and their copies on the devices

    def forward(self, x: Any, samples: np.ndarray | None = None, mapped: bool = False) -> np.ndarray:
        """z outside training."""
        network = self.network
        n = x.shape[0] if samples is None else len(samples)
        size = min(ROWS, 1 << max(n - 1, 0).bit_length())  # few sizes, each of which is compiled
        z = np.empty((n, network.outputs), network.dtype)
        with jax.enable_x64(True):
            parameters = self.parameters or devices.copies(program.weights(network))
            for start in range(0, n, size):
                part = slice(start, min(start + size, n))
                given = self._rows(x, np.arange(n)[part] if samples is None else samples[part], size)
                found = compiled.forward(self.program, *parameters, *given, devices.whole())
                z[part] = devices.fetch(found)[: part.stop - part.start]
        return network.loss.predict(z) if mapped else z

    def _rows(self, x: Any, which: np.ndarray, size: int) -> tuple[jax.Array, jax.Array | None]:
        """These rows of x, `size` with padding: the held copy and their numbers, or themselves."""
        sharding, held = devices.by_rows(size), self.hold(x)
        if held is not None:
            return held, devices.put(devices.padded(which.astype(np.int32), size), sharding)
        return devices.put(devices.padded(batching.take(x, which, self.network.dtype), size), sharding), None

    def hold(self, x: Any) -> jax.Array | None:
        """A copy of x on the devices, made once; None for what stays in its file, or has no room beside the others."""
        if id(x) in self._held:
            return self._held[id(x)][1]
        if not isinstance(x, np.ndarray) or batching.is_mapped(x):
            return None
        if x.nbytes + sum(other.nbytes for other, _ in self._held.values()) > devices.room():
            return None
        self._held[id(x)] = x, devices.copies(devices.readable(x, self.network.dtype))
        return self._held[id(x)][1]
