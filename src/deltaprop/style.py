"""The style of every plot: colors, line styles, axes and legends, without pyplot's global state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterMathtext

COLORS = ("#2563c9", "#d9660a", "#178a5b", "#8b46c9", "#c2334d", "#0e8a9c", "#8a6d0b", "#6b7280")

#: What tells series apart where colors do not: the first four lines by their dashes, more of them by markers too.
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

Grid = Literal["", "x", "y", "both"]


@dataclass(frozen=True)
class Palette:
    """Colors of a plot: `ink` for text and axes, `faint` for grids, `series` for data, in this order."""

    ink: str = "#1d2430"
    faint: str = "#d9dde5"
    series: tuple[str, ...] = COLORS
    background: str = "white"

    def color(self, i: int) -> str:
        """The color of series i; after the last one they begin again."""
        return self.series[i % len(self.series)]

    def marker(self, i: int) -> str:
        """The marker of series i."""
        return MARKERS[i % len(MARKERS)]

    def line(self, i: int, points: int) -> dict[str, Any]:
        """How `Axes.plot` draws series i of so many points: color, dashes, and markers beyond the fourth."""
        style = {"color": self.color(i), "linestyle": DASHES[i % len(DASHES)], "linewidth": 1.8}
        if i >= len(DASHES) or points < 3:
            every = max(1, points // 8)
            style |= {"marker": self.marker(i), "markersize": 5, "markevery": (i % every, every)}
        return style


LIGHT = Palette()

# Placeholders: the HTML page replaces each by a CSS variable, so that one drawing serves a light and a dark page.
PAGE = Palette("#010203", "#010204", tuple(f"#0102{i:02x}" for i in range(16, 24)), background="none")


def page_variables() -> dict[str, str]:
    """The CSS variable of each color of `PAGE`."""
    names = {PAGE.ink: "var(--ink)", PAGE.faint: "var(--faint)"}
    return names | {color: f"var(--series-{i})" for i, color in enumerate(PAGE.series)}


def panels(
    count: int,
    columns: int = 2,
    width: float = 4.6,
    height: float = 2.9,
    grid: Grid = "y",
    palette: Palette = LIGHT,
) -> list[Axes]:
    """Several axes in rows on a new figure, each of `width` × `height` inches, to be passed as `ax` or drawn on.

    Examples
    --------
    >>> left, right = panels(2)
    >>> left.figure is right.figure
    True
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    size = (columns * width, rows * height)
    figure = Figure(figsize=size, layout="constrained", facecolor=palette.background)
    axes = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for unused in axes[count:]:
        unused.remove()
    return [_style(ax, grid, palette) for ax in axes[:count]]


def styled(
    ax: Axes | None, palette: Palette, width: float = 4.6, height: float = 2.9, grid: Grid = "y"
) -> Axes:
    """`ax` in the package's style, or the only axes of a new figure of `width` × `height` inches."""
    return panels(1, 1, width, height, grid, palette)[0] if ax is None else _style(ax, grid, palette)


def _style(ax: Axes, grid: Grid, palette: Palette) -> Axes:
    ax.set_facecolor("none")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(palette.faint)
    ax.tick_params(which="both", color=palette.faint, labelcolor=palette.ink, labelsize=9, length=3)
    # A $ in a name starts no formula; only the ticks of a logarithmic axis are typeset as one.
    for text, size in ((ax.xaxis.label, 9.5), (ax.yaxis.label, 9.5), (ax.title, 10.5)):
        text.set(color=palette.ink, fontsize=size, parse_math=False)
    ax.grid(False)
    if grid:
        ax.grid(True, axis=grid, color=palette.faint, linewidth=0.7)
        ax.set_axisbelow(True)
    return ax


def figure_of(ax: Axes) -> Figure:
    """The figure that an axes is part of."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def legend(ax: Axes, palette: Palette) -> None:
    """A frameless legend above the axes, in as many columns as fit beside each other."""
    handles, labels = ax.get_legend_handles_labels()
    place = ax.get_subplotspec()
    share = ax.get_position().width if place is None else 1 / place.get_gridspec().ncols
    width = 72 * share * figure_of(ax).get_figwidth() - 48  # in points, without the labels of the y-axis
    made = ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        borderaxespad=0.2,
        ncols=_legend_columns(labels, width),
        handlelength=2.2,
        columnspacing=1.2,
        frameon=False,
        fontsize=9,
        labelcolor=palette.ink,
    )
    for text in made.get_texts():
        text.set_parse_math(False)


def _legend_columns(labels: Sequence[str], width: float) -> int:
    """How many columns fit into a width in points, by the number of letters; at most 5."""
    for columns in range(min(5, len(labels)), 1, -1):
        parts = np.array_split([len(label) for label in labels], columns)
        if sum(5.2 * part.max() + 40 for part in parts) <= width:
            return columns
    return 1


class LogFormatter(LogFormatterMathtext):
    """The ticks of a logarithmic axis: plain numbers, or powers of ten where these have many digits."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = super().__call__(x, pos)
        return f"{x:g}" if text and 1e-3 <= abs(x) < 1e4 else text


def logarithmic(axis: Axis) -> None:
    """Make an axis logarithmic."""
    axis.axes.set(**{"xscale" if axis is axis.axes.xaxis else "yscale": "log"})
    axis.set_major_formatter(LogFormatter())
    axis.set_minor_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(1.2, 0.7)))


def title(ax: Axes, text: str) -> Axes:
    """A title above the axes, and above the legend where there is one."""
    made, pad = ax.get_legend(), 6.0
    if made is not None:
        pad += 72 * made.get_window_extent().height / figure_of(ax).dpi
    ax.set_title(text, pad=pad)
    return ax
