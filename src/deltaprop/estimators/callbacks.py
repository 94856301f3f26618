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
    best_epoch: str = "first"  # of equally good ones, or the "last"
    verbose: bool = field(default=False, repr=False)  # no difference to a checkpoint
    members: int = (
        0  # of an ensemble, each of which keeps the weights of the epoch that is best on its own samples
    )

    def __post_init__(self):
        self.history_only = self.column == "train_loss"  # for a validation column the best weights are kept
        self.changes_rate = self.adaptive
        self.count, self.best = (
            0,
            np.inf,
        )  # epochs in a row without improvement; smallest value, scores negated

    def on_start(self, run):
        self.best_of_members = np.full((2, self.members), -np.inf)

    def on_epoch(self, run):
        if self.members:
            self._keep_members(run)
        value = run.history.last[self.column] * direction(self.column)
        least = self.tol * self.best if self.relative and np.isfinite(self.best) else self.tol
        self.count = self.count + 1 if value > self.best - least else 0
        if value < self.best or (value == self.best and self.best_epoch == "last"):
            self.best = value
            if not (self.history_only or self.members):
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

    def _keep_members(self, run):
        """Keep the weights of the members that are better than ever before: of equal scores the loss decides."""
        data, loss = run.validation, run.network.loss
        measured = run.validation_outputs, data.t[data.samples], data.sample_weight[data.samples]
        losses = -loss.member_losses(*measured)
        scores = losses if self.column == "validation_loss" else loss.member_scores(*measured)
        best_scores, best_losses = self.best_of_members
        better = (scores > best_scores) | ((scores == best_scores) & (losses > best_losses))
        if better.any():
            best_scores[better], best_losses[better] = scores[better], losses[better]
            run.keep_best_of(better)

    def state(self):
        state = {"count": self.count, "best": float(self.best)}
        return state | {"members": self.best_of_members.tolist()} if self.members else state

    def restore(self, state):
        self.count, self.best = int(state["count"]), float(state["best"])
        if self.members:
            self.best_of_members = np.array(state["members"], float).reshape(2, self.members)


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
