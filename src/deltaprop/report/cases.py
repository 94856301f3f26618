"""The samples with the worst predictions, as rows of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Case:
    """A row whose prediction is far from the truth."""

    row: int  # in the file: the first one below the header is 1
    truth: str
    predicted: str
    measure: float  # classes: the probability of the predicted one; values: predicted − true
    entries: Mapping[str, str]  # column → entry as the table has it
