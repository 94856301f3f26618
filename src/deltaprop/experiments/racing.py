"""Races: how many epochs arms need to the same loss, each with the learning rate that suits it best."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.ndimage import median_filter

from ..layers import Dense
from ..network import Network
from ..optimizers import SGD
from ..plots import Palette, curves, figure_of, panels, values_by_arm
from .drawing import series
from .experiment import Measured, Setting
from .measuring import measure_arms, train
from .problem import Problem

#: The goal of a race is so much of the loss that its slowest arm removes.
SHARE = 0.99

#: Samples that a run sees at most, all epochs together, at the default size.
SEEN = 20_000


def losses_after(
    network: Network, x: Any, t: Any, on: tuple[Any, Any] | None = None, **options: Any
) -> np.ndarray:
    """E of the training samples, or `on` others, before the first epoch and after each; `options` are those of `fit`.

    The running median of five epochs: a single low value between higher ones is luck.
    """
    measured = on or (x, t)
    before = network.value(*measured)
    losses = np.append(before, train(network, x, t, validation=measured, **options)["validation_loss"])
    return median_filter(losses, 5, mode="nearest")


@dataclass(frozen=True)
class Entry:
    """How an arm of a race trains: the data, the hidden layers, the optimizer for a learning rate, options of `fit`.

    `rates` take the place of the race's learning rates.
    """

    problem: Problem
    hidden: tuple[Any, ...] = (Dense(10), "scaled_tanh")
    optimizer: Callable[[float], Any] = SGD
    options: Mapping[str, Any] = field(default_factory=lambda: {"batch_size": 32})
    rates: Sequence[float] | None = None

    def network(self, seed: int) -> Network:
        network = self.problem.network(*self.hidden, seed=seed)
        network.initialize_from_data(self.problem.x)
        return network

    def run(self, seed: int, rate: float, epochs: int) -> np.ndarray:
        """The losses before the first epoch and after each."""
        options = {"optimizer": self.optimizer(rate), "epochs": epochs, **self.options}
        return losses_after(self.network(seed), self.problem.x, self.problem.t, **options)


def race(
    setting: Setting,
    entries: Mapping[str, Entry],
    *,
    rates: Sequence[float],
    epochs: tuple[int, int] = (60, 300),
    seeds: tuple[int, int] = (4, 10),
    pairs: Sequence[tuple[str, str]] = (),
) -> Measured:
    """Train each arm with each learning rate, and count the epochs to a loss that all arms reach.

    The goal, one for each seed, is 99 % of the way from the loss of the best constant output to the smallest loss of
    the slowest arm. The epochs are those of the rate that needs fewest; between the ends of two epochs the loss counts
    as linear. At the default size no run sees more than some 20,000 samples.

    Parameters
    ----------
    epochs, seeds : (int, int)
        At the default and at full size.
    pairs : sequence of (str, str)
        Two arms that race for a goal of their own besides, because the others are much slower.

    Returns
    -------
    Measured
        Columns ``epochs``, ``rate`` (the best) and ``loss`` (the smallest, of any rate), and for each pair one of the
        name ``epochs_of(pair)``; the curves of the best rate in ``details["losses"]``.
    """
    samples = max(len(entry.problem.x) for entry in entries.values())
    length = setting.size(min(epochs[0], max(SEEN // samples, 10)), epochs[1])

    def each(entry: Entry, seed: int) -> dict[str, Any]:
        return {"runs": [(rate, entry.run(seed, rate, length)) for rate in entry.rates or rates]}

    raced = measure_arms(setting, entries, each, setting.size(*seeds))
    table, runs = raced.table.set_index(["arm", "seed"]), raced.details["runs"]
    table["loss"] = {key: min(np.nanmin(losses) for _, losses in found) for key, found in runs.items()}
    best = {}
    for column, arms in {"epochs": tuple(entries), **{epochs_of(pair): pair for pair in pairs}}.items():
        slowest = table.loc[list(arms), "loss"].groupby("seed").max()
        for arm, seed in itertools.product(arms, slowest.index):
            baseline = entries[arm].problem.baseline
            goal = baseline - SHARE * (baseline - slowest[seed])
            found = [(time_to(losses, goal), -rate, losses) for rate, losses in runs[arm, seed]]
            needed, rate, losses = min(found, key=lambda each: each[:2])
            table.loc[(arm, seed), column] = needed
            if column == "epochs":
                table.loc[(arm, seed), "rate"], best[arm, seed] = -rate, losses
    return Measured(table.reset_index(), {"losses": best})


def epochs_of(pair: tuple[str, str]) -> str:
    """The measure of two arms that race for a goal of their own.

    >>> epochs_of(("a", "b"))
    'epochs, a and b'
    """
    return f"epochs, {pair[0]} and {pair[1]}"


def time_to(losses: np.ndarray, goal: float) -> float:
    """Epochs until the loss is at most `goal`, linear in between; infinite if it never is.

    >>> time_to(np.array([3.0, 2.0, 1.0]), 1.5), time_to(np.array([3.0, 2.0]), 1.0)
    (1.5, inf)
    """
    reached = np.flatnonzero(losses <= goal)
    if not len(reached):
        return np.inf
    k = int(reached[0])
    return float(max(k - (goal - losses[k]) / (losses[k - 1] - losses[k]), 0.01)) if k else 0.01


def race_figure(labels: Mapping[str, str] | None = None) -> Callable[[Measured, Palette], Figure]:
    """A `draw` for a race: the learning curves, the epochs to the goals, and other measures that have a label here."""

    def draw(measured: Measured, palette: Palette) -> Figure:
        table = measured.table
        pairs = [column for column in map(str, table) if column.startswith("epochs, ")]
        shown = {"epochs": "epochs to a loss that all reach"}
        shown |= dict.fromkeys(pairs, "epochs to a loss that both reach") | dict(labels or {})
        count, arms = 1 + len(shown), table["arm"].nunique()
        height = max(2.9, 1.1 + 0.42 * arms)
        first, *others = panels(count, 2 if count in (2, 4) else 3, height=height, palette=palette)
        losses = series(measured, "losses")
        epochs = np.arange(max(run.shape[1] for run in losses.values()))
        curves(
            {arm: epochs[: run.shape[1]] for arm, run in losses.items()},
            losses,
            "loss of the training samples",
            log=True,
            ax=first,
            palette=palette,
        )
        for ax, (column, label) in zip(others, shown.items(), strict=True):
            values = {arm: part[column] for arm, part in table.groupby("arm", sort=False)}
            there = {str(arm): each for arm, each in values.items() if np.isfinite(each).any()}
            values_by_arm(there, label, log=True, ax=ax, palette=palette)
        return figure_of(first)

    return draw
