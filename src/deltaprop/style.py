"""Colors and axes of every plot, without pyplot's global state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLORS = ("#2563c9", "#d9660a", "#178a5b", "#8b46c9", "#c2334d", "#0e8a9c", "#8a6d0b", "#6b7280")


@dataclass(frozen=True)
class Palette:
    """Colors of a plot: `ink` for text and axes, `faint` for grids, `series` for data, in this order."""

    ink: str = "#1d2430"
    faint: str = "#d9dde5"
    series: tuple[str, ...] = COLORS
    background: str = "white"


LIGHT = Palette()

# Placeholders: the HTML page replaces each by a CSS variable, so that one drawing serves a light and a dark page.
PAGE = Palette("#010203", "#010204", tuple(f"#0102{i:02x}" for i in range(16, 24)), background="none")


def page_variables() -> dict[str, str]:
    """The CSS variable of each color of `PAGE`."""
    names = {PAGE.ink: "var(--ink)", PAGE.faint: "var(--faint)"}
    return names | {color: f"var(--series-{i})" for i, color in enumerate(PAGE.series)}


Grid = Literal["", "x", "y", "both"]


def new_axes(
    palette: Palette, width: float = 4.6, height: float = 2.9, grid: Grid = "y"
) -> tuple[Figure, Axes]:
    """A figure of `width` × `height` inches with one plain axes."""
    figure, (axes,) = new_row(palette, 1, width, height, grid)
    return figure, axes


def new_row(
    palette: Palette, count: int, width: float = 3.8, height: float = 2.9, grid: Grid = "y"
) -> tuple[Figure, list[Axes]]:
    """A figure with so many plain axes side by side, of `width` × `height` inches each."""
    figure = Figure(figsize=(count * width, height), layout="constrained", facecolor=palette.background)
    row = list(figure.subplots(1, count, squeeze=False)[0])
    for axes in row:
        _style(axes, palette, grid)
    return figure, row


def _style(axes: Axes, palette: Palette, grid: Grid) -> None:
    axes.set_facecolor("none")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(palette.faint)
    axes.tick_params(which="both", color=palette.faint, labelcolor=palette.ink, labelsize=9, length=3)
    # A $ in a name starts no formula; only the ticks of a logarithmic axis are typeset as one.
    axes.xaxis.label.set(color=palette.ink, fontsize=9.5, parse_math=False)
    axes.yaxis.label.set(color=palette.ink, fontsize=9.5, parse_math=False)
    axes.title.set(color=palette.ink, fontsize=10, parse_math=False)
    if grid:
        axes.grid(True, axis=grid, color=palette.faint, linewidth=0.7)
        axes.set_axisbelow(True)


def legend(axes: Axes, palette: Palette) -> None:
    """A frameless legend in a row above the axes."""
    made = axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        borderaxespad=0.2,
        ncols=4,
        handlelength=1.4,
        columnspacing=1.2,
        frameon=False,
        fontsize=9,
        labelcolor=palette.ink,
    )
    for text in made.get_texts():
        text.set_parse_math(False)
