"""How values are distributed."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup

from .drawing import LARGEST, Axis, Drawing, Plane, caption
from .text import number

MOST_BINS = 40
FAR = 6.0  # interquartile ranges beyond the quartiles


def binned(values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Counts and edges of bins of equal width, by the rule of Freedman and Diaconis, at most 40 of them.

    Where a few values lie far from all others, the first and the last bin also take what is beyond: else a single bin
    would hold almost everything.

    Source: Freedman, Diaconis, *On the histogram as a density estimator: L₂ theory* (1981).

    Examples
    --------
    >>> counts, edges = binned([0, 1, 1, 2, 2, 2, 3, 3, 4])
    >>> counts.sum(), edges[0], edges[-1]
    (np.int64(9), np.float64(0.0), np.float64(4.0))
    """
    values = np.asarray(values, float)
    values = values[np.abs(values) < LARGEST]
    if not len(values):
        return np.zeros(1, int), np.array([0.0, 1.0])
    lower, upper = np.percentile(values, [25, 75])
    far = FAR * (upper - lower) or np.inf
    near = values[(values >= lower - far) & (values <= upper + far)]
    low, high = near.min(), near.max()
    inside = np.clip(values, low, high)
    bins = len(np.histogram_bin_edges(inside, "fd")) - 1 if high > low else 1
    return np.histogram(inside, np.clip(bins, 8, MOST_BINS) if high > low else 1)


def histogram(title: str, values: Any, *, xlabel: str = "") -> Markup:
    """The counts of `values` (n,) in bins, see `binned`, and a line at 0."""
    values = np.asarray(values, float)
    values = values[np.abs(values) < LARGEST]
    counts, edges = binned(values)
    drawing = Drawing(270.0)
    plane = Plane(drawing, Axis.around(edges, xlabel, margin=0.02), Axis.around(counts, "samples", zero=True))
    for i, n in enumerate(counts.tolist()):
        if n:
            left, right = plane.x(edges[[i, i + 1]]).tolist()
            top = float(plane.y(n))
            tip = _told(n, i, edges, values)
            size = {"width": max(right - left - 1, 0.5), "height": plane.bottom - top}
            drawing.mark("rect", "bar s0", tip, x=left + 0.5, y=top, **size)
    zero = float(plane.x(0.0))
    if plane.left <= zero <= plane.right:
        drawing.line(zero, plane.top, zero, plane.bottom, "mark")
    if not len(values):
        return drawing.svg(f"{title}: no finite values")
    low, middle, high = np.percentile(values, [10, 50, 90])
    said = (
        f"{len(values)} values, median {number(middle)}, the middle 80 % from {number(low)} to {number(high)}"
    )
    chart, beyond = drawing.svg(f"{title}: {said}"), int(((values < edges[0]) | (values > edges[-1])).sum())
    return (
        chart + caption(f"The outermost bars also hold {beyond:,} values beyond them.") if beyond else chart
    )


def _told(n: int, i: int, edges: np.ndarray, values: np.ndarray) -> str:
    low, high = number(edges[i]), number(edges[i + 1])
    samples = f"{n:,} sample{'s' * (n != 1)}"
    if i == 0 and values.min() < edges[0]:
        return f"below {high}, down to {number(values.min())}: {samples}"
    if i == len(edges) - 2 and values.max() > edges[-1]:
        return f"above {low}, up to {number(values.max())}: {samples}"
    return f"{low} to {high}: {samples}"
