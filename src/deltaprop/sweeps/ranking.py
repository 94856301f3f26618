"""Which combination is best, and whether it can be told from the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from .trial import Trial

#: From which a margin counts: that of a two-sided test.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rank:
    """A combination, its metric over the seeds, and how far the best one is ahead.

    Attributes
    ----------
    combination : int
        Its number, from 0.
    mean, standard_error : float
        Over the trials that count; NaN where there is none, or only one.
    trials, failed : int
        Trials that count, and trials that failed or diverged.
    behind, behind_error : float
        Mean difference from the best, ≥ 0 where it is worse, over the seeds that both have; its standard error.
    needed : float
        The margin from which on the two are distinguishable: Student's t, two-sided, 95 %; infinite with one seed.
    """

    combination: int
    mean: float
    standard_error: float
    trials: int
    failed: int
    behind: float = 0.0
    behind_error: float = math.nan
    needed: float = math.inf

    @property
    def margin(self) -> float:
        """`behind` in standard errors; NaN with one seed."""
        if self.behind_error == 0:
            return math.copysign(math.inf, self.behind) if self.behind else 0.0
        return self.behind / self.behind_error

    @property
    def distinguishable(self) -> bool:
        """Whether it is worse than the best by more than chance explains."""
        return self.margin > self.needed

    def __str__(self) -> str:
        verdict = "distinguishable" if self.distinguishable else "not distinguishable"
        return f"behind by {self.behind:.2g}, {self.margin:.2g} standard errors, {verdict} (from {self.needed:.2g} on)"


def rank(trials: Sequence[Trial], metric: str, maximize: bool) -> list[Rank]:
    """The combinations, best first: those without a failed trial before the others, then by the mean.

    The trials of two combinations are paired by seed, with which data, split and initial weights are the same.

    Examples
    --------
    >>> def trial(combination, seed, loss):
    ...     return Trial(combination, seed, "completed", metrics={"loss": loss})
    >>> losses = [(0, 0, 0.5), (0, 1, 0.7), (0, 2, 0.6), (1, 0, 0.4), (1, 1, 0.6), (1, 2, 0.51)]
    >>> first, second = rank([trial(*each) for each in losses], "loss", maximize=False)
    >>> first.combination, round(second.behind, 3), round(second.margin, 1), second.distinguishable
    (1, 0.097, 29.0, True)
    """
    values: dict[int, dict[int, float]] = {}
    for trial in trials:
        found = values.setdefault(trial.combination, {})
        if trial.counts:
            found[trial.seed] = trial.metrics[metric]
    number = {c: sum(t.combination == c for t in trials) for c in values}
    ranks = [_alone(c, list(found.values()), number[c]) for c, found in values.items()]
    sign = -1 if maximize else 1
    ranks.sort(key=lambda r: (r.failed, sign * r.mean if r.trials else math.inf, r.combination))
    best = values[ranks[0].combination]
    return [ranks[0], *(_behind(r, values[r.combination], best, sign) for r in ranks[1:])]


def _alone(combination: int, values: list[float], trials: int) -> Rank:
    n = len(values)
    mean = float(np.mean(values)) if n else math.nan
    error = float(stats.sem(values)) if n > 1 else math.nan
    return Rank(combination, mean, error, n, trials - n)


def _behind(rank: Rank, values: dict[int, float], best: dict[int, float], sign: int) -> Rank:
    both = sorted(values.keys() & best.keys())
    differences = sign * np.array([values[seed] - best[seed] for seed in both])
    if len(both) < 2:
        return replace(rank, behind=float(differences[0]) if both else math.nan)
    return replace(
        rank,
        behind=float(differences.mean()),
        behind_error=float(stats.sem(differences)),
        needed=float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(both) - 1)),
    )
