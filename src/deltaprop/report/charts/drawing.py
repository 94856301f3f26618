"""Charts as SVG: a drawing of marks and texts, and the plane with its two axes.

The colors are classes of ``charts.css``, so that they follow the page, light or dark. A drawing is narrow enough for a
telephone; a page places several of them in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from .text import clean, elide, width
from .ticks import Ticks, linear, logarithmic, thousands

WIDTH, HEIGHT = 340.0, 230.0

FAR = 1e5  # from the drawing
LARGEST = 1e150  # value of an axis; larger ones, of a run that diverged, are left out

#: How a horizontal axis is divided, at the first of these that fits: about how many ticks, and whether in thousands.
COUNTS = ((6, False), (5, False), (4, False), (3, False), (4, True), (3, True), (2, True), (1, True))


class Drawing:
    """Marks and texts, in the order in which they are drawn.

    >>> drawing = Drawing(height=20)
    >>> drawing.text(0, 15, "a < b")
    >>> print(drawing.svg("Less"))
    <svg class="chart" viewBox="0 0 340 20" role="img" aria-label="Less"><text x="0" y="15">a &lt; b</text></svg>
    """

    def __init__(self, height: float = HEIGHT):
        self.height = height
        self._marks: list[str] = []

    def mark(self, tag: str, kind: str = "", tip: str = "", **attributes: Any) -> None:
        """An element of the class `kind`, with a text that is shown where the pointer is."""
        head = f"<{tag}" + (f' class="{kind}"' if kind else "")
        head += "".join(f' {name}="{_written(value)}"' for name, value in attributes.items())
        self._marks.append(f"{head}>{_title(tip)}</{tag}>" if tip else f"{head}/>")

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, tip: str = "") -> None:
        """A straight line."""
        self.mark("path", kind, tip, d=f"M{_written(x1)} {_written(y1)}L{_written(x2)} {_written(y2)}")

    def curve(self, x: Any, y: Any, kind: str, tip: str = "") -> None:
        """A line through points; one that is not finite, or far outside, leaves a gap."""
        steps, pen = [], "M"
        for px, py in zip(np.asarray(x).tolist(), np.asarray(y).tolist(), strict=True):
            if not (abs(px) < FAR and abs(py) < FAR):  # NaN too
                pen = "M"
                continue
            steps.append(f"{pen}{_written(px)} {_written(py)}")
            pen = "L"
        self.mark("path", kind, tip, d="".join(steps))

    def dot(self, x: float, y: float, kind: str, tip: str = "") -> None:
        """A round point, as large as the line of its class is wide; nothing where it is far outside, or not finite."""
        if abs(x) < FAR and abs(y) < FAR:
            self.mark("path", kind, tip, d=f"M{_written(x)} {_written(y)}h0")

    def text(
        self, x: float, y: float, text: str, kind: str = "", room: float = np.inf, full: str = ""
    ) -> None:
        """A text, elided to the room that it has; what is left out, or the text `full`, appears under the pointer."""
        shown = elide(text, room)
        tip = full or (clean(text) if shown != clean(text) else "")
        attributes = f' class="{kind}"' if kind else ""
        place = f'x="{_written(x)}" y="{_written(y)}"'
        self._marks.append(f"<text{attributes} {place}>{_title(tip) if tip else ''}{escape(shown)}</text>")

    def centered(self, x: float, y: float, text: str, kind: str = "") -> None:
        """A text in the middle of x, moved or elided where the drawing ends."""
        half = min(width(clean(text)), WIDTH) / 2
        self.text(_inside(x, half), y, text, f"mid {kind}".strip(), WIDTH)

    def svg(self, description: str) -> Markup:
        """The drawing as text, with what is read out in its place."""
        head = f'<svg class="chart" viewBox="0 0 {_written(WIDTH)} {_written(self.height)}" role="img"'
        return Markup(f'{head} aria-label="{escape(clean(description))}">{"".join(self._marks)}</svg>')


def _written(value: Any) -> str:
    """Numbers with a decimal at most: a tenth of a pixel is not seen."""
    return f"{round(float(value), 1) + 0.0:g}" if isinstance(value, float | int) else str(escape(value))


def _title(text: str) -> str:
    return f"<title>{escape(chr(10).join(map(clean, text.splitlines())))}</title>"


@dataclass(frozen=True)
class Axis:
    """The range of an axis, how it is divided, and its label.

    `ticks` is called with the ends and about how many ticks there shall be; by default they are multiples of 1, 2 or 5,
    or powers of ten.
    """

    low: float
    high: float
    label: str = ""
    log: bool = False
    ticks: Callable[[float, float, int], Ticks] | None = None
    unit: str = ""

    @classmethod
    def around(
        cls,
        values: Any,
        label: str = "",
        *,
        zero: bool = False,
        margin: float = 0.04,
        bounds: tuple[float, float] = (-np.inf, np.inf),
        **options: Any,
    ) -> Axis:
        """An axis that shows all finite values, and 0 if asked for, with a margin in the bounds."""
        values, log = np.asarray(values, float), options.get("log", False)
        values = np.r_[values[np.abs(values) < LARGEST], [0.0] * zero]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        if log:
            low, high = np.log10(low), np.log10(high)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            around = 0.5 if log or not low else 0.1 * abs(low)
            low, high = low - around * (not zero or low < 0), high + around
        gap = margin * (high - low)
        low, high = low - gap * (not zero or low < 0), high + gap * (not zero or high > 0)
        if log:
            low, high = 10.0**low, 10.0**high
        if bounds[0] < high and low < bounds[1]:  # otherwise all lie outside
            low, high = max(low, bounds[0]), min(high, bounds[1])
        return cls(float(low), float(high), label, **options)

    def share(self, values: Any) -> np.ndarray:
        """Where values lie from the low end, 0, to the high end, 1."""
        values = np.clip(np.asarray(values, float), -LARGEST, LARGEST)
        if self.log:
            low, high = np.log10(self.low), np.log10(self.high)
            with np.errstate(divide="ignore", invalid="ignore"):
                return (np.log10(values) - low) / (high - low)
        return (values - self.low) / (self.high - self.low)

    def divided(self, count: int, short: bool = False) -> Ticks:
        """About so many ticks; with short labels, thousands as 1k."""
        divide = self.ticks or (logarithmic if self.log else linear)
        found = divide(self.low, self.high, count)
        if short and self.ticks is None:
            found = thousands(found)
        return replace(found, labels=[label + self.unit for label in found.labels]) if self.unit else found


class Plane:
    """Two axes on a drawing: `x` and `y` turn values into places."""

    def __init__(self, drawing: Drawing, x: Axis, y: Axis, *, bottom: float = 0.0, grid_x: bool = False):
        self._x, self._y = x, y
        down = y.divided(5)
        self.left = max((width(label) for label in down.labels), default=0.0) + 6
        self.right = WIDTH - 6
        self.top = 22.0 if y.label else 8.0
        self.bottom = drawing.height - (38.0 if x.label else 20.0) - bottom
        for place, label in zip(self.y(down.places).tolist(), down.labels, strict=True):
            drawing.line(self.left, place, self.right, place, "rule")
            drawing.text(self.left - 6, place + 4, label, "end")
        if y.label:
            drawing.text(0, 11, y.label, "soft", WIDTH)
        base = self.bottom + bottom
        horizontal(
            drawing,
            x,
            self.x,
            base,
            (self.left, self.right),
            grid=(self.top, self.bottom) if grid_x else None,
        )
        drawing.line(self.left, self.bottom, self.right, self.bottom, "axis")

    def x(self, values: Any) -> np.ndarray:
        """From the left."""
        return self.left + self._x.share(values) * (self.right - self.left)

    def y(self, values: Any) -> np.ndarray:
        """From the top."""
        return self.bottom - self._y.share(values) * (self.bottom - self.top)


def horizontal(
    drawing: Drawing,
    axis: Axis,
    place: Callable[[Any], np.ndarray],
    base: float,
    ends: tuple[float, float],
    grid: tuple[float, float] | None = None,
) -> None:
    """The ticks and the label of a horizontal axis below `base`: as many ticks as have room beside each other."""
    divisions = (axis.divided(count, short) for count, short in COUNTS)
    ticks = next((found for found in divisions if _fit(found, place)), Ticks([], []))
    for x, label in zip(place(ticks.places).tolist(), ticks.labels, strict=True):
        top, bottom = grid or (base, base + 3)
        drawing.line(x, top, x, bottom, "rule" if grid else "axis")
        drawing.centered(x, base + 15, label)
    if axis.label:
        drawing.centered((ends[0] + ends[1]) / 2, base + 32, axis.label, "soft")


def _fit(ticks: Ticks, place: Callable[[Any], np.ndarray]) -> bool:
    """Whether the labels have room beside each other."""
    halves = [width(label) / 2 for label in ticks.labels]
    centers = [_inside(x, half) for x, half in zip(place(ticks.places).tolist(), halves, strict=True)]
    spans = list(zip(centers, halves, strict=True))
    return all(right - left >= a + b + 8 for (left, a), (right, b) in pairwise(spans))


def _inside(center: float, half: float) -> float:
    """Where the middle of a text is, so that all of it is in the drawing."""
    return min(max(center, half), WIDTH - half)


def caption(text: str) -> Markup:
    """A remark below a chart."""
    return Markup(f'<p class="note">{escape(clean(text))}</p>')


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """What the marks of a chart mean, above it: the class of a line or a point, and a text."""
    items = []
    for kind, text in entries:
        size, path = ("0 0 10 10", "M5 5h0") if "dot" in kind else ("0 0 26 10", "M2 5h22")
        key = f'<svg viewBox="{size}" aria-hidden="true"><path class="{kind}" d="{path}"/></svg>'
        items.append(f"<li>{key}{escape(clean(text))}</li>")
    return Markup(f'<ul class="legend">{"".join(items)}</ul>') if items else Markup("")
