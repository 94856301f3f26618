"""Schedules: a hyper-parameter as a pure function of the step.

k counts the steps of a fit from 0; every length is a number of steps too (steps per epoch × epochs). Beyond its length
a schedule stays at its last value. What depends on the validation loss is a callback of training instead.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from ..bounds import Bounded, Bounds, Fraction, NonNegative, Positive, UnitInterval
from ..errors import InputError, number, short

__all__ = [
    "SCHEDULES",
    "ConstantRate",
    "Cosine",
    "Exponential",
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
class Schedule(Bounded, ABC):
    """A hyper-parameter as a function of the step. Subclass it for one of your own: `curve` is all it needs."""

    @overload
    def rate(self, k: float) -> float: ...
    @overload
    def rate(self, k: ArrayLike) -> float | np.ndarray: ...
    def rate(self, k):
        """The value at step k ≥ 0: a float for a number, a float64 array of the same shape for an array."""
        with np.errstate(over="ignore", invalid="ignore"):  # a rate that is not finite ends the fit
            value = self.curve(np.asarray(k, np.float64))
        return float(value) if np.ndim(value) == 0 else value

    @abstractmethod
    def curve(self, k: np.ndarray) -> np.ndarray:
        """The formula, for a float64 array k of any shape."""


def _between(start: float, end: float, progress: np.ndarray) -> np.ndarray:
    """From start to end along half a cosine wave, progress from 0 to 1."""
    return end + (start - end) * 0.5 * (1 + np.cos(np.pi * progress))


@dataclass(frozen=True)
class ConstantRate(Schedule):
    """rate(k) = value."""

    value: NonNegative

    def curve(self, k):
        return np.full_like(k, self.value)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """rate(k) = initial · factor^⌊k / every⌋: multiplied by `factor` after every `every` steps.

    Parameters
    ----------
    initial : float
        Value of the first `every` steps; ≥ 0.
    factor : float
        > 0; the default halves.
    every : float
        Steps between two changes; > 0. For "every 10 epochs": 10 · steps per epoch.

    Examples
    --------
    >>> print(StepDecay(0.1, every=100).rate([0, 99, 100, 200]))
    [0.1   0.1   0.05  0.025]
    """

    initial: NonNegative
    factor: Positive = 0.5
    every: Positive = 1000

    def curve(self, k):
        return self.initial * self.factor ** np.floor(k / self.every)


@dataclass(frozen=True)
class Exponential(StepDecay):
    """rate(k) = initial · factor^(k / every): `StepDecay` without the steps.

    Examples
    --------
    >>> Exponential(0.1, factor=0.5, every=100).rate(200)
    0.025
    """

    def curve(self, k):
        return self.initial * self.factor ** (k / self.every)


@dataclass(frozen=True)
class Inverse(Schedule):
    """rate(k) = a / (b + k).

    Falls slowly enough to reach any distance (Σ rate = ∞) and fast enough to converge (Σ rate² < ∞).

    Parameters
    ----------
    a : float
        ≥ 0; the first rate is a/b.
    b : float
        Steps after which the rate has halved; > 0.

    Source: Robbins and Monro, *A Stochastic Approximation Method* (1951).
    """

    a: NonNegative
    b: Positive

    def curve(self, k):
        return self.a / (self.b + k)


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """rate(k) = initial / (1 + t)^power, where t = seen + samples · ⌊(k − first) / every⌋.

    With `every` = steps per epoch and `samples` = samples per epoch this is scikit-learn's
    ``learning_rate="invscaling"``, whose t is the number of samples seen at the end of the last epoch. With the
    defaults t = k.

    Parameters
    ----------
    initial, power : float
        ≥ 0.
    every, samples : float
        Steps between two changes, and what t grows by at each; > 0.
    first, seen : float
        Step from which on changes are counted, and t there; ≥ 0.
    """

    initial: NonNegative
    power: NonNegative = 0.5
    every: Positive = 1
    samples: Positive = 1
    first: NonNegative = 0
    seen: NonNegative = 0

    def curve(self, k):
        t = self.seen + self.samples * np.maximum(np.floor((k - self.first) / self.every), 0)
        return self.initial / (1 + t) ** self.power


@dataclass(frozen=True)
class Linear(Schedule):
    """A straight line over `steps` steps: rate(0) = initial, rate(steps) = final."""

    initial: NonNegative
    final: NonNegative
    steps: Positive

    def curve(self, k):
        return self.initial + (self.final - self.initial) * np.minimum(k / self.steps, 1)


@dataclass(frozen=True)
class Cosine(Schedule):
    """rate(k) = final + ½ (initial − final) (1 + cos(π k / steps)): half a wave, flat at both ends.

    Source: Loshchilov and Hutter, *SGDR* (2017), eq. 5, without restarts.

    Examples
    --------
    >>> print(Cosine(0.1, steps=100).rate([0, 50, 100, 150]))
    [0.1  0.05 0.   0.  ]
    """

    initial: NonNegative
    steps: Positive
    final: NonNegative = 0.0

    def curve(self, k):
        return _between(self.initial, self.final, np.minimum(k / self.steps, 1))


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
class Triangular(Schedule):
    """Up from `low` to `high` in `half_cycle` steps, down again in as many, and so on.

    In cycle c = ⌊k / (2 half_cycle)⌋ the height is (high − low) · factor^c: ½ halves it each cycle ("triangular2").

    Source: Smith, *Cyclical Learning Rates for Training Neural Networks* (2017), §3.1.

    Examples
    --------
    >>> print(Triangular(0.0, 1.0, half_cycle=2).rate([0, 1, 2, 3, 4, 5]))
    [0.  0.5 1.  0.5 0.  0.5]
    """

    low: NonNegative
    high: NonNegative
    half_cycle: Positive
    factor: Positive = 1.0

    def curve(self, k):
        cycle = np.floor(k / (2 * self.half_cycle))
        height = 1 - np.abs(k / self.half_cycle - 2 * cycle - 1)
        return self.low + (self.high - self.low) * self.factor**cycle * height


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Half a cosine wave up from `initial` to `peak`, half a wave down to `final` at the last step.

    The peak is at step k₁ = rise · steps − 1 and the end at k₂ = steps − 1, as in PyTorch's ``OneCycleLR``.

    Parameters
    ----------
    peak : float
        The largest value; > 0. For a momentum that moves against the rate, the smallest one.
    steps : float
        Length of the whole cycle; ≥ 1.
    rise : float
        Fraction of the steps that go up; in [0, 1].
    initial, final : float, optional
        First and last value; peak/25 and initial/10⁴ unless given.

    Source: Smith and Topin, *Super-Convergence* (2018).

    Examples
    --------
    >>> print(OneCycle(1.0, steps=11, rise=0.5, initial=0.1, final=0.0).rate([0, 4.5, 10]))
    [0.1 1.  0. ]
    """

    peak: Positive
    steps: Annotated[float, Bounds(low=1)]
    rise: UnitInterval = 0.3
    initial: Annotated[float | None, Bounds(low=0)] = None
    final: Annotated[float | None, Bounds(low=0)] = None

    def curve(self, k):
        initial = self.peak / 25 if self.initial is None else self.initial
        final = initial / 1e4 if self.final is None else self.final
        top, end = max(self.rise * self.steps - 1, 0), self.steps - 1
        up = _between(initial, self.peak, np.minimum(k / (top or 1), 1))
        down = _between(self.peak, final, np.clip((k - top) / ((end - top) or 1), 0, 1))
        return np.where(k < top, up, down)


