"""Numbers and names as texts of a chart: how they are written, how wide they are, how they are shortened."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from string import ascii_letters, digits

import numpy as np

SIZE = 12.0  # of the letters, in units of the drawing

_NARROW = frozenset("iljtfrI.,:;|!'`()[] ·")
_BROAD = frozenset("mwMW%@—…−×+=<>±")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | np.floating) -> str:
    """A number in four significant digits, with commas from 10,000 on and powers of ten where there are many zeros.

    >>> [number(v) for v in (0.5, -1234.5, 20640, 1.5e7, 0.000012)]
    ['0.5', '−1234', '20,640', '1.5×10⁷', '1.2×10⁻⁵']
    """
    value = float(value)
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "−∞" if value < 0 else "∞"
    size = abs(float(f"{value:.4g}"))
    if size and not 1e-4 <= size < 1e7:
        mantissa, exponent = f"{value:.3e}".split("e")
        text = f"{float(mantissa):g}×{power(int(exponent))}"
    elif size >= 1e4:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.0f}" if size >= 1000 else f"{value:.4g}"
    return "0" if text == "-0" else text.replace("-", "−")


def power(exponent: int) -> str:
    """A power of ten.

    >>> power(-3)
    '10⁻³'
    """
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def width(text: str, size: float = SIZE) -> float:
    """About how wide a text is in a sans-serif typeface, rather too wide: the reader's typeface is not known."""
    return size * sum(map(_em, text))


def _em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.3 if ord(letter) > 0xFFFF else 1.05
    if letter in _NARROW:
        return 0.38
    return 0.95 if letter in _BROAD else 0.72 if letter.isupper() else 0.63


def elide(text: str, room: float, size: float = SIZE) -> str:
    """The text, without its middle where it is wider than the room: names often differ in their ends.

    >>> elide("sepal length (cm)", 80)
    'sepal…(cm)'
    """
    text = clean(text)
    if width(text, size) <= room:
        return text
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 2
        shown = text[: kept - tail].rstrip() + "…" + text[len(text) - tail :].lstrip()
        if width(shown, size) <= room:
            return shown
    return "…"


def elide_all(names: Sequence[str], room: float, size: float = SIZE) -> list[str]:
    """Each name elided, but without what all begin and end with where they would look the same otherwise.

    >>> elide_all(["species number 1 of the catalogue", "species number 2 of the catalogue"], 100)
    ['…1…', '…2…']
    """
    shown = [elide(name, room, size) for name in names]
    if len(set(shown)) == len(set(names)):
        return shown
    start = _shared(names)
    end = _shared([name[start:][::-1] for name in names])
    return [elide(f"…{name[start : len(name) - end]}" + "…" * (end > 0), room, size) for name in names]


def _shared(names: Sequence[str]) -> int:
    """How many letters all names begin with, whole words if they are several."""
    first, last = min(names), max(names)
    n = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return len(first[:n].rstrip(ascii_letters + digits)) or n


def clean(text: str) -> str:
    """The text in one line, without the characters that XML forbids."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join("\ufffd" if _forbidden(c) else c for c in line)


def _forbidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff"
