"""Which columns a network's score depends on: permutation importance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Importance:
    """What the score loses when the entries of a column are permuted: mean and standard deviation over repeats."""

    column: str
    drop: float
    spread: float
