"""Points in a plane with the diagonal on which they would lie: predicted against true, and reliability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from .drawing import LARGEST, Axis, Drawing, Plane, caption
from .text import number

MOST_POINTS = 1500
TOLD = 100  # points whose values appear under the pointer: the largest errors

COUNTS = 26.0  # height of the bars of counts below a reliability diagram


def drawn(y: Any, t: Any) -> np.ndarray:
    """Which samples a scatter plot shows: all, or a thousand and a half with the largest errors among them."""
    n = len(t)
    if n <= MOST_POINTS:
        return np.arange(n)
    worst = np.argsort(-np.abs(np.asarray(y, float) - t), kind="stable")
    rest = np.sort(worst[TOLD:])
    even = rest[np.linspace(0, len(rest) - 1, MOST_POINTS - TOLD).astype(int)]
    return np.sort(np.r_[worst[:TOLD], even])


def scatter(title: str, y: Any, t: Any, *, name: str = "") -> Markup:
    """Predicted values `y` (n,) against true values `t` (n,), with the line y = t; see `drawn` for which."""
    y, t = np.asarray(y, float), np.asarray(t, float)
    finite = (np.abs(y) < LARGEST) & (np.abs(t) < LARGEST)
    y, t = y[finite], t[finite]
    chosen = drawn(y, t)
    both = np.r_[y, t]
    drawing = Drawing(270.0)
    plane = Plane(
        drawing,
        Axis.around(both, f"true {name}".strip()),
        Axis.around(both, f"predicted {name}".strip()),
        grid_x=True,
    )
    _diagonal(drawing, plane, both)
    kind = "point s0" if len(chosen) > 150 else "point s0 few"
    told = set(np.argsort(-np.abs(y - t), kind="stable")[:TOLD].tolist())
    for i, px, py in zip(
        chosen.tolist(), plane.x(t[chosen]).tolist(), plane.y(y[chosen]).tolist(), strict=True
    ):
        tip = f"true {number(t[i])}\npredicted {number(y[i])}" if i in told else ""
        drawing.dot(px, py, kind, tip)
    within = f"; half of them differ by less than {number(np.median(np.abs(y - t)))}" if len(t) else ""
    chart = drawing.svg(f"{title}: {len(t)} samples{within}")
    if len(chosen) == len(t):
        return chart
    return chart + caption(
        f"{len(chosen):,} of {len(t):,} samples are drawn, the {TOLD} largest errors among them."
    )


def reliability(
    title: str, predicted: Any, observed: Any, low: Any, high: Any, counts: Sequence[int] | np.ndarray
) -> Markup:
    """Observed frequencies with their intervals against predicted probabilities, and the samples of each bin below."""
    predicted, observed, low, high = (100 * np.asarray(v, float) for v in (predicted, observed, low, high))
    axis = Axis(0.0, 100.0, unit=" %")
    drawing = Drawing(290.0)
    plane = Plane(
        drawing,
        Axis(0.0, 100.0, "predicted probability", unit=" %"),
        Axis(0.0, 100.0, "observed frequency", unit=" %"),
        bottom=COUNTS,
        grid_x=True,
    )
    _diagonal(drawing, plane, np.array([axis.low, axis.high]))
    base, most, said = plane.bottom + COUNTS, max(np.max(counts, initial=0), 1), []
    for p, o, l, h, n in zip(
        predicted.tolist(), observed.tolist(), low.tolist(), high.tolist(), counts, strict=True
    ):
        x = float(plane.x(p))
        size = 0.85 * COUNTS * float(n) / most
        tip = (
            f"predicted {number(p)} %, observed {number(o)} % ({number(l)}–{number(h)} %), {int(n):,} samples"
        )
        drawing.mark(
            "rect", "count s7", f"{int(n):,} samples", x=x - 3, y=base - size, width=6.0, height=size
        )
        drawing.line(x, float(plane.y(l)), x, float(plane.y(h)), "interval s0", tip)
        drawing.dot(x, float(plane.y(o)), "dot s0", tip)
        said.append(f"predicted {number(p)} %, observed {number(o)} %, {int(n)} samples")
    return drawing.svg(f"{title}: {'; '.join(said)}")


def _diagonal(drawing: Drawing, plane: Plane, values: np.ndarray) -> None:
    if len(values):
        ends = np.array([values.min(), values.max()])
        drawing.curve(plane.x(ends), plane.y(ends), "diagonal")
