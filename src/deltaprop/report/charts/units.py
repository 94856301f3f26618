"""The layers of a network as rows of units, from the inputs at the top to the outputs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from .drawing import WIDTH, Drawing

MOST = 9  # units of a row that are drawn
ROW = 64.0
NAMES = 150.0  # room of the names at the left


def units(title: str, layers: Sequence[tuple[int, str]]) -> Markup:
    """A row for each layer: the number of its units and their name, and the units, of a wide layer some of them."""
    drawing = Drawing(ROW * len(layers) - 14)
    rows = [(24 + ROW * i, _places(count)) for i, (count, _) in enumerate(layers)]
    for (upper, above), (lower, below) in pairwise(rows):
        drawing.mark(
            "path",
            "edge",
            d="".join(f"M{a:.0f} {upper:.0f}L{b:.0f} {lower:.0f}" for a in above for b in below),
        )
    for i, ((y, places), (count, name)) in enumerate(zip(rows, layers, strict=True)):
        color = "s7" if i == 0 else "s1" if i == len(rows) - 1 else "s0"
        drawing.mark(
            "path", f"unit {color}", f"{count:,} units", d="".join(f"M{x:.0f} {y:.0f}h0" for x in places)
        )
        if count > MOST:
            drawing.text((NAMES + WIDTH) / 2, y + 4, "…", "mid")
        drawing.text(0, y - 2, f"{count:,}", "large")
        for line, text in enumerate(name.split(" + ", 2)):
            drawing.text(0, y + 13 + 14 * line, "+ " * (line > 0) + text, "soft", NAMES - 4)
    return drawing.svg(f"{title}: {', then '.join(f'{count} {name}' for count, name in layers)}")


def _places(count: int) -> list[float]:
    """Horizontal positions of a row's units; a wide one leaves its middle free for dots."""
    shown = min(count, MOST)
    places = (NAMES + WIDTH) / 2 + 21 * (np.arange(shown) - (shown - 1) / 2)
    return [x for i, x in enumerate(places.tolist()) if count <= MOST or i != MOST // 2]
