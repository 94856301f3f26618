"""The plots of a training run, each a function from plain arrays to a matplotlib `Figure`.

Nothing here touches pyplot: save a figure with ``figure.savefig("curves.png")``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ..style import LIGHT, Palette, legend, new_axes

MAX_LABELLED_CLASSES = 26
DASHED: dict[str, Any] = {"linewidth": 0.8, "linestyle": (0, (3, 3))}
ROLES = {"train": 0, "validation": 1}  # series of the same color in every plot


def curves(
    epochs: np.ndarray,
    series: Mapping[str, np.ndarray],
    ylabel: str,
    *,
    best: int | None = None,
    log: bool = False,
    percent: bool = False,
    palette: Palette = LIGHT,
) -> Figure:
    """One line per series (n,) over the epochs (n,), with the best epoch marked.

    NaN leaves a gap; a series of NaN is omitted. The axis is logarithmic (`log`) only if every value is positive.

    >>> figure = curves(np.arange(1, 4), {"train": np.array([1.0, 0.5, 0.2])}, "loss", best=3)
    >>> figure.axes[0].get_ylabel()
    'loss'
    """
    epochs = np.asarray(epochs)
    figure, axes = new_axes(palette)
    arrays = {name: np.asarray(values, float) for name, values in series.items()}
    drawn = {name: values for name, values in arrays.items() if np.isfinite(values).any()}
    marker = "o" if len(epochs) < 3 else None
    for i, (name, values) in enumerate(drawn.items()):
        color = palette.series[ROLES.get(name, i) % len(palette.series)]
        axes.plot(epochs, values, color=color, linewidth=1.8, marker=marker, label=name)
    if best is not None:
        axes.axvline(best, color=palette.ink, label=f"best epoch: {best}", **DASHED)
    if log and drawn and all((v[np.isfinite(v)] > 0).all() for v in drawn.values()):
        axes.set_yscale("log")
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(drawn) > 1 or best is not None:
        legend(axes, palette)
    return figure


def confusion(matrix: np.ndarray, classes: Sequence[str] | np.ndarray, palette: Palette = LIGHT) -> Figure:
    """A confusion matrix (k, k) of counts: rows are true classes, columns predicted; color is the row's fraction.

    >>> confusion(np.array([[5, 1], [0, 4]]), ["no", "yes"]).axes[0].get_xlabel()
    'predicted'
    """
    matrix = np.asarray(matrix)
    k = len(matrix)
    size = min(6.5, 1.6 + 0.3 * k)
    figure, axes = new_axes(palette, size, size, grid="")
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    for (i, j), part in np.ndenumerate(share):
        color = palette.series[0] if i == j else palette.series[4]
        # The root and the offset make a single error visible.
        strength = 0.5 * float(part) ** 0.5 + (0.15 if i != j and part else 0.0)
        axes.add_patch(Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, facecolor=color, alpha=strength))
        if k <= MAX_LABELLED_CLASSES and matrix[i, j]:
            text = f"{matrix[i, j]:g}"
            size = 8 if len(text) < 4 else 6.5
            axes.text(j, i, text, ha="center", va="center", fontsize=size, color=palette.ink)
    axes.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5), aspect="equal", xlabel="predicted", ylabel="true")
    every = max(1, -(-k // 40))
    shown = range(0, k, every)
    names = [_short(str(classes[i]), 14) for i in shown]
    rotation = 90 if max(map(len, names), default=0) > 3 else 0
    axes.set_xticks(list(shown), names, rotation=rotation, parse_math=False)
    axes.set_yticks(list(shown), names, parse_math=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    return figure


def predicted_against_true(y: np.ndarray, t: np.ndarray, name: str = "", palette: Palette = LIGHT) -> Figure:
    """Scatter plot of predictions `y` against true values `t`, both (n,), with the line y = t."""
    figure, axes = new_axes(palette, 4.4, 3.8, grid="both")
    low, high = float(min(np.min(y), np.min(t))), float(max(np.max(y), np.max(t)))
    axes.plot([low, high], [low, high], color=palette.ink, **DASHED)
    axes.scatter(t, y, s=14, color=palette.series[0], alpha=0.55, linewidths=0)
    axes.set(xlabel=f"true {name}".strip(), ylabel=f"predicted {name}".strip())
    return figure


def residuals(y: np.ndarray, t: np.ndarray, name: str = "", palette: Palette = LIGHT) -> Figure:
    """Histogram of the errors y − t, both of shape (n,)."""
    figure, axes = new_axes(palette, 4.4, 3.8)
    error = np.asarray(y, float) - np.asarray(t, float)
    axes.hist(error, bins=min(40, max(8, len(error) // 12)), color=palette.series[0], alpha=0.75)
    axes.axvline(0, color=palette.ink, **DASHED)
    axes.set(xlabel=f"predicted − true {name}".strip(), ylabel="samples")
    return figure


def network(columns: Sequence[tuple[int, str]], palette: Palette = LIGHT) -> Figure:
    """The network as columns of units, each with units and label; wide layers are abbreviated.

    >>> len(network([(2, "input"), (3, "relu"), (1, "output")]).axes[0].texts)
    6
    """
    most = 9
    figure, axes = new_axes(palette, max(3.6, 1.45 * len(columns)), 3.4, grid="")
    heights = [_heights(units, most) for units, _ in columns]
    for x, (left, right) in enumerate(pairwise(heights)):
        edges = [[(x, y0), (x + 1, y1)] for y0 in left for y1 in right]
        axes.add_collection(LineCollection(edges, colors=palette.faint, linewidths=0.5, zorder=1))
    for x, (units, label) in enumerate(columns):
        color = palette.series[1] if x == len(columns) - 1 else palette.series[0] if x else palette.series[7]
        axes.scatter(np.full(len(heights[x]), x), heights[x], s=75, color=color, zorder=3, linewidths=0)
        if units > most:
            axes.text(x, 0, "⋮", ha="center", va="center", fontsize=14, color=palette.ink, zorder=4)
        axes.text(x, -most / 2 - 0.5, f"{units:,}", ha="center", va="top", fontsize=11, color=palette.ink)
        below = -most / 2 - 1.45
        axes.text(x, below, label, ha="center", va="top", fontsize=8.5, color=palette.ink, parse_math=False)
    axes.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-most / 2 - 2.6, most / 2 + 0.3))
    axes.set_axis_off()
    return figure


def _heights(units: int, most: int) -> np.ndarray:
    """Vertical positions of a column's units; a wide one leaves its middle free for dots."""
    if units <= most:
        return (units - 1) / 2 - np.arange(units)
    places = (most - 1) / 2 - np.arange(most)
    return places[places != 0]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
