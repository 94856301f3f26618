"""Successive halving: many candidates are trained for few epochs, the best of them for more."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from joblib import Parallel, delayed

from .errors import InputError, number
from .files import cannot_write, write

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
    number("successive_halving", "epochs", epochs, low=1, integer=True)
    number("successive_halving", "factor", factor, low=2, integer=True)
    if not candidates:
        raise InputError("successive_halving: candidates has no entry, expected at least one; give some.")
    identity = _identity(candidates, epochs, factor)
    done = [] if log is None else _read(Path(log), identity)
    rounds = max(0, math.floor(math.log(len(candidates)) / math.log(factor) + 1e-9))
    left = list(range(len(candidates)))
    for r in range(rounds + 1):
        length = max(1, epochs // factor ** (rounds - r))
        have = {t.candidate for t in done if t.epochs == length}
        work = (delayed(_trial)(evaluate, c, candidates[c], length) for c in left if c not in have)
        finished = cast(Iterable[Trial], Parallel(jobs, return_as="generator_unordered")(work))
        for trial in finished:
            done.append(trial)
            if log is not None:
                _append(Path(log), trial)
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


def _identity(candidates: Sequence[Settings], epochs: int, factor: int) -> str:
    """What two runs of the same search have in common."""
    content = json.dumps([list(map(dict, candidates)), epochs, factor], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def _read(log: Path, identity: str) -> list[Trial]:
    """The trials in `log`, which is created with its first line if there is none; a last line cut short is removed."""
    head = json.dumps({"search": identity}) + "\n"
    try:
        text = log.read_text(encoding="utf-8") if log.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise _not_a_log(log) from error
    if head.startswith(text):  # nothing, or a first line that was cut short
        write(log, head)
        return []
    whole = text[: text.rfind("\n") + 1]
    try:
        first, *lines = map(json.loads, whole.splitlines())
        trials = [Trial(**line) for line in lines]
    except (ValueError, TypeError) as error:
        raise _not_a_log(log) from error
    if first != json.loads(head):
        found = "holds the trials of another search"
        raise InputError(f"{log}: {found}, expected the same candidates and epochs; choose another file.")
    if whole != text:
        write(log, whole)
    return trials


def _not_a_log(log: Path) -> InputError:
    expected = "expected a file that this search has written; choose another file"
    return InputError(f"{log}: is no log of a search, {expected}.")


def _append(log: Path, trial: Trial) -> None:
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")
    except OSError as error:
        raise cannot_write(log, error) from error
