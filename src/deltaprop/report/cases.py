"""The samples with the worst predictions, as rows of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MOST = 12  # cases
COLUMNS = 8  # of the table that are shown


@dataclass(frozen=True, eq=False)
class Case:
    """A row whose prediction is far from the truth."""

    row: int  # in the file: the first one below the header is 1
    truth: str
    predicted: str
    measure: float  # classes: the probability of the predicted one; values: predicted − true
    entries: Mapping[str, str]  # column → entry as the table has it


def worst(badness: np.ndarray) -> np.ndarray:
    """The positions of the largest numbers, the largest first: at most 12, and at most a fifth of them; NaN is none.

    >>> worst(np.array([0.1, 3.0, np.nan, 2.0, 0.0, 0.5, 0.2, 0.3, 0.1])).tolist()
    [1, 3]
    """
    finite = np.flatnonzero(np.isfinite(badness))
    order = np.argsort(-badness[finite], kind="stable")
    return finite[order[: min(MOST, -(-len(badness) // 5))]]


def wrong_values(y: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest standardized error of each sample, and in which target; for y and t (n, k).

    An error is standardized by the root mean square of the errors of its target.

    >>> size, target = wrong_values(np.array([[1.0, 0.0], [0.0, 30.0]]), np.array([[0.0, 10.0], [0.0, 10.0]]))
    >>> size.round(3).tolist(), target.tolist()
    ([1.414, 1.265], [0, 1])
    """
    errors = np.abs(np.asarray(y, np.float64) - t)
    size = np.sqrt(np.mean(np.square(errors), axis=0))
    standardized = errors / np.where(size > 0, size, 1.0)
    return standardized.max(axis=1), standardized.argmax(axis=1)


def plain(value: float) -> str:
    """A number as a reader would write it: whole ones without a point, others with up to ten digits.

    >>> plain(3.0), plain(0.1 + 0.2), plain(1234567.25), plain(float("nan"))
    ('3', '0.3', '1234567.25', '')
    """
    if np.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.10g}"


def digits(values: np.ndarray) -> int:
    """How many decimals show about three digits of the differences between numbers, at least 0.

    >>> digits(np.array([10.0, 400.0])), digits(np.array([0.1, 0.2])), digits(np.array([1.0]))
    (0, 4, 2)
    """
    spread = float(np.std(values)) or 1.0
    return max(0, 2 - int(np.floor(np.log10(spread))))
