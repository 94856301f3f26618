"""Arrays as Python source, each number with as few digits as bring it back to the last bit."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

WIDTH = 100  # of a line
KEY = 6  # characters before the first row, or less


def number(value: Any) -> str:
    """A number of float32 or float64 as a literal that rounds to it.

    >>> number(np.float32(0.1)), number(np.float64(0.1)), number(np.float32(2.0))
    ('0.1', '0.1', '2.0')
    """
    text = str(value)
    return text if type(value)(float(text)) == value else repr(float(value))


def array(values: np.ndarray, indent: int = 0) -> str:
    """Rows in brackets, wrapped; lines after the first are indented.

    >>> print(array(np.array([[1.5, 2], [3, 4]], np.float32)))
    [
        [1.5, 2.0],
        [3.0, 4.0],
    ]
    """
    if values.ndim == 1:
        return _row(values, indent)
    lines = [" " * (indent + 4) + _row(row, indent + 4) + "," for row in values]
    return "\n".join(["[", *lines, " " * indent + "]"])


def table(rows: np.ndarray) -> str:
    """Many short rows, several of them on a line."""
    text = ", ".join("[" + ",\0".join(map(number, row)) + "]" for row in rows)  # rows are not wrapped
    return "[\n" + _wrapped(text, 4, 4).replace("\0", " ") + ",\n]"


def _row(values: np.ndarray, indent: int) -> str:
    text = "[" + ", ".join(map(number, values)) + "]"
    room = WIDTH - indent - 2 * KEY
    return text if len(text) < room else _wrapped(text, indent + KEY, indent + 1).lstrip()


def _wrapped(text: str, first: int, later: int) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * first,
        subsequent_indent=" " * later,
        break_long_words=False,
        break_on_hyphens=False,
    )
