"""Scores of a run, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Score and loss on one part of the data."""

    score: float
    loss: float
    samples: int


def score_name(task: str) -> str:
    """The name of a task's score."""
    return "accuracy" if task == "classification" else "R²"


def format_score(name: str, score: float) -> str:
    """A score as text.

    >>> format_score("accuracy", 0.98125), format_score("R²", 0.5)
    ('98.12 %', '0.500')
    """
    return f"{100 * score:.2f} %" if name == "accuracy" else f"{score:.3f}"
