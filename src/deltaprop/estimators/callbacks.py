"""scikit-learn's rules for stopping, and its printed lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..training import Callback
from ..training.history import direction


@dataclass
class NoImprovement(Callback):
    """Stop, or lower the learning rate, after more than `patience` epochs in a row without improvement by `tol`.

    The column is one of the history. For a validation column the weights of the best epoch are kept. The count
    continues across the calls of an estimator.
    """

    column: str
    tol: float
    patience: float
    adaptive: bool = False  # divide the rate by 5 instead of stopping, until it is at most 10⁻⁶
    relative: bool = False  # `tol` is relative to the best value
    verbose: bool = field(default=False, repr=False)  # no difference to a checkpoint

    def __post_init__(self):
        self.history_only = self.column == "train_loss"  # for a validation column the best weights are kept
        self.count, self.best = (
            0,
            np.inf,
        )  # epochs in a row without improvement; smallest value, scores negated

    def on_epoch(self, run):
        value = run.history.last[self.column] * direction(self.column)
        least = self.tol * self.best if self.relative and np.isfinite(self.best) else self.tol
        self.count = self.count + 1 if value > self.best - least else 0
        if value < self.best:
            self.best = value
            if not self.history_only:
                run.keep_best()
        if self.count <= self.patience:
            return
        name = "Training loss" if self.history_only else self.column.replace("_", " ").capitalize()
        of = " of it" * self.relative
        words = (
            f"{name} did not improve more than tol={self.tol:f}{of} for {self.patience} consecutive epochs."
        )
        if self.adaptive and run.learning_rate > 1e-6:
            run.rate_scale /= 5
            self.count = 0
            action = f"Setting learning rate to {run.learning_rate:f}"
        else:
            run.stop(words, status="converged")
            action = "Learning rate too small. Stopping." if self.adaptive else "Stopping."
        if self.verbose:
            print(words, action)

    def state(self):
        return {"count": self.count, "best": float(self.best)}

    def restore(self, state):
        self.count, self.best = int(state["count"]), float(state["best"])


class Verbose(Callback):
    """Prints a line for each epoch, as scikit-learn does."""

    history_only = True

    def on_start(self, run):
        self.first = run.epoch  # epochs of earlier calls

    def on_epoch(self, run):
        row = run.history.last
        print(f"Iteration {run.epoch - self.first}, loss = {row['train_loss']:.8f}")
        if "validation_score" in row:
            print(f"Validation score: {row['validation_score']:f}")