@dataclass(frozen=True)
class MomentumRamp(Schedule):
    """`initial` until the loss has settled, then in a straight line to `final`: 0.5 → 0.9 for the momentum.

    Parameters
    ----------
    steps : float
        Length of the ramp; > 0.
    settled : float
        Step at which the ramp begins; ≥ 0. Before, the gradient changes too much for a long memory.
    initial, final : float
        In [0, 1).

    Source: Hinton, *A Practical Guide to Training Restricted Boltzmann Machines* (2010), §9.

    Examples
    --------
    >>> print(MomentumRamp(steps=4, settled=10).rate([0, 10, 12, 14, 99]))
    [0.5 0.5 0.7 0.9 0.9]
    """

    steps: Positive
    settled: NonNegative = 0
    initial: Fraction = 0.5
    final: Fraction = 0.9

    def curve(self, k):
        return Linear(self.initial, self.final, self.steps).curve(np.maximum(k - self.settled, 0))


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
    "warmup_linear": lambda rate, steps: Warmup(Linear(rate, 0.0, 0.95 * steps), 0.05 * steps),
    "warmup_cosine": lambda rate, steps: Warmup(Cosine(rate, 0.95 * steps), 0.05 * steps, "cosine"),
    "triangular": lambda rate, steps: Triangular(rate / 10, rate, steps / 8),
    "one_cycle": lambda rate, steps: OneCycle(rate, steps),
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
