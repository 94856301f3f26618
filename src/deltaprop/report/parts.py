"""The parts of the data: which counts most, and how it is spoken of."""

from __future__ import annotations

from collections.abc import Collection

#: The one that tells most of how good a network is first.
PARTS = ("test", "cross-validation", "validation", "train")


def counts_most(parts: Collection[str]) -> str:
    """Of these parts the one that tells most of how good a network is.

    >>> counts_most(["train", "validation"])
    'validation'
    """
    return next(part for part in (*PARTS, *parts) if part in parts)


def on(part: str) -> str:
    """Where something was measured.

    >>> on("test"), on("cross-validation")
    ('on the test part', 'in cross-validation')
    """
    return "in cross-validation" if part == "cross-validation" else f"on the {part} part"
