"""Notes on standard error; apart from `console`, because Rich would delay commands that need nothing else of it."""

from __future__ import annotations

import sys

#: Control characters but for the end of a line, with what is shown in their place.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def printable(text: str) -> str:
    """A text in which control characters, which a terminal would obey, are written as numbers.

    >>> print(printable("red: \\x1b[31m"))
    red: \\x1b[31m
    """
    return text.translate(_CONTROLS)


def note(message: str) -> None:
    """One line on standard error."""
    print(f"deltaprop: {printable(message)}", file=sys.stderr)
