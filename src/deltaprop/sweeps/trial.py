"""One trial of a sweep: a function of the settings, and what became of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ..training import History

FAILED = "failed"
#: The statuses of trials that do not count.
BAD = (FAILED, "diverged")


@dataclass(frozen=True)
class Outcome:
    """What a function of the settings may return.

    Attributes
    ----------
    metrics : dict of str to float
        The numbers that training ended with.
    curves : dict of str to sequence of float
        Numbers after each epoch.
    status, message : str
        As of `Trial`.
    """

    metrics: Mapping[str, float]
    curves: Mapping[str, Any] = field(default_factory=dict)
    status: str = "completed"
    message: str = ""

    @classmethod
    def of(cls, returned: Any, metric: str) -> Outcome:
        """The same from a history, a mapping of names to numbers or to their values after each epoch, or a number."""
        if isinstance(returned, cls):
            return returned
        if isinstance(returned, History):
            return cls.of_history(returned)
        named = returned if isinstance(returned, Mapping) else {metric: returned}
        arrays = {name: np.asarray(values, float).ravel() for name, values in named.items()}
        metrics = {name: float(values[-1]) for name, values in arrays.items() if values.size}
        return cls(metrics, {name: values.tolist() for name, values in arrays.items() if values.size > 1})

    @classmethod
    def of_history(cls, history: History, **others: float) -> Outcome:
        """Losses and scores of the epoch whose weights are kept, and `others`."""
        names = [name for name in history.columns if name.endswith(("_loss", "_score"))]
        curves = {name: history[name] for name in names}
        metrics: dict[str, float] = {"epochs": len(history)}
        if history.kept_epoch:
            kept = history["epoch"].tolist().index(history.kept_epoch)
            metrics |= {"kept_epoch": history.kept_epoch} | {
                name: float(curves[name][kept]) for name in names
            }
        return cls(metrics | others, curves, history.status, history.message)


@dataclass(frozen=True)
class Trial:
    """What became of one combination with one seed.

    Attributes
    ----------
    combination : int
        Its number, from 0.
    seed : int
    status : str
        How training ended, as in `History`: ``"completed"``, ``"early_stopped"``, ``"diverged"``, …; or ``"failed"``.
    message : str
        Why it diverged or failed.
    metrics : dict of str to float
        The numbers that it ended with.
    curve : list of float
        What the figure shows, after each epoch.
    seconds : float
        Wall-clock time.
    """

    combination: int
    seed: int
    status: str
    message: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    curve: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether it ended with a number to compare."""
        return self.status not in BAD


@dataclass(frozen=True)
class Task:
    """A trial to be made: `function` is called with `settings`, among them the seed."""

    function: Callable[[dict[str, Any]], Any]
    settings: Mapping[str, Any]
    combination: int
    metric: str
    curve: str
    threads: int

    @property
    def key(self) -> tuple[int, int]:
        """Which trial it is."""
        return self.combination, self.settings["seed"]

    def __call__(self) -> Trial:
        """The trial; an exception makes it a failed one, but Ctrl-C passes."""
        began = time.perf_counter()
        try:
            with threadpool_limits(self.threads):
                outcome = Outcome.of(self.function(dict(self.settings)), self.metric)
            status, message = self._judge(outcome)
            metrics = {name: float(value) for name, value in outcome.metrics.items()}
            curve = [float(value) for value in outcome.curves.get(self.curve, ())]
        except Exception as error:
            return self.failed(f"{type(error).__name__}: {error}", time.perf_counter() - began)
        if status == "interrupted":
            raise KeyboardInterrupt
        return Trial(*self.key, status, message, metrics, curve, time.perf_counter() - began)

    def failed(self, message: str, seconds: float = 0.0) -> Trial:
        """The trial that could not be made."""
        return Trial(*self.key, FAILED, " ".join(message.split())[:500], seconds=seconds)

    def _judge(self, outcome: Outcome) -> tuple[str, str]:
        """Status and message."""
        if outcome.status in BAD:
            return outcome.status, outcome.message
        if self.metric not in outcome.metrics:
            return FAILED, f"has no {self.metric}, but {', '.join(outcome.metrics)}"
        value = outcome.metrics[self.metric]
        return (outcome.status, "") if math.isfinite(value) else (FAILED, f"{self.metric} is {value}")
