"""A row for each name: bars with intervals, or dots of several series joined by a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from .drawing import WIDTH, Axis, Drawing, horizontal, legend
from .text import clean, elide_all, number, width

ROW = 23.0  # height of a row
MOST_NAME = 0.42 * WIDTH  # room of a name


def bars(
    title: str,
    names: Sequence[str],
    values: Any,
    spreads: Any,
    *,
    xlabel: str = "",
) -> Markup:
    """Bars from 0 with an interval of one spread to both sides, a row for each name, and the value at the end.

    Parameters
    ----------
    title : str
        Begins the description that is read out in place of the chart.
    names : sequence of str
        From top to bottom.
    values, spreads : array of shape (n,)
    xlabel : str
    """
    values, spreads = np.asarray(values, float), np.asarray(spreads, float)
    with np.errstate(invalid="ignore"):
        lows, highs = values - spreads, values + spreads
    written = [_short(value, values) for value in values.tolist()]
    axis = Axis.around(np.r_[lows, highs], xlabel, zero=True)
    drawing, x, _ = _rows(names, axis, room=max(map(width, written), default=0.0) + 8)
    tips = [f"{name}: {number(v)} ± {number(s)}" for name, v, s in zip(names, values, spreads, strict=True)]
    zero, ends = float(x(0.0)), x(values)
    for i in np.flatnonzero(np.isfinite(lows) & np.isfinite(highs)).tolist():
        middle, left, right = (i + 0.5) * ROW, min(zero, ends[i]), max(zero, ends[i])
        drawing.mark("rect", "bar s0", tips[i], x=left, y=middle - 7, width=right - left, height=14.0)
        drawing.line(float(x(lows[i])), middle, float(x(highs[i])), middle, "interval", tips[i])
    for i, text in enumerate(written):
        drawing.text(WIDTH, (i + 0.5) * ROW + 4, text, "end")
    drawing.line(zero, 0, zero, len(names) * ROW, "axis")
    return drawing.svg(f"{title}: {'; '.join(tips)}")


def dots(
    title: str,
    names: Sequence[str],
    series: Mapping[str, Any],
    *,
    xlabel: str = "",
    percent: bool = False,
    limits: tuple[float, float] | None = None,
) -> Markup:
    """A dot for each series in a row for each name, joined by a line from the smallest to the largest.

    Parameters
    ----------
    title, names, xlabel :
        As for `bars`.
    percent : bool
        Whether fractions are written as percentages.
    series : mapping of str to array of shape (n,)
    limits : pair of float, optional
        Values that the axis reaches at least, so that charts can be compared.

    Returns
    -------
    Markup
        A legend, unless there is one series only, and the SVG.
    """
    scale, unit = (100.0, " %") if percent else (1.0, "")
    table = scale * np.array(list(series.values()), float).reshape(len(series), len(names))
    axis = Axis.around(np.r_[table.ravel(), scale * np.array(limits or ())], xlabel, margin=0.06, unit=unit)
    drawing, x, (left, right) = _rows(names, axis)
    for i, name in enumerate(names):
        middle, row = (i + 0.5) * ROW, table[:, i]
        drawing.line(left, middle, right, middle, "rule")
        if np.isfinite(row).any():
            low, high = x([np.nanmin(row), np.nanmax(row)]).tolist()
            drawing.line(low, middle, high, middle, "join")
        for j, (label, value) in enumerate(zip(series, row.tolist(), strict=True)):
            if np.isfinite(value):
                tip = (
                    f"{name}, {label}: {number(value)}{unit}"
                    if len(series) > 1
                    else f"{name}: {number(value)}{unit}"
                )
                drawing.dot(float(x(value)), middle, f"dot {shape(j)}", tip)
    keys = [(f"dot {shape(j)}", name) for j, name in enumerate(series)] if len(series) > 1 else []
    said = [
        f"{name} "
        + ", ".join(f"{label} {number(value)}{unit}" for label, value in zip(series, row, strict=True))
        for name, row in zip(names, table.T.tolist(), strict=True)
    ]
    return legend(keys) + drawing.svg(f"{title}: {'; '.join(said)}")


def _rows(names: Sequence[str], axis: Axis, room: float = 8.0) -> tuple[Drawing, Any, tuple[float, float]]:
    """A drawing with the names at the left and the axis below, what turns values into places, and its ends."""
    base = len(names) * ROW
    drawing = Drawing(base + (38.0 if axis.label else 20.0))
    shown = elide_all(names, MOST_NAME)
    left = max(map(width, shown), default=0.0) + 10
    right = WIDTH - room

    def x(values: Any) -> np.ndarray:
        return left + axis.share(values) * (right - left)

    horizontal(drawing, axis, x, base, (left, right), grid=(0.0, base))
    for i, (name, text) in enumerate(zip(names, shown, strict=True)):
        full = "" if text == clean(name) else name
        drawing.text(left - 8, (i + 0.5) * ROW + 4, text, "end", full=full)
    return drawing, x, (left, right)


def shape(j: int) -> str:
    """The classes of the dots of series j: their color, and whether they are round or square."""
    return f"s{j % 8} k{j % 2}"


def _short(value: float, values: np.ndarray) -> str:
    """A value in about three digits of the largest."""
    largest = np.abs(values[np.isfinite(values)]).max(initial=0.0)
    decimals = int(np.clip(2 - np.floor(np.log10(largest or 1.0)), 0, 4))
    return number(round(value, decimals) if decimals < 4 and np.isfinite(value) else float(f"{value:.2g}"))
