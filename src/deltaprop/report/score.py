"""A score, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Score and loss on one part of the data."""

    score: float
    loss: float
    samples: int


def score_name(task: str) -> str:
    """What the score of a task is called."""
    return "accuracy" if task == "classification" else "R²"


def shown(name: str, score: float) -> str:
    """A score as it is printed.

    Examples
    --------
    >>> shown("accuracy", 0.98125), shown("R²", 0.5)
    ('98.12 %', '0.500')
    """
    return f"{100 * score:.2f} %" if name == "accuracy" else f"{score:.3f}"
