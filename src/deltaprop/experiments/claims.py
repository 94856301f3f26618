"""Claims as statements about a table of measurements, and the verdict that the numbers give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

BORNE_OUT, NOT_BORNE_OUT, REFUTED, DEPENDS = "borne out", "not borne out", "refuted", "depends"

#: Of every interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Verdict:
    """What the measurements say of one claim.

    Attributes
    ----------
    claim : str
    outcome : str
        "borne out" if the whole interval is on the side that is claimed, "refuted" if it is on the other side, "not
        borne out" if it reaches from one to the other, as that of a comparison in a single run does.
    numbers : str
        The effect in words, with its interval and the number of runs.
    effect, low, high : float
        The effect and its 95 % confidence interval, over the seeds.
    bound : float
        What the claim asks the effect to be above.
    """

    claim: str
    outcome: str
    numbers: str
    effect: float
    low: float
    high: float
    bound: float

    def __str__(self) -> str:
        return f"{self.outcome}: {self.claim}. {self.numbers}"


class Claim(ABC):
    """A statement about a table with the columns ``arm``, ``seed`` and one for each measure."""

    @abstractmethod
    def judge(self, table: pd.DataFrame) -> Verdict:
        """The verdict."""


@dataclass(frozen=True)
class Less(Claim):
    """``measure`` is smaller in one arm than in another, by more than some factor or difference.

    The runs are paired by seed. The effect is the geometric mean of the quotients other / arm; with ``difference=True``
    the mean of the differences other − arm. Its interval is that of Student's t, for the quotients of their logarithms.

    Parameters
    ----------
    measure : str
        A column of the table; ≥ 0, unless differences are taken.
    arm, other : str
    by : float, optional
        The claim asks for an effect above this: by default 1, of differences 0.
    difference : bool
    text : str, optional
        The claim in words.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["a"] * 3 + ["b"] * 3, "seed": [0, 1, 2] * 2, "epochs": [5, 6, 5, 10, 13, 11]})
    >>> print(Less("epochs", "a", "b").judge(table))
    borne out: epochs: a less than b. 2.12 times less (95 % interval 1.87 to 2.41, 3 runs): 5.33 against 11.3
    >>> Less("epochs", "b", "a").judge(table).outcome
    'refuted'
    """

    measure: str
    arm: str
    other: str
    by: float | None = None
    difference: bool = False
    text: str = ""

    words = "less", "more"

    def judge(self, table):
        pairs = table.pivot(index="seed", columns="arm", values=self.measure)[[self.arm, self.other]].dropna()
        arm, other = pairs[self.arm].to_numpy(float), pairs[self.other].to_numpy(float)
        small, large = self._ordered(arm, other)
        unit, neutral = ("", 0.0) if self.difference else (" times", 1.0)
        bound = neutral if self.by is None else self.by
        found = interval(large - small) if self.difference else np.exp(interval(_log_quotients(large, small)))
        effect, low, high = map(float, found)
        if len(pairs) == 1:  # one run says nothing of the next
            low, high = -np.inf, np.inf
        margin = "" if self.by is None else f" by more than {self.by:g}{unit}"
        return Verdict(
            self.text or f"{self.measure}: {self.arm} {self.words[0]} than {self.other}{margin}",
            outcome(low, high, bound),
            f"{self._effect(effect, low, high, unit, len(pairs))}: {arm.mean():.3g} against {other.mean():.3g}",
            effect,
            low,
            high,
            bound,
        )

    def _effect(self, effect: float, low: float, high: float, unit: str, runs: int) -> str:
        """The effect in words, the other way round where it is against the claim."""
        word, neutral = self.words[0], 0.0 if self.difference else 1.0
        if effect < neutral:
            word = self.words[1]
            with np.errstate(divide="ignore"):
                effect, high, low = (
                    -v if self.difference else np.divide(1.0, v) for v in (effect, low, high)
                )
        kind = "95 % interval" if np.isfinite([low, high]).all() else "range"
        within = f"{kind} {low:.3g} to {high:.3g}, {runs} runs" if runs > 1 else "one run, no interval"
        return f"{effect:.3g}{unit} {word} ({within})"

    def _ordered(self, arm: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return arm, other


@dataclass(frozen=True)
class More(Less):
    """``measure`` is larger in one arm than in another; otherwise as `Less`."""

    words = "more", "less"

    def _ordered(self, arm, other):
        return other, arm


@dataclass(frozen=True)
class Within(Claim):
    """The mean of ``measure`` in an arm is at least and at most some numbers; of one run, or over the seeds.

    The effect of the verdict is the distance to the nearer bound, positive inside. A bound that is met exactly is kept.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["net"] * 3, "seed": [0, 1, 2], "accuracy": [0.992, 0.994, 0.993]})
    >>> print(Within("accuracy", "net", at_least=0.99).judge(table))
    borne out: accuracy of net at least 0.99. 0.993 (95 % interval 0.9905 to 0.9955, 3 runs)
    """

    measure: str
    arm: str
    at_least: float = -np.inf
    at_most: float = np.inf
    text: str = ""

    def judge(self, table):
        values = table.loc[table["arm"] == self.arm, self.measure].to_numpy(float)
        mean, low, high = interval(values)
        numbers = f"{mean:.4g} (95 % interval {low:.4g} to {high:.4g}, {len(values)} runs)"
        if low == high:
            numbers = f"{mean:.4g}" + (f" in all {len(values)} runs" if len(values) > 1 else "")
        inside, outside = (
            min(low - self.at_least, self.at_most - high),
            min(high - self.at_least, self.at_most - low),
        )
        found = BORNE_OUT if inside >= 0 else REFUTED if outside < 0 else NOT_BORNE_OUT
        return Verdict(
            self.text or f"{self.measure} of {self.arm} {self._bounds()}",
            found,
            numbers,
            min(mean - self.at_least, self.at_most - mean),
            inside,
            outside,
            0.0,
        )

    def _bounds(self) -> str:
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds if np.isfinite(bound))


def interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % confidence interval by Student's t; the value itself where there is one, or all are equal.

    Where a value is infinite, median, smallest and largest value take their place.
    """
    if not np.isfinite(values).all():
        ordered = np.sort(values)
        return float(ordered[(len(values) - 1) // 2]), float(ordered[0]), float(ordered[-1])
    mean = float(np.mean(values))
    if len(values) == 1 or np.ptp(values) == 0:
        return mean, mean, mean
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, len(values) - 1) * stats.sem(values)
    return mean, mean - half, mean + half


def _log_quotients(large: np.ndarray, small: np.ndarray) -> np.ndarray:
    """log(large / small) of numbers ≥ 0: infinite if one of both is 0 or infinite, 0 if they are equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(large == small, 0.0, np.log(large) - np.log(small))


def outcome(low: float, high: float, bound: float) -> str:
    """What an interval says of the claim that the effect is above a bound."""
    return BORNE_OUT if low > bound else REFUTED if high < bound else NOT_BORNE_OUT


def together(verdicts: Sequence[Verdict]) -> str:
    """One outcome for all claims of an experiment: "depends" where they differ."""
    outcomes = {verdict.outcome for verdict in verdicts}
    return outcomes.pop() if len(outcomes) == 1 else DEPENDS
