"""The network beside simpler answers on the same parts of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """What one model reaches: part → measure as it is shown → value, errors as errors.

    Attributes
    ----------
    name : str
        ``"network"``, ``"linear model"``, or the trivial answer, such as ``"always 'benign'"``.
    scores : mapping of mappings
        By part ("train", "validation", "test") and by measure, such as "accuracy", "recall of malignant", "R²" or
        "MAE"; `deltaprop.report.score.format_score` writes a value.

    Examples
    --------
    >>> Comparison("network", {"test": {"accuracy": 0.95}}).scores["test"]["accuracy"]
    0.95
    """

    name: str
    scores: Mapping[str, Mapping[str, float]]
