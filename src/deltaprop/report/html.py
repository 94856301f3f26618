"""One HTML page that needs nothing but itself: pieces of text in, a string out.

Every drawing stands inline as SVG or PNG; colours are CSS variables with a light and a dark value; wide things scroll
inside their own box, so that the page fits a phone.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from .style import page_variables

STYLE = """
:root { color-scheme: light dark;
  --ink: #1d2430; --soft: #5b6472; --faint: #d9dde5; --page: #f6f7f9; --card: #ffffff;
  --series-0: #2563c9; --series-1: #d9660a; --series-2: #178a5b; --series-3: #8b46c9;
  --series-4: #c2334d; --series-5: #0e8a9c; --series-6: #8a6d0b; --series-7: #6b7280; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e6e9ef; --soft: #9aa4b3; --faint: #39414f; --page: #12161d; --card: #1a2029;
  --series-0: #6ea4ff; --series-1: #ff9d4d; --series-2: #4fc995; --series-3: #c08bff;
  --series-4: #ff7088; --series-5: #4cc9dc; --series-6: #d8b440; --series-7: #9aa4b3; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 68rem; margin: 0 auto; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; }
h3 { font-size: .95rem; margin: 0 0 .5rem; font-weight: 600; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
.soft, figcaption { color: var(--soft); }
figcaption, small { font-size: .85rem; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.grid + .card, .grid + .grid { margin-top: 1rem; }
.card { background: var(--card); border: 1px solid var(--faint); border-radius: .6rem; padding: 1rem;
  min-width: 0; overflow-x: auto; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr));
  margin: 1.5rem 0; }
.cards .value { font-size: 1.9rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.cards .first { border-color: var(--series-0); box-shadow: inset 0 3px 0 var(--series-0); }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; max-height: 34rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--faint); vertical-align: top; }
th { color: var(--soft); font-weight: 500; }
td.n, th.n { text-align: right; }
td { overflow-wrap: anywhere; }
.samples { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(5.2rem, 1fr)); }
.samples img { width: 100%; image-rendering: pixelated; border-radius: .3rem; display: block; background: #000; }
pre { background: var(--card); border: 1px solid var(--faint); border-radius: .6rem; padding: .8rem 1rem;
  overflow-x: auto; font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media print { body { background: none; padding: 0; } .card { break-inside: avoid; } }
"""


def page(title: str, body: Iterable[str]) -> str:
    """The whole page: `body` holds ready pieces of HTML."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def heading(text: str, note: str = "") -> str:
    """A section's heading with one sentence under it."""
    return f"<h2>{escape(text)}</h2>" + (f'<p class="soft">{escape(note)}</p>' if note else "")


def cards(items: Iterable[tuple[str, str, str]]) -> str:
    """Headline numbers: (label, value, note) each; the first one stands out."""
    boxes = [
        f'<div class="card{" first" if i == 0 else ""}"><div class="soft">{escape(label)}</div>'
        f'<div class="value">{escape(value)}</div><small class="soft">{escape(note)}</small></div>'
        for i, (label, value, note) in enumerate(items)
    ]
    return f'<div class="cards">{"".join(boxes)}</div>'


def grid(boxes: Iterable[str]) -> str:
    """Boxes side by side where there is room, below one another on a phone."""
    return f'<div class="grid">{"".join(boxes)}</div>'


def box(content: str, title: str = "") -> str:
    """A framed box."""
    return f'<div class="card">{f"<h3>{escape(title)}</h3>" if title else ""}{content}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; columns that hold only numbers, but for the first, are set flush right."""
    rows = [[str(cell) for cell in row] for row in rows]
    number = re.compile(r"[-−+]?[\d,. ]*\d([.e][-+]?\d+)?( ?%)?|–|")
    right = [i > 0 and any(head) and all(number.fullmatch(row[i]) for row in rows) for i in range(len(head))]
    classes = [' class="n"' if is_right else "" for is_right in right]

    def line(cells: Sequence[str], tag: str) -> str:
        inside = (f"<{tag}{c}>{escape(cell)}</{tag}>" for cell, c in zip(cells, classes, strict=True))
        return f"<tr>{''.join(inside)}</tr>"

    top = f"<thead>{line(head, 'th')}</thead>" if any(head) else ""
    return f"<table>{top}<tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table>"


def pairs(values: Mapping[str, object]) -> str:
    """A table of names and values."""
    return table(("", ""), [(name, value) for name, value in values.items()])


def svg(figure: Figure, description: str) -> str:
    """A matplotlib figure as inline SVG whose colours follow the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn with `deltaprop.report.style.PAGE`, whose colours become CSS variables.
    description : str
        What is to be seen, for those who cannot see it.
    """
    buffer = io.StringIO()
    # Text stays text; the setting is read while drawing and holds for this block only.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": description}), warnings.catch_warnings():
        # The reader's browser has the glyphs that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = set(re.findall(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"", text))
    used = {name for names in used for name in names if name}
    text = re.sub(r' id="([^"]+)"', lambda m: m[0] if m[1] in used else "", text)
    text = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1; font-family: inherit", text)
    for color, variable in page_variables().items():
        text = text.replace(color, variable)
    label = escape(description, quote=True)
    text = text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f"<figure>{text}</figure>"


def image(pixels: np.ndarray, description: str) -> str:
    """Grey pixels of shape (height, width) as an inline PNG; the darkest is 0, the brightest their maximum."""
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    top = float(np.max(pixels)) or 1.0
    imsave(
        buffer, np.asarray(pixels), cmap="gray", vmin=min(0.0, float(np.min(pixels))), vmax=top, format="png"
    )
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{escape(description, quote=True)}" src="data:image/png;base64,{data}">'


def samples(images: Iterable[tuple[np.ndarray, str]]) -> str:
    """Images with a caption each, as many in a row as fit."""
    cells = [
        f"<figure>{image(pixels, caption)}<figcaption>{escape(caption)}</figcaption></figure>"
        for pixels, caption in images
    ]
    return f'<div class="samples">{"".join(cells)}</div>'
