"""Values and derivatives of a network by the compiled core: what prediction and solvers ask for, without training."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, program
from .native import NUMBERS, readable, usable_threads

#: Rows that a forward pass takes at a time.
ROWS = 512


class Evaluator:
    """A network's forward pass and derivatives in the compiled core, at its present parameters.

    The results are those of the network's own methods, within rounding. Arguments are trusted: inputs of any real
    dtype (or CSR), targets as ``network.encode`` returns them, directions and changes in the network's dtype.

    Parameters
    ----------
    network : Network
        With every part known to the core: see `program.unknown`.
    threads : int, optional
        By default as many as pay for themselves.
    """

    def __init__(self, network: Any, threads: int | None = None):
        self.network, self.threads = network, threads
        self.arguments = program.arguments(network)
        self.inputs, self.outputs, self.dtype = network.inputs, network.outputs, network.dtype
        self.theta, self.buffers = network.theta, network.buffers
        self.passes: Any = None  # the program for forward passes, made when first needed
        self.whole: Any = None  # and the one for derivatives
        self.rows = 0  # which takes so many

    def forward(self, x: Any, mapped: bool = False) -> np.ndarray:
        """z outside training, (n, outputs), or the loss's output map of it."""
        x = readable(x)
        z = np.empty((x[2].size - 1 if type(x) is tuple else x.shape[0], self.outputs), self.dtype)
        (self.passes or self._passes()).forward(self.theta, self.buffers, x, None, mapped, z)
        return z

    def at_once(self, x: Any, mapped: bool = False) -> np.ndarray | None:
        """`forward` of an x that the core can read as it lies; None if it is anything else, or not finite.

        One sample through a small network takes so little that every further look at x would be felt.
        """
        if (
            type(x) is not np.ndarray
            or x.dtype not in NUMBERS
            or x.ndim != 2
            or x.shape[1] != self.inputs
            or not x.flags.c_contiguous
        ):
            return None
        z = np.empty((x.shape[0], self.outputs), self.dtype)
        passes = self.passes or self._passes()
        return z if passes.forward(self.theta, self.buffers, x, None, mapped, z) else None

    def gradient(
        self,
        x: Any,
        t: np.ndarray,
        sample_weight: np.ndarray | None = None,
        training: bool = False,
        step: int = 0,
    ) -> tuple[float, np.ndarray]:
        """The mean loss with the penalty, and its gradient."""
        grad = np.empty_like(self.theta)
        t = _targets(t)
        value = self._whole(x).gradient(*self._at(), readable(x), t, sample_weight, training, step, grad)
        return value, grad

    def sample_gradients(self, x: Any, t: np.ndarray, training: bool = False, step: int = 0) -> np.ndarray:
        """The gradient of each sample's own loss, without the penalty, (n, parameters)."""
        grads = np.empty((x.shape[0], self.theta.size), self.dtype)
        self._whole(x).sample_gradients(*self._at(), readable(x), _targets(t), training, step, grads)
        return grads

    def jvp(
        self,
        x: Any,
        d_theta: np.ndarray,
        d_x: np.ndarray | None = None,
        training: bool = False,
        step: int = 0,
    ) -> np.ndarray:
        """The change of z when theta changes by d_theta and x by d_x."""
        d_z = np.empty((x.shape[0], self.outputs), self.dtype)
        self._whole(x).jvp(*self._at(), readable(x), d_theta, d_x, training, step, d_z)
        return d_z

    def vjp(
        self, x: Any, d_z: np.ndarray, training: bool = False, step: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """∂(Σ d_z ⊙ z)/∂theta and ∂(Σ d_z ⊙ z)/∂x."""
        grad, d_x = np.empty_like(self.theta), np.empty(x.shape, self.dtype)
        self._whole(x).vjp(*self._at(), readable(x), np.ascontiguousarray(d_z), training, step, grad, d_x)
        return grad, d_x

    def _at(self) -> tuple[np.ndarray, np.ndarray]:
        return self.theta, self.buffers

    def _passes(self) -> Any:
        self.passes = self._program(ROWS, whole=False)
        return self.passes

    def _whole(self, x: Any) -> Any:
        if self.whole is None or x.shape[0] > self.rows:
            self.rows = max(x.shape[0], 1)
            self.whole = self._program(self.rows, whole=True)
        return self.whole

    def _program(self, rows: int, whole: bool) -> Any:
        threads = usable_threads(self.network, rows, self.threads)
        return _core.Program(
            **self.arguments, rows=rows, threads=threads, sparse=False, fill_value=0.0, whole=whole
        )


def _targets(t: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(t, np.int64 if t.ndim == 1 else None)
