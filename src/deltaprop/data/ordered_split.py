"""Parts in the order of time: what comes first trains, what comes last tests; equal times stay together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..errors import InputError


def ordered_parts(
    time: np.ndarray, validation: float, test: float, name: str = "split"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the training, validation and test part, each sorted by row number: the last part is the test.

    The cuts are where a new time begins, as near as that allows to the fractions `validation` and `test` of the rows.

    >>> [part.tolist() for part in ordered_parts(np.array([3, 1, 2, 2, 4, 5]), 0.2, 0.2)]
    [[0, 1, 2, 3], [4], [5]]
    """
    place, ends = _places(time)
    parts = 1 + (validation > 0) + (test > 0)
    _check_count(name, len(ends), parts, "one for each part (train, validation, test)")
    n, last = len(time), len(ends)
    second = _cut(ends, n - test * n, parts - 1, last - 1) if test else last
    first = _cut(ends, n - (validation + test) * n, 1, second - 1) if validation else second
    rows = np.arange(n)
    return rows[place < first], rows[(first <= place) & (place < second)], rows[place >= second]


def ordered_folds(time: np.ndarray, folds: int, name: str = "folds") -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows to train and to test on, for each fold: all that comes before a block of rows, and the block.

    The blocks are the last `folds` of ``folds + 1`` of about equal length (scikit-learn's `TimeSeriesSplit`).

    >>> [(train.tolist(), test.tolist()) for train, test in ordered_folds(np.arange(6), 2)]
    [([0, 1], [2, 3]), ([0, 1, 2, 3], [4, 5])]
    """
    place, ends = _places(time)
    n, last = len(time), len(ends)
    _check_count(name, last, folds + 1, "one more than there are folds")
    block, cuts = n // (folds + 1), [0]
    for left in range(folds, 0, -1):
        cuts.append(_cut(ends, n - left * block, cuts[-1] + 1, last - left))
    cuts.append(last)
    rows = np.arange(n)
    return [
        (rows[place < start], rows[(start <= place) & (place < end)]) for start, end in pairwise(cuts[1:])
    ]


def _places(time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The position of each row's time among the different times, and how many rows there are up to each of these."""
    _, place, counts = np.unique(time, return_inverse=True, return_counts=True)
    return place, np.cumsum(counts)


def _cut(ends: np.ndarray, rows: float, low: int, high: int) -> int:
    """The number of times, from low to high, that together have nearest to so many rows."""
    return low + int(np.argmin(np.abs(ends[low - 1 : high] - rows)))


def _check_count(name: str, found: int, wanted: int, why: str) -> None:
    if found < wanted:
        times = f"time has {found} different value{'s' * (found != 1)}"
        raise InputError(f"{name}: {times}, expected at least {wanted}, {why}; name a finer column.")
