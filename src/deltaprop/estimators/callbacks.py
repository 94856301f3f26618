"""What watches the training of an estimator: scikit-learn's rules for stopping, and for its two moving rates."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..training import Callback
from ..training.history import direction

SMALLEST_RATE = 1e-6  # below which learning_rate="adaptive" gives up


class NoImprovement(Callback):
    """Stop, or lower the learning rate, after more than `patience` epochs in a row without improvement by `tol`.

    Of a validation column the weights of the best epoch are kept. The count goes on over the calls of an estimator.

    Parameters
    ----------
    column : str
        Of the history.
    adaptive : bool
        Divide the rate by 5 instead of stopping, until it is at most 10⁻⁶.
    verbose : bool
        Print what is done.

    Attributes
    ----------
    count : int
        Epochs in a row without improvement.
    best : float
        The best value so far; larger is better of scores.
    """

    def __init__(
        self, column: str, tol: float, patience: float, adaptive: bool = False, verbose: bool = False
    ):
        self.column, self.tol, self.patience = column, tol, patience
        self.adaptive, self.verbose = adaptive, verbose
        self.history_only = column == "train_loss"  # of a validation column the best weights are kept
        self.sign = direction(column)
        self.count, self.best = 0, np.inf * self.sign

    @property
    def on_validation(self) -> bool:
        return self.column != "train_loss"

    def on_epoch(self, run):
        value, best = self.sign * run.history.last[self.column], self.sign * self.best
        self.count = self.count + 1 if value > best - self.tol else 0
        if value < best:
            self.best = self.sign * value
            if self.on_validation:
                run.keep_best()
        if self.count > self.patience:
            self._trigger(run)

    def _trigger(self, run: Any) -> None:
        what = (
            "Validation score"
            if self.column == "validation_score"
            else self.column.replace("_", " ").capitalize()
        )
        if self.column == "train_loss":
            what = "Training loss"
        words = f"{what} did not improve more than tol={self.tol:f} for {self.patience} consecutive epochs."
        if self.adaptive and run.learning_rate > SMALLEST_RATE:
            run.rate_scale /= 5
            self.count = 0
            self._say(f"{words} Setting learning rate to {run.learning_rate:f}")
            return
        self._say(f"{words} {'Learning rate too small. ' if self.adaptive else ''}Stopping.")
        run.stop(words, status="converged")

    def _say(self, words: str) -> None:
        if self.verbose:
            print(words)

    def state(self):
        return {"count": self.count, "best": float(self.best)}

    def restore(self, state):
        self.count, self.best = state["count"], state["best"]


class InverseScaling(Callback):
    """rate ← initial / (t + 1)^power after each epoch, t the samples seen so far: ``learning_rate="invscaling"``."""

    def __init__(self, power: float, t: int):
        self.power, self.t = power, t

    def on_epoch(self, run):
        self.t += len(run.data.samples)
        run.rate_scale = (self.t + 1) ** -self.power

    def state(self):
        return {"t": self.t}

    def restore(self, state):
        self.t = state["t"]


class Converged(Callback):
    """Ends a full-batch fit when its solver is done."""

    WORDS: ClassVar = {
        "gradient": "The largest entry of the gradient is at most tol={tol:g}.",
        "decrease": "The loss no longer falls by more than the precision of its numbers allows to tell.",
        "stalled": "No step along the descent direction lowers the loss; scale the inputs, or relax tol={tol:g}.",
        "max_fun": "The limit of max_fun={max_fun} evaluations is reached; raise it, or scale the inputs.",
    }
    STATUS: ClassVar = {
        "gradient": "converged",
        "decrease": "converged",
        "stalled": "stalled",
        "max_fun": "max_fun",
    }

    def on_epoch(self, run):
        outcome = getattr(run.engine, "outcome", "")
        if outcome:
            rule = run.optimizer
            words = self.WORDS[outcome].format(tol=rule.solver.tolerance, max_fun=rule.max_fun)
            run.stop(words, status=self.STATUS[outcome])


class Verbose(Callback):
    """Prints a line for each epoch, as scikit-learn does."""

    history_only = True

    def __init__(self, first: int = 0):
        self.first = first  # epochs of earlier calls

    def on_epoch(self, run):
        row = run.history.last
        print(f"Iteration {run.epoch - self.first}, loss = {row['train_loss']:.8f}")
        if "validation_score" in row:
            print(f"Validation score: {row['validation_score']:f}")
