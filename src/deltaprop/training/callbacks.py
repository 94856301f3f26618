"""Callbacks: they observe a fit and may change its course."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, number, short
from .history import direction

if TYPE_CHECKING:
    from .run import Run


class Callback(ABC):  # noqa: B024
    """Called with the `Run` at the start of a fit, after each epoch and at the end.

    It may read everything, call ``run.stop(message)``, scale ``run.rate_scale`` and set ``run.momentum``. If it
    raises, the weights of the last good epoch are kept and the exception leaves `fit`. With ``engine="jax"`` samples
    and optimizer state lie on other devices: what a callback changes in them has no effect. In several processes, what
    one process asks for holds for all.

    Attributes
    ----------
    history_only : bool
        Whether `on_epoch` reads only ``run.history``, ``run.epoch``, ``run.step`` and
        ``run.learning_rate``, and changes nothing but itself, ``run.rate_scale``, ``run.momentum`` and (by
        ``run.stop``) whether training goes on. Several short epochs may then run as one block; if training ends at
        one of them, the later ones are rolled back. False unless the class that defines `on_epoch` says so, or the
        object itself.
    changes_rate : bool
        Whether it changes ``run.rate_scale``.
    changes_rate_factors : bool
        Whether it changes ``run.rate_factors``, which exists only if a callback of the fit does.

    Examples
    --------
    >>> class Patience(Callback):
    ...     history_only = True
    ...
    ...     def on_epoch(self, run):
    ...         if run.history.last["train_loss"] < 0.1:
    ...             run.stop("good enough")
    """

    history_only: bool = False
    changes_rate: bool = False
    changes_rate_factors: bool = False

    def on_start(self, run: Run) -> None:
        """Before the first step; when a fit is resumed, before `restore`. Reset the state."""

    def on_epoch(self, run: Run) -> None:
        """After each epoch; ``run.history.last`` is its row."""

    def on_poll(self, run: Run) -> None:
        """About five times a second between two steps, by the clock: for display only."""

    def on_stop(self, run: Run) -> None:
        """At the end, with the final weights in place; also when an exception ends the fit."""

    def state(self) -> Any:
        """The state that a resumed fit needs, JSON-serializable; override together with `restore`."""
        return None

    def restore(self, state: Any) -> None:
        """Restore what `state` returned."""

    def fresh(self) -> Callback:
        """The object that a new fit works with: itself, unless one description is to serve several fits at once."""
        return self


def watches_epochs(callback: Callback) -> bool:
    """Whether `on_epoch` is to be called before the next epoch begins."""
    own = vars(callback)
    owner = next(cls for cls in type(callback).__mro__ if "on_epoch" in vars(cls))
    if owner is Callback and "on_epoch" not in own:
        return False
    return not own.get("history_only", "on_epoch" not in own and vars(owner).get("history_only", False))


class _Monitor(Callback):
    """Watches a column of the history for improvement.

    `best` is the best value so far, `waited` the number of epochs in a row that did not beat it by more than
    `min_improvement`.
    """

    patience: int
    monitor: str
    min_improvement: float

    def __post_init__(self):
        name = type(self).__name__
        number(name, "patience", self.patience, low=1, integer=True)
        number(name, "min_improvement", self.min_improvement, low=0)
        self.best, self.waited = np.inf, 0

    def on_start(self, run):
        if self.monitor not in run.history.columns:
            raise InputError(
                f"{type(self).__name__}: monitor is {short(self.monitor)}, which this fit does not measure, "
                f"expected one of {', '.join(run.history.columns)}; pass validation data, or monitor train_loss."
            )
        self.best, self.waited = np.inf, 0

    def watch(self, run: Run) -> bool:
        """Record the newest epoch; whether it is the best so far."""
        value = run.history.last[self.monitor] * direction(self.monitor)
        self.waited = 0 if value < self.best - self._least() else self.waited + 1
        if not value < self.best:  # NaN is not an improvement
            return False
        self.best = value
        return True

    def _least(self) -> float:
        """The smallest improvement on the best value that counts."""
        return self.min_improvement

    def state(self):
        return {"best": float(self.best), "waited": self.waited}

    def restore(self, state):
        best, waited = float(state["best"]), state["waited"]
        number(type(self).__name__, "waited", waited, low=0, high=2**53, integer=True)
        if np.isnan(best):
            raise InputError(f"{type(self).__name__}: best is nan, expected a number; train without resume.")
        self.best, self.waited = best, waited

    def fresh(self):
        return replace(self)  # type: ignore[type-var]


@dataclass
class EarlyStopping(_Monitor):
    """Stop after `patience` epochs in a row without improvement, and go back to the best epoch's weights.

    Parameters
    ----------
    patience : int
        Epochs; ≥ 1.
    monitor : str
        A column of the history. Of a column whose name ends in ``score`` larger is better, of others smaller.
    min_improvement : float
        An epoch improves if it beats the best one before it by more than this; ≥ 0.
    restore_best : bool
        Whether the network ends with the weights of its best epoch, however the fit ends, or with the last
        ones.
    best_epoch : {"first", "last"}
        Which of several equally good epochs is the best one.

    Source: Prechelt, *Early Stopping — But When?* (1998), criterion UP.

    Examples
    --------
    >>> EarlyStopping(patience=5)
    EarlyStopping(patience=5, monitor='validation_loss', min_improvement=0.0, restore_best=True, best_epoch='first')
    """

    patience: int
    monitor: str = "validation_loss"
    min_improvement: float = 0.0
    restore_best: bool = True
    best_epoch: str = "first"

    def __post_init__(self):
        super().__post_init__()
        if self.best_epoch not in ("first", "last"):
            got = f"best_epoch is {short(self.best_epoch)}"
            raise InputError(f"EarlyStopping: {got}, expected first or last; choose one of these names.")

    def on_epoch(self, run):
        better = self.watch(run)
        value = run.history.last[self.monitor] * direction(self.monitor)
        if self.restore_best and (better or (self.best_epoch == "last" and value == self.best)):
            run.keep_best()
        if self.waited >= self.patience:
            best = self.best * direction(self.monitor)
            run.stop(
                f"{self.monitor} has not improved on {best:.6g} for {self.waited} epochs.",
                status="early_stopped",
            )


@dataclass
class ReduceOnPlateau(_Monitor):
    """Multiply the learning rate by `factor` after `patience` epochs in a row without improvement.

    Parameters
    ----------
    factor : float
        In (0, 1).
    patience : int
        Number of epochs; ≥ 1. The count restarts after a reduction.
    monitor : str
        A column of the history; see `EarlyStopping`.
    min_improvement : float
        The smallest change that counts as improvement; ≥ 0.
    min_rate : float
        The learning rate is not reduced below this; ≥ 0.

    Examples
    --------
    >>> ReduceOnPlateau(factor=0.1).patience
    3
    """

    factor: float = 0.5
    patience: int = 3
    monitor: str = "validation_loss"
    min_improvement: float = 0.0
    min_rate: float = 0.0

    history_only = True
    changes_rate = True

    def __post_init__(self):
        super().__post_init__()
        number("ReduceOnPlateau", "factor", self.factor, low=0, high=1, open_low=True, open_high=True)
        number("ReduceOnPlateau", "min_rate", self.min_rate, low=0)

    def on_epoch(self, run):
        self.watch(run)
        if self.waited >= self.patience:
            self.waited = 0
            rate = run.learning_rate
            if rate > self.min_rate:
                run.rate_scale *= max(self.factor, self.min_rate / rate)


@dataclass
class MomentumOnPlateau(_Monitor):
    """Raise the momentum once the loss has settled: γ is `initial` until then, and `momentum` from then on.

    While the loss falls fast, gradients change from step to step, and a long memory of them would overshoot; along the
    ravine that follows it pays. Higher momentum also lengthens the steps, in the end 1/(1 − γ) times.

    Parameters
    ----------
    momentum, initial : float
        In [0, 1); they replace the optimizer's own.
    patience : int
        The loss has settled after this many epochs in a row without improvement; ≥ 1.
    monitor : str
        A column of the history; see `EarlyStopping`.
    min_improvement : float
        An epoch improves if it beats the best value before it by more than this part of it; ≥ 0.

    Raises
    ------
    InputError
        At the start of a fit whose optimizer has no momentum.

    Source: Hinton, *A Practical Guide to Training Restricted Boltzmann Machines* (2010), §9: 0.5 at first, 0.9 when the
    reduction of the error has settled down.

    Examples
    --------
    >>> MomentumOnPlateau(patience=2)
    MomentumOnPlateau(momentum=0.9, initial=0.5, patience=2, monitor='train_loss', min_improvement=0.01)
    """

    momentum: float = 0.9
    initial: float = 0.5
    patience: int = 3
    monitor: str = "train_loss"
    min_improvement: float = 0.01

    history_only = True

    def __post_init__(self):
        super().__post_init__()
        for name in ("momentum", "initial"):
            number("MomentumOnPlateau", name, getattr(self, name), low=0, high=1, open_high=True)

    def on_start(self, run):
        super().on_start(run)
        if not hasattr(run.optimizer, "momentum"):
            raise InputError(
                f"MomentumOnPlateau: the optimizer is {type(run.optimizer).__name__}, expected one with a momentum; "
                "use momentum or nesterov."
            )
        if run.momentum is None:  # not that of an earlier call
            run.momentum = self.initial

    def on_epoch(self, run):
        self.watch(run)
        if self.waited >= self.patience:
            run.momentum = self.momentum

    def _least(self):
        return self.min_improvement * abs(self.best) if np.isfinite(self.best) else 0.0
