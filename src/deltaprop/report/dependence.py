"""How predictions depend on a column, averaged over the others: partial dependence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .importance import BLOCK

POINTS = 20  # of the grid of a column of numbers
DATES = 60  # of a column of dates, which may show seasons
LEVELS = 12  # as many distinct entries are shown one by one


@dataclass(frozen=True, eq=False)
class Dependence:
    """Mean predictions over a grid of entries of a column.

    `density` is the share of the samples at each grid point of a category, and the deciles of a column of numbers or
    dates (as positions: days since 1970 for dates).
    """

    column: str
    grid: Sequence[float | str]  # numbers, or texts: labels of categories, dates in ISO form
    outputs: (
        np.ndarray
    )  # (grid, outputs): mean probability of each class, or mean value of each target in its unit
    names: Sequence[str]  # of the outputs
    density: np.ndarray


def partial_dependence(
    predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray, places: np.ndarray, entries: np.ndarray
) -> np.ndarray:
    """The mean of predict(x) over the rows of x when all have the same entry in one column, for each entry.

    Parameters
    ----------
    predict : callable
        Rows (m, d) → predictions (m, outputs); called with copies of x for many entries at once.
    x : ndarray (n, d)
    places : ndarray of int
        The positions of the column's inputs in x.
    entries : ndarray (grid, len(places))
        The inputs that each entry becomes.

    Returns
    -------
    ndarray (grid, outputs)

    Source: Friedman, *Greedy function approximation: a gradient boosting machine* (2001), §8.2.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [5.0, 3.0]])
    >>> partial_dependence(lambda x: x[:, :1] * x[:, 1:], x, np.array([0]), np.array([[0.0], [10.0]])).tolist()
    [[0.0], [20.0]]
    """
    at_once, means = max(1, BLOCK // x.size), []
    for start in range(0, len(entries), at_once):
        chosen = entries[start : start + at_once]
        block = np.tile(x, (len(chosen), 1, 1))
        block[:, :, places] = chosen[:, np.newaxis]
        y = predict(block.reshape(-1, x.shape[1]))
        means.append(y.reshape(len(chosen), len(x), -1).mean(axis=1, dtype=np.float64))
    return np.concatenate(means)


def grid_of(values: np.ndarray) -> np.ndarray:
    """Numbers at which a column is looked at: up to 12 distinct ones, or 20 from the 5th to the 95th percentile.

    Whole numbers stay whole; NaN is left out.

    >>> grid_of(np.array([0.0, 1.0, np.nan, 0.0])).tolist()
    [0.0, 1.0]
    >>> grid_of(np.arange(101.0))[:5].tolist()
    [5.0, 10.0, 14.0, 19.0, 24.0]
    """
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) <= LEVELS:
        return distinct
    low, high = np.nanpercentile(values, [5, 95])
    if low == high:  # nearly all entries are the same number
        low, high = distinct[0], distinct[-1]
    grid = np.linspace(low, high, POINTS)
    return np.unique(np.round(grid)) if (distinct == np.round(distinct)).all() else grid


def days_of(values: np.ndarray) -> np.ndarray:
    """Days since 1970 at which a column of dates is looked at, as `grid_of`, but in steps of whole weeks or days.

    Other steps would show a different day of the week, or time of the day, at each point.

    >>> np.diff(days_of(np.arange(700.0)))[:3].tolist()
    [14.0, 14.0, 14.0]
    """
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) <= LEVELS:
        return distinct
    low, high = np.nanpercentile(values, [5, 95], method="nearest")
    for unit in (7.0, 1.0):
        if high - low >= LEVELS * unit:
            step = np.ceil(max((high - low) / (DATES - 1), unit) / unit) * unit
            return np.arange(low, high + 1e-6, step)
    return np.linspace(low, high, POINTS)


def deciles(values: np.ndarray) -> np.ndarray:
    """The nine numbers that divide a column into ten equal parts, without NaN; none of a column that is empty."""
    present = values[~np.isnan(values)]
    return np.percentile(present, np.arange(10, 100, 10)) if len(present) else present


def levels_of(texts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The up to 12 most frequent categories, the most frequent first, and the share of each; None is left out.

    >>> labels, share = levels_of(np.array(["b", "a", "b", None], object))
    >>> labels, share.tolist()
    (['b', 'a'], [0.5, 0.25])
    """
    labels, counts = np.unique([text for text in texts if text is not None], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:LEVELS]
    return labels[order].tolist(), counts[order] / max(1, len(texts))
