"""A sweep: every combination of settings, with every seed, in parallel and resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..commands.console import trial_bar
from ..errors import InputError, number, short
from ..training.history import direction
from ..trial_log import TrialLog
from . import workers
from .estimation import Estimation, is_estimator
from .identity import file_digests, identity
from .result import Sweep
from .space import Settings, Space, combinations
from .training import Training
from .trial import Task, Trial

Function = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Plan:
    """A sweep to be made, its arguments checked: see `sweep`, whose they are."""

    function: Function
    settings: Settings
    combinations: Sequence[Settings]
    seeds: Sequence[int]
    metric: str
    maximize: bool
    curve: str
    threads: int

    @classmethod
    def make(
        cls,
        function: Function | Any,
        space: Space,
        *,
        data: tuple[Any, Any] | None = None,
        settings: Settings | None = None,
        samples: int | None = None,
        draw_seed: int = 0,
        seeds: int | Sequence[int] = 3,
        metric: str | None = None,
        maximize: bool | None = None,
        curve: str | None = None,
        threads: int = 1,
    ) -> Self:
        """The same from the arguments of `sweep`."""
        function, fixed = _function(function, data), dict(settings or {})
        tried, used = combinations(space, samples, draw_seed), _seeds(seeds)
        _check_names(function, space, fixed)
        number("sweep", "threads", threads, low=1, integer=True)
        estimation = isinstance(function, Estimation)
        metric = metric or ("score" if estimation else "validation_score")
        maximize = direction(metric) < 0 if maximize is None else maximize
        curve = curve or ("train_loss" if estimation else metric)
        return cls(function, fixed, tried, used, metric, maximize, curve, threads)

    @property
    def tasks(self) -> dict[tuple[int, int], Task]:
        """A task for each combination and seed."""
        return {
            (c, seed): Task(
                self.function,
                {**self.settings, **combination, "seed": seed},
                c,
                self.metric,
                self.curve,
                self.threads,
            )
            for c, combination in enumerate(self.combinations)
            for seed in self.seeds
        }

    def open(self, path: str | Path) -> TrialLog[Trial]:
        """The log of this sweep in that file."""
        function = self.function
        files = function.files(self.settings, *self.combinations) if isinstance(function, Training) else ()
        content = {
            "function": identity(function),
            "files": file_digests(files),
            "settings": self.settings,
            "space": self.combinations,
            "seeds": self.seeds,
            "metric": self.metric,
            "curve": self.curve,
        }
        return TrialLog(path, content, Trial)

    def run(
        self, jobs: int | None = None, log: str | Path | None = None, progress: bool | str = "auto"
    ) -> Sweep:
        """Make it, but for the trials in `log`."""
        kept, tasks = None if log is None else self.open(log), self.tasks
        done = {(trial.combination, trial.seed): trial for trial in (kept.read() if kept else [])}
        left = [task for key, task in tasks.items() if key not in done]
        with trial_bar("sweep", len(tasks), len(done), always=progress is True) as advance:
            for trial in workers.run(left, jobs):
                if kept:
                    kept.append(trial)
                done[trial.combination, trial.seed] = trial
                if progress:
                    advance(self._best_so_far(done.values()))
        trials = [done[key] for key in tasks]
        return Sweep(self.combinations, trials, self.metric, self.maximize, self.curve)

    def _best_so_far(self, trials: Iterable[Trial]) -> str:
        values = [trial.metrics[self.metric] for trial in trials if trial.counts]
        best = max if self.maximize else min
        return f"best {self.metric} {best(values):.4g}" if values else "no number yet"


def sweep(
    function: Function | Any,
    space: Space,
    *,
    data: tuple[Any, Any] | None = None,
    settings: Settings | None = None,
    samples: int | None = None,
    draw_seed: int = 0,
    seeds: int | Sequence[int] = 3,
    metric: str | None = None,
    maximize: bool | None = None,
    curve: str | None = None,
    threads: int = 1,
    jobs: int | None = None,
    log: str | Path | None = None,
    progress: bool | str = "auto",
) -> Sweep:
    """Try combinations of settings, each with several seeds.

    Trials run by joblib, in the backend of the surrounding ``joblib.parallel_config``: processes of this machine by
    default, a cluster with ``"dask"`` or ``"ray"``. The result depends neither on how many run at the same time nor on
    the order in which they end. A trial that raises an error, diverges or ends with a metric that is not finite is a
    row with this status.

    Parameters
    ----------
    function : callable or estimator
        Called with a dict of settings, among them ``seed``. Returns a `History`, or a dict of names to numbers or to
        their values after each epoch, of which the last counts, or an `Outcome`, or the metric alone. `Training()` is
        ``deltaprop train``. An estimator is fitted on a part of `data` and judged on the rest: see `Estimation`.
    space : mapping of str to list or distribution
        The values to try: see `combinations`.
    data : (x, y), optional
        For an estimator.
    settings : mapping, optional
        Settings that are the same in every trial.
    samples : int, optional
        Number of combinations to draw at random; by default all are tried, which is a grid.
    draw_seed : int
        Of the draws.
    seeds : int or sequence of int
        How many, from 0, or which. The combinations share them, so that differences are taken seed by seed.
    metric : str, optional
        What is compared: a metric of the outcomes. Default: ``validation_score``; of an estimator ``score``.
    maximize : bool, optional
        Whether larger is better. Default: if the metric's name ends in ``score``.
    curve : str, optional
        What the figure shows after each epoch. Default: the metric; of an estimator ``train_loss``.
    threads : int
        The most threads of the numerical libraries in each trial.
    jobs : int, optional
        Number of trials at the same time, −1: as many as there are cores. Default: what the surrounding
        ``joblib.parallel_config`` says, or one.
    log : str or Path, optional
        A file to which each trial is appended when it is done. Those in it already are not repeated: a sweep that was
        killed goes on where it was. One whose function or data are not the same any more is refused; what the function
        calls by a global name is not looked at.
    progress : "auto" or bool
        On standard error: a bar in a terminal, or with True also a line every half minute elsewhere.

    Returns
    -------
    Sweep

    Raises
    ------
    InputError
        If an argument is invalid, or `log` is of another sweep.

    Examples
    --------
    >>> def train(settings):
    ...     noise = np.random.default_rng(settings["seed"]).normal()
    ...     return {"loss": (settings["rate"] - 0.1) ** 2 + 0.01 * noise * settings["rate"]}
    >>> found = sweep(train, {"rate": [0.01, 0.1, 1.0]}, seeds=4, metric="loss")
    >>> print(found.conclusion())
    Best: rate 0.1: loss 0.0006753 ± 0.00046 (4 seeds).
    Next: rate 0.01: behind by 0.0075, 18 standard errors, distinguishable (from 3.2 on).
    """
    plan = Plan.make(
        function,
        space,
        data=data,
        settings=settings,
        samples=samples,
        draw_seed=draw_seed,
        seeds=seeds,
        metric=metric,
        maximize=maximize,
        curve=curve,
        threads=threads,
    )
    return plan.run(jobs, log, progress)


def _function(function: Any, data: tuple[Any, Any] | None) -> Callable[[dict[str, Any]], Any]:
    """The function of the settings."""
    estimator = is_estimator(function)
    if estimator != (data is not None):
        got = "data is missing for the estimator" if estimator else "data is given with a function"
        raise InputError(f"sweep: {got}, expected data (x, y) with an estimator alone; correct it.")
    if data is not None:
        return Estimation(function, *data)
    if not callable(function):
        got = f"function is {short(function)}"
        raise InputError(f"sweep: {got}, expected a function of the settings, or an estimator; give one.")
    return function


def _check_names(function: Any, space: Mapping[str, Any], fixed: Settings) -> None:
    """Refuse a setting in two places, the seed in any, and what is no parameter of the estimator."""
    if twice := next((name for name in fixed if name in space), None):
        raise InputError(
            f"sweep: {twice} is in settings and space, expected it in one of them; leave one out."
        )
    if "seed" in space or "seed" in fixed:
        raise InputError("sweep: seed is among the settings, expected it in seeds; give seeds instead.")
    if isinstance(function, Estimation):
        function.check([*space, *fixed])


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds themselves."""
    if isinstance(seeds, int | np.integer):
        number("sweep", "seeds", seeds, low=1, integer=True)
        return list(range(seeds))
    if isinstance(seeds, str | Mapping) or not isinstance(seeds, Iterable):
        raise InputError(f"sweep: seeds is {short(seeds)}, expected a number or a list of seeds; correct it.")
    listed = list(seeds)
    for seed in listed:
        number("sweep", "seeds", seed, low=0, integer=True)
    if not listed or len(set(listed)) < len(listed):
        raise InputError(
            f"sweep: seeds is {short(listed)}, expected different seeds, at least one; correct it."
        )
    return [int(seed) for seed in listed]
