"""Lines over an axis: learning curves, and how predictions depend on a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from . import ticks
from .drawing import Axis, Drawing, Plane, legend
from .text import number

MOST_POINTS = 200  # of a line
STRIPS = 40  # places at which the values appear under the pointer
MOST_DOTS = 12  # points of a line that are marked
DASHES = 4


def line_chart(
    title: str,
    x: Any,
    series: Mapping[str, Any],
    *,
    xlabel: str = "epoch",
    ylabel: str = "",
    log: bool = False,
    percent: bool = False,
    mark: tuple[float, str] | None = None,
    rug: Sequence[float] = (),
    limits: tuple[float, float] | None = None,
    floor: float = -np.inf,
) -> Markup:
    """One line for each series over x.

    Parameters
    ----------
    title : str
        Begins the description that is read out in place of the chart.
    x : array of shape (n,)
        Whole numbers have ticks at whole numbers only; datetime64 has dates.
    series : mapping of str to array of shape (n,)
        NaN leaves a gap, a series without a finite value is left out.
    xlabel, ylabel : str
    log : bool
        Whether the y-axis is logarithmic; it is so only if no value is negative, and 0 leaves a gap.
    percent : bool
        Whether fractions are written as percentages; the axis then ends at 0 and 100 % at most.
    mark : pair of float and str, optional
        A place on the x-axis, and what it is: the best epoch.
    rug : sequence of float
        Places marked on the x-axis, such as deciles.
    limits : pair of float, optional
        Values that the y-axis reaches at least, so that charts can be compared.
    floor : float
        Values below are drawn at the floor, and the label says so.

    Returns
    -------
    Markup
        A legend, unless there is one series only, and the SVG.
    """
    x, dates = _numbers(x)
    scale, unit = (100.0, " %") if percent else (1.0, "")
    lines = {name: scale * np.asarray(values, float) for name, values in series.items()}
    lines = {name: values for name, values in lines.items() if np.isfinite(values).any()}
    shown = np.concatenate([*lines.values(), scale * np.array(limits or ())])
    if (shown < floor).any():
        ylabel += f", cut off at {number(floor)}"
    vertical = _vertical(np.maximum(shown, floor), ylabel, log=log, percent=percent, unit=unit)
    drawing = Drawing()
    plane = Plane(drawing, _horizontal(x, xlabel, dates), vertical)
    for place in plane.x(rug).tolist():
        drawing.line(place, plane.bottom - 6, place, plane.bottom, "tick")
    if mark:
        place = float(plane.x(mark[0]))
        drawing.line(place, plane.top, place, plane.bottom, "mark")
    for i, (name, values) in enumerate(lines.items()):
        chosen, height = _thinned(values), plane.y(np.maximum(values, floor))
        drawing.curve(plane.x(x[chosen]), height[chosen], f"line {style(i)}", name)
        if len(x) <= MOST_DOTS:
            for px, py in zip(plane.x(x).tolist(), height.tolist(), strict=True):
                drawing.dot(px, py, f"dot small s{i % 8}", name)
    _strips(drawing, plane, x, lines, xlabel, dates, unit)
    keys = [(f"line {style(i)}", name) for i, name in enumerate(lines)] if len(lines) > 1 else []
    if mark:
        keys.append(("mark", mark[1]))
    return legend(keys) + drawing.svg(_described(title, xlabel, lines, unit, mark))


def _horizontal(x: np.ndarray, label: str, dates: bool) -> Axis:
    if dates:
        return Axis.around(x, label, margin=0.0, ticks=ticks.dates)
    whole = len(x) > 0 and bool((x == np.round(x)).all())
    return Axis.around(x, label, margin=0.0, ticks=ticks.whole if whole else None)


def _vertical(values: np.ndarray, label: str, *, log: bool, percent: bool, unit: str) -> Axis:
    values = values[np.isfinite(values)]
    if log and (values >= 0).all() and (values > 0).any():
        return Axis.around(values[values > 0], label, log=True, unit=unit)
    bounds = (0.0, 100.0) if percent else (-np.inf, np.inf)
    return Axis.around(values, label, bounds=bounds, unit=unit)


def style(i: int) -> str:
    """The classes of series i: its color, and its dashes."""
    return f"s{i % 8} d{(i + i // 8) % DASHES}"


def _numbers(x: Any) -> tuple[np.ndarray, bool]:
    x = np.asarray(x)
    if x.dtype.kind == "M":
        return x.astype("datetime64[s]").astype(float) / 86400, True
    return x.astype(float), False


def _thinned(values: np.ndarray) -> np.ndarray:
    """Which points of a long line are drawn: the smallest and the largest of each stretch, so that no peak is lost."""
    n = len(values)
    if n <= MOST_POINTS:
        return np.arange(n)
    chosen = {0, n - 1}
    for stretch in np.array_split(np.arange(n), MOST_POINTS // 2):
        part = values[stretch]
        if np.isfinite(part).all():
            chosen |= {int(stretch[part.argmin()]), int(stretch[part.argmax()])}
        else:
            chosen |= set(stretch.tolist())
    return np.array(sorted(chosen))


def _strips(
    drawing: Drawing,
    plane: Plane,
    x: np.ndarray,
    lines: Mapping[str, np.ndarray],
    xlabel: str,
    dates: bool,
    unit: str,
) -> None:
    """What shows the values at the places under the pointer."""
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), STRIPS)).astype(int))
    places = plane.x(x[chosen])
    edges = np.clip(np.r_[plane.left, (places[1:] + places[:-1]) / 2, plane.right], plane.left, plane.right)
    for k, i in enumerate(chosen.tolist()):
        here = np.datetime64(int(x[i]), "D").item().isoformat() if dates else number(float(x[i]))
        values = [f"{name}: {number(float(values[i]))}{unit}" for name, values in lines.items()]
        size = {"x": float(edges[k]), "width": float(edges[k + 1] - edges[k])}
        height = plane.bottom - plane.top
        drawing.mark(
            "rect", "strip", "\n".join([f"{xlabel} {here}", *values]), y=plane.top, height=height, **size
        )


def _described(
    title: str,
    xlabel: str,
    lines: Mapping[str, np.ndarray],
    unit: str,
    mark: tuple[float, str] | None,
) -> str:
    said = []
    for name, values in lines.items():
        finite = values[np.isfinite(values)]
        said.append(f"{name} from {number(finite[0])}{unit} to {number(finite[-1])}{unit}")
    if mark:
        said.append(mark[1])
    return f"{title} by {xlabel}: {'; '.join(said)}"
