"""Schedules that fall from a first value to a last one."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Fraction, NonNegative, Positive
from .schedule import Schedule

__all__ = [
    "Cosine",
    "Exponential",
    "FlatCosine",
    "Inverse",
    "InverseScaling",
    "Linear",
    "MomentumRamp",
    "StepDecay",
]


def half_wave(start: float, end: float, progress: np.ndarray) -> np.ndarray:
    """From start to end along half a cosine wave, progress from 0 to 1."""
    return end + (start - end) * 0.5 * (1 + np.cos(np.pi * progress))


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
        return half_wave(self.initial, self.final, np.minimum(k / self.steps, 1))


@dataclass(frozen=True)
class FlatCosine(Schedule):
    """`initial` for the first `flat` of the steps, then half a cosine wave down to `final`.

    Parameters
    ----------
    initial : float
        ≥ 0.
    steps : float
        Length of the whole; > 0.
    flat : float
        In [0, 1): the part of the steps that stay at `initial`.
    final : float
        ≥ 0.

    Source: Holzmüller, Grinsztajn, Steinwart, *Better by Default* (2024), for weight decay and dropout.

    Examples
    --------
    >>> print(FlatCosine(0.1, steps=100).rate([0, 50, 75, 100, 150]))
    [0.1  0.1  0.05 0.   0.  ]
    """

    initial: NonNegative
    steps: Positive
    flat: Fraction = 0.5
    final: NonNegative = 0.0

    def curve(self, k):
        start = self.flat * self.steps
        return half_wave(self.initial, self.final, np.clip((k - start) / (self.steps - start), 0, 1))


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
