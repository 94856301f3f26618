"""The error of a network over the time of its training."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ..network import Network
from ..solvers import Solver
from ..training import Callback, fit


@dataclass(frozen=True)
class Trajectory:
    """The mean squared error of the training samples after each iteration or epoch, and the seconds until then."""

    seconds: np.ndarray
    errors: np.ndarray

    def time_to(self, error: float) -> float:
        """Seconds until the error was at most this; infinite if it never was."""
        reached = self.errors <= error
        return float(self.seconds[reached.argmax()]) if reached.any() else np.inf


class Until(Callback):
    """Ends a fit at an error, or after some seconds."""

    history_only = True

    def __init__(self, error: float, seconds: float):
        self.error, self.seconds, self.began = error, seconds, perf_counter()

    def on_epoch(self, run):
        if 2 * run.history.last["train_loss"] <= self.error:
            run.stop("the error is small enough")
        elif perf_counter() - self.began > self.seconds:
            run.stop("the time is up")


def train(
    network: Network, x: np.ndarray, t: np.ndarray, rule: Any, *, error: float, seconds: float
) -> Trajectory:
    """Train until an error is reached or the time is up: a solver on all samples, an optimizer on batches of 32."""
    batches: dict[str, Any] = {} if isinstance(rule, Solver) else {"batch_size": 32}
    history = fit(
        network,
        x,
        t,
        optimizer=rule,
        epochs=1_000_000,
        callbacks=[Until(error, seconds)],
        progress=False,
        **batches,
    )
    return Trajectory(np.cumsum(history["seconds"]), 2 * history["train_loss"])
