"""Measuring arms: one function for each arm and seed, trainings without output, the epochs to a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import joblib
import numpy as np
import pandas as pd

from ..network import Network
from ..training import History, fit
from .experiment import Measured, Setting
from .problem import Problem


def measure_arms(
    setting: Setting,
    arms: Mapping[str, Any] | Sequence[str],
    measure: Callable[[Any, int], Mapping[str, Any]],
    seeds: int,
) -> Measured:
    """``measure(value, seed)`` for each arm and seed; it returns numbers, and what else is to be drawn, by name.

    Numbers become columns of the table. Anything else (a curve, a network) is kept in ``details[name]``, by
    (arm, seed).

    Parameters
    ----------
    arms : mapping or sequence
        Values by the name of their arm; or names, which are the values too.
    seeds : int
        Runs of each arm, unless the setting has another number.

    Examples
    --------
    >>> measured = measure_arms(Setting(), {"once": 1, "twice": 2}, lambda k, seed: {"sum": k * seed}, seeds=3)
    >>> measured.table["sum"].tolist()
    [0.0, 1.0, 2.0, 0.0, 2.0, 4.0]
    """
    values = arms if isinstance(arms, Mapping) else {arm: arm for arm in arms}
    runs = [(arm, seed) for arm in values for seed in range(setting.seeds or seeds)]
    found: Any = joblib.Parallel(setting.jobs)(
        joblib.delayed(measure)(values[arm], seed) for arm, seed in runs
    )
    rows: list[dict[str, Any]] = []
    details: dict[str, dict[tuple[str, int], Any]] = {}
    for (arm, seed), results in zip(runs, found, strict=True):
        rows.append({"arm": arm, "seed": seed})
        for name, value in results.items():
            if isinstance(value, Real | np.bool_):
                rows[-1][name] = float(value)
            else:
                details.setdefault(name, {})[arm, seed] = value
    return Measured(pd.DataFrame(rows), details)


def combine(*parts: Measured) -> Measured:
    """Several measurements, with arms and measures of their own, as one."""
    table = pd.concat([part.table for part in parts], ignore_index=True)
    return Measured(table, {name: runs for part in parts for name, runs in part.details.items()})


def train(network: Network, x: Any, t: Any, **options: Any) -> History:
    """`fit` on one thread, without a progress bar."""
    return fit(network, x, t, **{"progress": False, "threads": 1} | options)


def epochs_to(losses: np.ndarray, loss: float) -> int:
    """The first epoch, from 1, after which the loss is at most this; one more than all of them if it never is.

    >>> epochs_to(np.array([3.0, 1.0, 0.5]), 1.0), epochs_to(np.array([3.0, 2.0]), 1.0)
    (2, 3)
    """
    reached = np.flatnonzero(np.asarray(losses) <= loss)
    return int(reached[0]) + 1 if len(reached) else len(losses) + 1


def goal(problem: Problem, network: Network, epochs: int, share: float = 0.99) -> float:
    """A loss that can be reached on any data: so much of the way from the constant output to what Adam reaches."""
    history = train(network, problem.x, problem.t, optimizer="adam", epochs=epochs)
    return problem.baseline - share * (problem.baseline - float(history["train_loss"].min()))


def with_best_rate(
    run: Callable[[float], np.ndarray], rates: Sequence[float], loss: float
) -> tuple[int, float, np.ndarray]:
    """The epochs to a loss with the learning rate that needs fewest, that rate, and its losses by epoch.

    ``run(rate)`` trains and returns the loss after each epoch. Of equally fast rates the largest is taken; where none
    reaches the loss, the one that comes nearest in the end.
    """
    found = [(run(rate), rate) for rate in rates]
    longest = max(len(losses) for losses, _ in found)

    def order(each: tuple[np.ndarray, float]) -> tuple[float, float]:
        epochs, rate = epochs_to(each[0], loss), each[1]
        if epochs <= len(each[0]):
            return epochs, -rate
        return (longest + 1, each[0][-1]) if len(each[0]) == longest > 0 else (longest + 2, -rate)

    losses, rate = min(found, key=order)
    return min(epochs_to(losses, loss), longest + 1), rate, losses


def lowest_loss(
    run: Callable[[float], np.ndarray], rates: Sequence[float]
) -> tuple[float, float, np.ndarray]:
    """The loss after the last epoch with the learning rate where it is lowest, that rate, and its losses by epoch.

    ``run(rate)`` trains and returns the loss after each epoch, of fewer epochs if it diverged. Where all have diverged,
    the loss is infinite.

    >>> loss, rate, _ = lowest_loss(lambda rate: np.array([1.0, 0.5 - rate] if rate < 0.3 else [9.0]), (0.1, 0.2, 0.3))
    >>> loss, rate
    (0.3, 0.2)
    """
    found = [(run(rate), rate) for rate in rates]
    longest = max(len(losses) for losses, _ in found)

    def final(losses: np.ndarray) -> float:
        return float(losses[-1]) if len(losses) == longest > 0 else np.inf

    losses, rate = min(found, key=lambda each: final(each[0]))
    return final(losses), rate, losses if len(losses) else np.array([np.nan])
