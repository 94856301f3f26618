"""Figures of matplotlib as inline SVG, so that a page needs no other file."""

from __future__ import annotations

import io
import re
import warnings

import matplotlib as mpl
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import figure_of, page_variables


def svg(drawing: Figure | Axes, description: str) -> Markup:
    """A drawing in the colors of `style.PAGE`, which become CSS variables, as inline SVG with alternative text."""
    figure = drawing if isinstance(drawing, Figure) else figure_of(drawing)
    buffer = io.StringIO()
    # Text stays text. matplotlib reads the settings while drawing; they hold for this block only.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": description}), warnings.catch_warnings():
        # The reader's browser has the glyphs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = {a or b for a, b in re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", text)}
    text = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in used else "", text)
    text = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1; font-family: inherit", text)
    for color, variable in page_variables().items():
        text = text.replace(color, variable)
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{escape(description)}" ', 1))
