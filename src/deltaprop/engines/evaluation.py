"""Values and derivatives of a network by the compiled core: what prediction and solvers ask for, without training."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, program
from .native import readable, usable_threads

#: Rows that a forward pass takes at a time.
ROWS = 512


class Evaluation:
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
        self.passes: Any = None  # the program for forward passes, made when first needed
        self.whole: Any = None  # and the one for derivatives
        self.rows = 0  # which takes so many

    def forward(self, x: Any, mapped: bool = False) -> np.ndarray | None:
        """z outside training, (n, outputs), or the loss's output map of it; None if an input is not finite."""
        network = self.network
        if self.passes is None:
            self.passes = self._program(ROWS, whole=False)
        z = np.empty((x.shape[0], network.outputs), network.dtype)
        return (
            z
            if self.passes.forward(network.theta, network.statistics, readable(x), None, mapped, z)
            else None
        )

    def gradient(
        self,
        x: Any,
        t: np.ndarray,
        sample_weight: np.ndarray | None = None,
        training: bool = False,
        step: int = 0,
    ) -> tuple[float, np.ndarray]:
        """The mean loss with the penalty, and its gradient."""
        grad = np.empty_like(self.network.theta)
        t = _targets(t)
        value = self._whole(x).gradient(*self._at(), readable(x), t, sample_weight, training, step, grad)
        return value, grad

    def sample_gradients(self, x: Any, t: np.ndarray, training: bool = False, step: int = 0) -> np.ndarray:
        """The gradient of each sample's own loss, without the penalty, (n, parameters)."""
        grads = np.empty((x.shape[0], self.network.theta.size), self.network.dtype)
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
        d_z = np.empty((x.shape[0], self.network.outputs), self.network.dtype)
        self._whole(x).jvp(*self._at(), readable(x), d_theta, d_x, training, step, d_z)
        return d_z

    def vjp(
        self, x: Any, d_z: np.ndarray, training: bool = False, step: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """∂(Σ d_z ⊙ z)/∂theta and ∂(Σ d_z ⊙ z)/∂x."""
        grad, d_x = np.empty_like(self.network.theta), np.empty(x.shape, self.network.dtype)
        self._whole(x).vjp(*self._at(), readable(x), np.ascontiguousarray(d_z), training, step, grad, d_x)
        return grad, d_x

    def _at(self) -> tuple[np.ndarray, np.ndarray]:
        return self.network.theta, self.network.statistics

    def _whole(self, x: Any) -> Any:
        if self.whole is None or x.shape[0] > self.rows:
            self.rows = max(x.shape[0], 1)
            self.whole = self._program(self.rows, whole=True)
        return self.whole

    def _program(self, rows: int, whole: bool) -> Any:
        threads = usable_threads(self.network, rows, self.threads)
        return _core.Program(
            **self.arguments, rows=rows, threads=threads, sparse=False, ground=0.0, whole=whole
        )


def _targets(t: np.ndarray) -> np.ndarray:
    return t.astype(np.int64, copy=False) if t.ndim == 1 else np.ascontiguousarray(t)
