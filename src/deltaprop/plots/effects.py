"""Results of experiments: the value of each seed, and effects with their confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from ..errors import InputError, short
from ..style import LIGHT, Palette, logarithmic, styled
from .curves import DASHED


def values_by_arm(
    values: Mapping[str, Any],
    xlabel: str,
    *,
    log: bool = False,
    percent: bool = False,
    reference: float | None = None,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """A row for each arm of an experiment: a dot for each seed, and a line at the mean.

    Parameters
    ----------
    values : mapping of str to array of shape (seeds,)
        The arms in the order from top to bottom. Values that are not finite are crosses at the upper end of the axis:
        runs that diverged, or never reached an error. A mean is drawn where all are finite.
    xlabel : str
        What was measured, with its unit.
    log : bool
        Whether the axis is logarithmic (if all values are positive); the mean is then the geometric one.
    percent : bool
        Whether fractions are written as percentages.
    reference : float, optional
        A value to be marked by a dashed line: what was claimed.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = values_by_arm({"sigmoid": [12, 14, 13], "tanh": [5, 7, 6]}, "epochs to a loss of 0.1")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['sigmoid', 'tanh']
    """
    arrays = {name: np.asarray(each, float).reshape(-1) for name, each in values.items()}
    known = np.concatenate([v[np.isfinite(v)] for v in arrays.values()] or [np.zeros(0)])
    log = log and len(known) > 0 and bool((known > 0).all())
    ax = styled(ax, palette, 5.4, 1.1 + 0.42 * len(arrays), grid="x")
    for i, each in enumerate(arrays.values()):
        finite = each[np.isfinite(each)]
        color = palette.color(i)
        ax.scatter(
            finite,
            i + _spread(len(finite)),
            s=22,
            color=color,
            marker=palette.marker(i),
            alpha=0.75,
            linewidths=0,
        )
        missing = len(each) - len(finite)
        if missing:
            place = ax.get_yaxis_transform()
            ax.scatter(
                np.ones(missing),
                i + _spread(missing),
                s=30,
                color=color,
                marker="x",
                transform=place,
                clip_on=False,
            )
        elif len(finite):
            mean = np.exp(np.log(finite).mean()) if log else finite.mean()
            ax.plot([mean, mean], [i - 0.32, i + 0.32], color=palette.ink, linewidth=2, zorder=3)
    if reference is not None:
        ax.axvline(reference, color=palette.ink, **DASHED)
    _rows(ax, list(arrays), palette)
    if log:
        logarithmic(ax.xaxis)
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    ax.set_xlabel(xlabel)
    return ax


def estimates(
    effects: Mapping[str, Sequence[float]],
    xlabel: str,
    *,
    reference: float = 0.0,
    log: bool = False,
    percent: bool = False,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """A row for each effect: its estimate as a dot, its confidence interval as a line, and the value of no effect.

    Intervals that contain the reference are drawn with an open dot.

    Parameters
    ----------
    effects : mapping of str to (estimate, low, high)
    xlabel : str
        What was estimated, with its unit.
    reference : float
        The value of no effect: 0 for a difference, 1 for a ratio.
    log : bool
        Whether the axis is logarithmic, as suits ratios.
    percent : bool
        Whether fractions are written as percentages.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = estimates({"tanh": (2.1, 1.7, 2.6), "ReLU": (1.1, 0.8, 1.5)}, "ratio of epochs", reference=1, log=True)
    >>> ax.get_xlabel()
    'ratio of epochs'
    """
    for name, effect in effects.items():
        if len(effect) != 3 or not effect[1] <= effect[0] <= effect[2]:
            got = f"effect {short(name)} is {short(tuple(effect))}"
            raise InputError(
                f"estimates: {got}, expected (estimate, low, high) in low ≤ estimate ≤ high; give them so."
            )
    ax = styled(ax, palette, 5.4, 1.1 + 0.36 * len(effects), grid="x")
    for i, (estimate, low, high) in enumerate(effects.values()):
        certain = not low <= reference <= high
        color = palette.color(0)
        ax.plot([low, high], [i, i], color=color, linewidth=2, solid_capstyle="butt")
        ax.plot(
            estimate,
            i,
            "o",
            color=color,
            markersize=7,
            markerfacecolor=color if certain else palette.background,
        )
    ax.axvline(reference, color=palette.ink, **DASHED)
    _rows(ax, list(effects), palette)
    if log:
        logarithmic(ax.xaxis)
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    ax.set_xlabel(xlabel)
    return ax


def _rows(ax: Axes, names: Sequence[str], palette: Palette) -> None:
    """Names from top to bottom on the y-axis."""
    ax.set_yticks(range(len(names)), names, parse_math=False)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def _spread(count: int) -> np.ndarray:
    """Offsets within a row, so that equal values stay visible; the same in every drawing."""
    golden = 0.6180339887498949
    return 0.4 * ((np.arange(count) * golden) % 1.0 - 0.5) if count > 1 else np.zeros(count)
