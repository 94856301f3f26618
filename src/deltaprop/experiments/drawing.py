"""The figures that most experiments share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure

from ..style import Palette, new_row
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
        table, arms = measured.table, list(dict.fromkeys(measured.table["arm"]))
        figure, row = new_row(palette, len(labels), 0.9 + 0.75 * len(arms))
        for axes, (measure, label) in zip(row, labels.items(), strict=True):
            for k, arm in enumerate(arms):
                values = table.loc[table["arm"] == arm, measure].to_numpy()
                spread = np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else [0.0]
                color = palette.series[k % len(palette.series)]
                axes.scatter(k + np.asarray(spread), values, s=22, color=color, alpha=0.7, linewidths=0)
                axes.plot([k - 0.3, k + 0.3], [values.mean()] * 2, color=palette.ink, linewidth=1.4)
            axes.set_xticks(range(len(arms)), arms, rotation=20 if len(arms) > 3 else 0, parse_math=False)
            axes.set(ylabel=label, xlim=(-0.6, len(arms) - 0.4))
            if log:
                axes.set_yscale("log")
        return figure

    return draw
