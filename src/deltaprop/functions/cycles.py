"""Schedules that rise as well as fall."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..bounds import Bounds, NonNegative, Positive, UnitInterval
from .decays import half_wave
from .schedule import Schedule

__all__ = ["CosineLog", "OneCycle", "Triangular"]

#: Their lengths double: 2¹⁰⁰⁰ is about as much as a float can hold.
Waves = Annotated[int, Bounds(low=1, high=1000, integer=True)]


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
        up = half_wave(initial, self.peak, np.minimum(k / (top or 1), 1))
        down = half_wave(self.peak, final, np.clip((k - top) / ((end - top) or 1), 0, 1))
        return np.where(k < top, up, down)


@dataclass(frozen=True)
class CosineLog(Schedule):
    """rate(k) = ½ peak (1 − cos(2π log₂(1 + (2ⁿ − 1) k / steps))): n waves from 0 to 0, each twice as long as the last.

    Parameters
    ----------
    peak : float
        ≥ 0.
    steps : float
        Length of all waves together; > 0.
    waves : int
        n ≥ 1.

    Source: Holzmüller, Grinsztajn, Steinwart, *Better by Default* (2024), with n = 4 ("coslog4").

    Examples
    --------
    >>> print(CosineLog(1.0, steps=15).rate([0, 1, 3, 5, 7, 11, 15]).round(2))
    [0.   0.   0.   0.93 0.   0.93 0.  ]
    """

    peak: NonNegative
    steps: Positive
    waves: Waves = 4

    def curve(self, k):
        wave = np.log2(1 + (2.0**self.waves - 1) * np.minimum(k / self.steps, 1))
        return self.peak * 0.5 * (1 - np.cos(2 * np.pi * wave))
