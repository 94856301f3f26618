"""What an estimator remembers from call to call, so that training goes on as if it had not stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..training.run import Run, Weights
from .callbacks import NoImprovement


@dataclass(frozen=True)
class Memory:
    """Where training stands after a call. Never changed: each call makes a new one.

    Attributes
    ----------
    seed : int
        Of weights, order of samples, dropout and the split of validation data.
    epoch, step, t : int
        Epochs, steps and samples of all calls.
    rate_scale : float
        Factor on the learning rate.
    state : dict of str to ndarray
        The optimizer's or solver's.
    watcher : NoImprovement or None
    best : Weights or None
        The best weights so far, where a validation score is watched.
    best_epoch : int or None
    last, shown : Weights or None
        The newest weights where the network shows others (the best ones, or rounded ones), and what it shows.
    """

    seed: int
    epoch: int = 0
    step: int = 0
    t: int = 0
    rate_scale: float = 1.0
    state: dict[str, np.ndarray] = field(default_factory=dict)
    watcher: NoImprovement | None = None
    best: Weights | None = None
    best_epoch: int | None = None
    last: Weights | None = None
    shown: Weights | None = None

    def enter(self, run: Run) -> None:
        """Let a run begin where the last call ended."""
        run.epoch, run.step, run.rate_scale = self.epoch, self.step, self.rate_scale
        state = run.engine.state
        if {k: v.shape for k, v in state.items()} == {k: v.shape for k, v in self.state.items()}:
            for name, value in state.items():
                value[...] = self.state[name]
        if (
            self.best is not None
            and run.validation is not None
            and self.best.theta.dtype == run.network.dtype
        ):
            run.best, run.best_epoch = Weights(run.network), self.best_epoch
            run.best.theta[:], run.best.buffers[:] = self.best.theta, self.best.buffers

    def continue_from(self, network: Any) -> None:
        """Put the newest weights into a copy of the shown network, unless someone has changed what was shown."""
        if self.last is not None and self.shown is not None:
            untouched = np.array_equal(network.theta.astype(self.shown.theta.dtype), self.shown.theta)
            if untouched and self.last.theta.dtype == network.dtype:
                self.last.put_back(network)

    @staticmethod
    def after(
        run: Run, seed: int, t: int, watcher: NoImprovement | None, network: Any, keep_state: bool
    ) -> Memory:
        """The memory after a run; `network` is what the estimator shows."""
        hidden = run.best is not None or network is not run.network
        return Memory(
            seed,
            run.epoch,
            run.step,
            t,
            run.rate_scale,
            {name: np.array(value) for name, value in run.engine.state.items()} if keep_state else {},
            watcher,
            run.best,
            run.best_epoch,
            run.good if hidden else None,
            Weights(network) if hidden else None,
        )
