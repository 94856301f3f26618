"""The figures that most experiments share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..plots import Palette, curves, figure_of, panels, values_by_arm
from .experiment import Measured


def by_arm(labels: Mapping[str, str], log: bool = True) -> Callable[[Measured, Palette], Figure]:
    """A `draw` for an experiment: each measure by arm, a dot for each seed and a line at the mean.

    Parameters
    ----------
    labels : mapping
        The labels of the axes, with units, by the name of the measure.
    log : bool
        Whether the axes are logarithmic.
    """

    def draw(measured: Measured, palette: Palette) -> Figure:
        arms = {str(arm): part for arm, part in measured.table.groupby("arm", sort=False)}
        row = panels(len(labels), columns=3, height=1.1 + 0.42 * len(arms), palette=palette)
        for ax, (measure, label) in zip(row, labels.items(), strict=True):
            values = {arm: part[measure] for arm, part in arms.items() if part[measure].notna().any()}
            values_by_arm(values, label, log=log, ax=ax, palette=palette)
        return figure_of(row[0])

    return draw


def series(measured: Measured, name: str) -> dict[str, np.ndarray]:
    """The curves in ``details[name]`` by arm, a row for each seed, as long as the shortest: for `plots.curves`."""
    runs: dict[str, list[np.ndarray]] = {}
    for (arm, _), curve in measured.details[name].items():
        runs.setdefault(arm, []).append(np.asarray(curve, float))
    return {arm: np.stack([curve[: min(map(len, each))] for curve in each]) for arm, each in runs.items()}


def epochs(shown: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The epochs of such curves, from 1."""
    return {arm: np.arange(1, np.shape(curve)[-1] + 1) for arm, curve in shown.items()}


def curves_by_arm(
    name: str, xlabel: str, ylabel: str, *, x: Sequence[float] | None = None, log: bool = True
) -> Callable[[Measured, Palette], Figure]:
    """A `draw` for an experiment: the curves ``details[name]``, of each arm the mean over the seeds, with a band.

    Parameters
    ----------
    name : str
        Of each run's curve, shape (n,).
    xlabel, ylabel : str
        With units.
    x : sequence of float, optional
        By default 1, 2, … n.
    log : bool
        Whether the y-axis is logarithmic.
    """

    def draw(measured: Measured, palette: Palette) -> Figure:
        found = series(measured, name)
        places = epochs(found) if x is None else dict.fromkeys(found, np.asarray(x))
        (ax,) = panels(1, width=5.6, height=3.6, palette=palette)
        curves(places, found, ylabel, xlabel=xlabel, log=log, ax=ax, palette=palette)
        if all(np.array_equal(each, np.round(each)) for each in places.values()):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        return figure_of(ax)

    return draw
