"""Notes on standard error; apart from `console`, because Rich would delay commands that need nothing else of it."""

from __future__ import annotations

import sys


def note(message: str) -> None:
    """One line on standard error."""
    print(f"deltaprop: {message}", file=sys.stderr)
