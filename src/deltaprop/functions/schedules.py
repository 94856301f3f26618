"""Schedules by name, and those that are made of others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..bounds import NonNegative, UnitInterval
from ..errors import InputError, number, short
from .cycles import CosineLog, OneCycle, Triangular
from .decays import Cosine, Exponential, FlatCosine, Inverse, InverseScaling, Linear, MomentumRamp, StepDecay
from .schedule import ConstantRate, Schedule

__all__ = [
    "SCHEDULES",
    "ConstantRate",
    "Cosine",
    "CosineLog",
    "Exponential",
    "FlatCosine",
    "Inverse",
    "InverseScaling",
    "Linear",
    "MomentumRamp",
    "OneCycle",
    "Scaled",
    "Schedule",
    "StepDecay",
    "Triangular",
    "Warmup",
    "as_schedule",
    "scaled_by_batch",
]


@dataclass(frozen=True)
class Warmup(Schedule):
    """A rise over `steps` steps to the first value of `schedule`, which then begins.

    For k < steps, with u = (k + 1)/(steps + 1) and r(u) = u (linear) or ½ (1 − cos πu) (cosine):
    rate(k) = schedule.rate(0) · (start + (1 − start) r(u)).  For k ≥ steps: rate(k) = schedule.rate(k − steps).

    Parameters
    ----------
    schedule : Schedule or float
        What follows; a number stands for a constant.
    steps : float
        Length of the rise; ≥ 0.
    shape : {"linear", "cosine"}
        Form of the rise.
    start : float
        Fraction of the first value that the rise begins from; in [0, 1].

    Source: Goyal and others, *Accurate, Large Minibatch SGD* (2017), §2.2.

    Examples
    --------
    >>> print(Warmup(ConstantRate(1.0), steps=3).rate([0, 1, 2, 3, 4]))
    [0.25 0.5  0.75 1.   1.  ]
    """

    schedule: Schedule
    steps: NonNegative
    shape: Literal["linear", "cosine"] = "linear"
    start: UnitInterval = 0.0

    def __post_init__(self):
        object.__setattr__(self, "schedule", as_schedule(self.schedule))
        super().__post_init__()
        if not isinstance(self.shape, str) or self.shape not in ("linear", "cosine"):
            raise InputError(
                f"Warmup: shape is {short(self.shape)}, expected linear or cosine; choose one of these names."
            )

    def curve(self, k):
        rise = np.minimum((k + 1) / (self.steps + 1), 1)
        if self.shape == "cosine":
            rise = 0.5 * (1 - np.cos(np.pi * rise))
        warm = self.schedule.rate(0) * (self.start + (1 - self.start) * rise)
        return np.where(k < self.steps, warm, self.schedule.curve(np.maximum(k - self.steps, 0)))


@dataclass(frozen=True)
class Scaled(Schedule):
    """rate(k) = factor · schedule.rate(k)."""

    schedule: Schedule
    factor: NonNegative

    def __post_init__(self):
        object.__setattr__(self, "schedule", as_schedule(self.schedule))
        super().__post_init__()

    def curve(self, k):
        return self.factor * self.schedule.curve(k)


#: Schedules by name, as they are commonly set for a run of `steps` steps with the learning rate `rate`.
SCHEDULES: dict[str, Callable[[Any, Any], Schedule]] = {
    "constant": lambda rate, steps: ConstantRate(rate),
    "step": lambda rate, steps: StepDecay(rate, 0.5, every=steps / 5),
    "exponential": lambda rate, steps: Exponential(rate, 0.01, every=steps),
    "inverse": lambda rate, steps: Inverse(rate * steps / 10, steps / 10),
    "inverse_scaling": lambda rate, steps: InverseScaling(rate),
    "linear": lambda rate, steps: Linear(rate, 0.0, steps),
    "cosine": lambda rate, steps: Cosine(rate, steps),
    "flat_cosine": lambda rate, steps: FlatCosine(rate, steps),
    "warmup_linear": lambda rate, steps: Warmup(Linear(rate, 0.0, 0.95 * steps), 0.05 * steps),
    "warmup_cosine": lambda rate, steps: Warmup(Cosine(rate, 0.95 * steps), 0.05 * steps, "cosine"),
    "triangular": lambda rate, steps: Triangular(rate / 10, rate, steps / 8),
    "one_cycle": lambda rate, steps: OneCycle(rate, steps),
    "coslog4": lambda rate, steps: CosineLog(rate, steps),
}


def as_schedule(value: Any, rate: float | None = None, steps: int | None = None) -> Schedule:
    """A schedule: given itself, as a number (constant), or by name for a rate and the length of the run.

    Parameters
    ----------
    value : Schedule, float or str
        A name is one of `SCHEDULES`.
    rate : float, optional
        The (largest) learning rate; needed for a name.
    steps : int, optional
        Steps of the whole run, ≥ 1; needed for a name.

    Raises
    ------
    InputError
        If `value` is none of these; the message lists the names.

    Examples
    --------
    >>> as_schedule(0.1)
    ConstantRate(value=0.1)
    >>> as_schedule("cosine", rate=0.1, steps=500)
    Cosine(initial=0.1, steps=500, final=0.0)
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str) and value in SCHEDULES:
        number("Schedule", "rate", rate, low=0, open_low=True)
        number("Schedule", "steps", steps, low=1, integer=True)
        return SCHEDULES[value](rate, steps)
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InputError(
            f"Schedule: value is {short(value)}, expected a number, a Schedule, or one of {', '.join(SCHEDULES)}; "
            "choose one of these."
        )
    number("Schedule", "value", value, low=0)
    return ConstantRate(float(value))


def scaled_by_batch(rate: float | Schedule, batch_size: int, base: int = 256) -> float | Schedule:
    """The rate for another batch size: rate · batch_size / base (the linear scaling rule).

    A batch κ times larger takes κ times fewer steps; as long as the gradient changes little in between, one step of
    κ times the rate does the same. Early on it changes fast: use `Warmup` with start = base/batch_size.

    Parameters
    ----------
    rate : float or Schedule
        For batches of `base` samples.
    batch_size, base : int
        Samples; ≥ 1.

    Source: Goyal and others (2017), §2.1.

    Examples
    --------
    >>> scaled_by_batch(0.1, 512)
    0.2
    """
    number("scaled_by_batch", "batch_size", batch_size, low=1, integer=True)
    number("scaled_by_batch", "base", base, low=1, integer=True)
    if isinstance(rate, Schedule):
        return Scaled(rate, batch_size / base)
    number("scaled_by_batch", "rate", rate, low=0)
    return rate * (batch_size / base)
