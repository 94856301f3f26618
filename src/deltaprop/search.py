"""Successive halving: many candidates are trained for few epochs, the best of them for more."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .errors import InputError, number
from .trial_log import TrialLog

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """One candidate, trained for some epochs.

    Attributes
    ----------
    candidate : int
        Its position among the candidates.
    epochs : int
    score : float
        Larger is better; −inf where training failed.
    seconds : float
        Wall-clock time.
    """

    candidate: int
    epochs: int
    score: float
    seconds: float


def successive_halving(
    evaluate: Callable[[Settings, int], float],
    candidates: Sequence[Settings],
    epochs: int,
    *,
    factor: int = 3,
    jobs: int = 1,
    log: str | Path | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> list[Trial]:
    """Find the best of many candidates at the price of few trainings.

    All n candidates are trained for the fewest epochs, the best 1/factor of them for `factor` times as many, and so on
    until those that are left have the full number of epochs. Every training begins anew, so that its learning rate
    schedule has the right length. With r rounds the whole takes about as long as r trainings for all epochs.

    Parameters
    ----------
    evaluate : callable
        ``evaluate(candidate, epochs) -> score``, larger is better; called in other processes where jobs > 1.
    candidates : sequence of dict
        Settings that JSON can hold.
    epochs : int
        Of the last round; ≥ 1.
    factor : int
        ≥ 2.
    jobs : int
        Number of trainings at the same time, as in joblib; −1: as many as there are cores.
    log : str or Path, optional
        A file to which each trial is appended when it is done. If it exists already, its trials are not repeated: a
        search that was killed goes on where it was.
    on_trial : callable, optional
        Called with each new `Trial`.

    Returns
    -------
    list of Trial
        Best first: by epochs, then by score.

    Raises
    ------
    InputError
        If an argument is invalid, or `log` is of another search.

    Source: Jamieson and Talwalkar, *Non-stochastic best arm identification and hyperparameter optimization* (2016).

    Examples
    --------
    >>> def evaluate(candidate, epochs):
    ...     return -abs(candidate["rate"] - 0.1) - 1 / epochs
    >>> found = successive_halving(evaluate, [{"rate": r / 20} for r in range(9)], epochs=9)
    >>> found[0].candidate, found[0].epochs, len(found)
    (2, 9, 13)
    """
    from joblib import Parallel, delayed  # imported on use: it would delay every training

    number("successive_halving", "epochs", epochs, low=1, integer=True)
    number("successive_halving", "factor", factor, low=2, integer=True)
    if not candidates:
        raise InputError("successive_halving: candidates has no entry, expected at least one; give some.")
    kept = None if log is None else TrialLog(log, _identity(candidates, epochs, factor), Trial)
    done = [] if kept is None else kept.read()
    rounds = max(0, math.floor(math.log(len(candidates)) / math.log(factor) + 1e-9))
    left = list(range(len(candidates)))
    for r in range(rounds + 1):
        length = max(1, epochs // factor ** (rounds - r))
        have = {t.candidate for t in done if t.epochs == length}
        work = (delayed(_trial)(evaluate, c, candidates[c], length) for c in left if c not in have)
        finished = cast(Iterable[Trial], Parallel(jobs, return_as="generator_unordered")(work))
        for trial in finished:
            done.append(trial)
            if kept is not None:
                kept.append(trial)
            if on_trial is not None:
                on_trial(trial)
        scores = {t.candidate: t.score for t in done if t.epochs == length}
        left = sorted(left, key=lambda c: (-scores[c], c))
        left = left[: max(1, len(left) // factor)]
    return sorted(done, key=lambda t: (-t.epochs, -t.score, t.candidate))


def _trial(
    evaluate: Callable[[Settings, int], float], candidate: int, settings: Settings, epochs: int
) -> Trial:
    began = time.perf_counter()
    score = float(evaluate(settings, epochs))
    return Trial(candidate, epochs, score if math.isfinite(score) else -math.inf, time.perf_counter() - began)


def _identity(candidates: Sequence[Settings], epochs: int, factor: int) -> dict[str, Any]:
    """What two runs of the same search have in common."""
    content = json.dumps(list(map(dict, candidates)), sort_keys=True, default=str)
    return {"candidates": hashlib.sha256(content.encode()).hexdigest(), "epochs": epochs, "factor": factor}
