"""Charts as SVG text for HTML pages, without a plotting library: light or dark as the page is."""

from .curves import line_chart
from .drawing import caption
from .histogram import histogram
from .plane import drawn, reliability, scatter
from .rows import bars, dots
from .text import elide_all, number
from .units import units

__all__ = [
    "bars",
    "caption",
    "dots",
    "drawn",
    "elide_all",
    "histogram",
    "line_chart",
    "number",
    "reliability",
    "scatter",
    "units",
]
