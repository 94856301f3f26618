"""A limit on the time of a fit: measured before it begins, and kept."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..engines.base import Engine
from ..errors import number
from .callbacks import Callback

#: The part of the time for a fit that measuring may take, and the seconds that it takes at most.
MEASURING, LONGEST = 0.1, 1.0

#: The part of the time that is kept for steps slower than those measured.
RESERVE = 0.1


def measuring(seconds: float) -> float:
    """How long to measure a fit for which there is that time."""
    return min(MEASURING * seconds, LONGEST)


@dataclass
class TimeLimit(Callback):
    """Stop when a fit has taken `seconds`, in the middle of an epoch too, and keep what was learned.

    The first epoch is finished in any case. The clock of a resumed fit begins anew.

    Parameters
    ----------
    seconds : float
        Wall-clock time; > 0.

    Examples
    --------
    >>> TimeLimit(60)
    TimeLimit(seconds=60)
    """

    seconds: float
    _began: float = field(default=0.0, init=False, repr=False, compare=False)

    def __post_init__(self):
        number("TimeLimit", "seconds", self.seconds, low=0, open_low=True)

    def on_start(self, run):
        self._began = time.monotonic()

    def on_poll(self, run):
        if 0 < run.epoch < run.epochs and time.monotonic() - self._began >= self.seconds:
            where = f"in epoch {run.epoch + 1} of {run.epochs}"
            run.stop(f"The time limit of {self.seconds:g} s was reached {where}.", status="time_limit")


@dataclass
class Pace(Callback):
    """Measures how long an epoch takes, all that surrounds its steps included, and stops the fit after `seconds`.

    Attributes
    ----------
    per_epoch : float
        Wall-clock seconds, when the fit has ended.
    engine : Engine
        That of the fit.
    """

    seconds: float
    per_epoch: float = field(default=0.0, init=False)
    engine: Engine | None = field(default=None, init=False, repr=False, compare=False)
    _began: float = field(default=0.0, init=False, repr=False, compare=False)
    _before: float = field(default=0.0, init=False, repr=False, compare=False)

    def on_start(self, run):
        self.engine = run.engine
        self._began, self._before = time.monotonic(), 0.0

    def on_poll(self, run):
        if run.engine.compiled and run.progress < run.epochs:  # which takes its time once: begin again
            self._began, self._before = time.monotonic(), run.progress
        elif time.monotonic() - self._began >= self.seconds:
            run.stop("measured", status="time_limit")

    def on_stop(self, run):
        self.per_epoch = (time.monotonic() - self._began) / max(run.progress - self._before, 1e-9)


def epochs_in(seconds: float, pace: Pace, most: int) -> int:
    """How many epochs to plan for that time: at most `most`, at least 1, with a reserve for slower ones.

    The same number in all processes that share the fit.
    """
    epochs = max(1, min(most, int((1 - RESERVE) * seconds / pace.per_epoch)))
    return epochs if pace.engine is None else pace.engine.agree(epochs)
