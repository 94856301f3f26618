"""Numbers brought to size: by mean and standard deviation, by median and interquartile range, or decorrelated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError

LIMIT = 3.0  # of the smooth clip
LEAST_VARIANCE = 1e-8  # of a principal component that is kept, relative to the first one's
LARGEST = float(np.finfo(np.float32).max)


def mean_and_scale(
    names: Sequence[str], x: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of x (n, d), ignoring NaN; scale 0 marks a constant column.

    By two passes, the second corrected for the rounding of the first, and with their error bound, as in scikit-learn's
    ``StandardScaler``, whose import would delay the start.

    Source: Chan, Golub, LeVeque, *Algorithms for computing the sample variance: analysis and recommendations* (1983).

    >>> [row.tolist() for row in mean_and_scale(("a", "b"), np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]]))]
    [[2.0, 7.0], [1.0, 0.0]]
    """
    x = np.asarray(x, np.float64)
    missing = np.isnan(x)
    empty = missing.all(axis=0)

    def total(values: np.ndarray) -> np.ndarray:
        values = np.where(missing, 0.0, values)
        return values.sum(axis=0) if weight is None else np.asarray(weight, np.float64) @ values

    count = (~missing if weight is None else ~missing * np.asarray(weight, np.float64)[:, None]).sum(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = total(x) / count
        deviations = x - mean
        variance = (total(deviations**2) - total(deviations) ** 2 / count) / count
        scale = np.sqrt(variance)
        # A constant column may have a variance from rounding alone, up to this bound.
        eps = np.finfo(np.float64).eps
        constant = variance <= count * eps * variance + (count * mean * eps) ** 2
    _refuse_overflow(names, x, ~(scale <= LARGEST) & ~empty)
    return np.where(empty, 0.0, mean), np.where(constant | empty, 0.0, scale)


def median_and_range(
    names: Sequence[str], x: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Median and interquartile range of each column of x (n, d), ignoring NaN.

    Where the interquartile range is 0, half of the whole range takes its place, so that the other entries stay within
    ±2; 0 marks a constant column.

    >>> [row.tolist() for row in median_and_range("ab", np.array([[0, 0], [1, 0], [2, 0], [4, 0], [5, 8]]))]
    [[2.0, 0.0], [3.0, 4.0]]
    """
    x, quarters = np.asarray(x, np.float64), (0.25, 0.5, 0.75)
    missing = np.isnan(x)
    if weight is None and not missing.any() and len(x):
        with np.errstate(over="ignore", invalid="ignore"):
            low, median, high = np.quantile(x, quarters, axis=0)
    else:
        low, median, high = np.zeros((3, x.shape[1]))
        for j in np.flatnonzero(~missing.all(axis=0)):
            present = ~missing[:, j]
            counts = np.ones(present.sum()) if weight is None else weight[present]
            low[j], median[j], high[j] = quantiles(x[present, j], quarters, counts)
    with np.errstate(over="ignore", invalid="ignore"):
        scale = high - low
        for j in np.flatnonzero((scale == 0.0) & ~missing.all(axis=0)):
            scale[j] = 0.5 * np.ptp(x[~missing[:, j], j])
    _refuse_overflow(names, x, ~((scale >= 0.0) & (scale <= LARGEST)))
    return median, scale


def quantiles(x: np.ndarray, q: tuple[float, ...], weight: np.ndarray) -> list[float]:
    """Quantiles of x (n,) with linear interpolation.

    An entry of weight 2 counts as two entries. Weights below 1 on average are scaled up to it.

    >>> quantiles(np.array([4.0, 1.0]), (0.5,), np.array([1.0, 2.0])), np.median([1.0, 1.0, 4.0]).item()
    ([1.0], 1.0)
    """
    order = np.argsort(x)
    x, last = x[order], np.cumsum(weight[order] * max(1.0, len(x) / weight.sum()))
    places = np.asarray(q) * (last[-1] - 1.0)
    below = np.floor(places)
    # the entry at place k of the repeated ones is the first whose cumulative weight exceeds k
    low, high = (
        x[np.minimum(np.searchsorted(last, k, side="right"), len(x) - 1)] for k in (below, below + 1.0)
    )
    part = places - below
    return (low * (1.0 - part) + high * part).tolist()


def principal_components(z: np.ndarray, weight: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The mean (d,) of z (n, d), and the directions W (k, d) with variance for which W (z − mean) has covariance 1.

    The largest entry of a direction is positive. Directions whose variance is below 10⁻⁸ of the largest one are left
    out: rounding alone makes numbers that depend on each other vary as much.

    >>> mean, w = principal_components(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]))
    >>> mean.tolist(), ((np.array([[0.0, 0.0], [4.0, 4.0]]) - mean) @ w.T).round(6).tolist()
    ([2.0, 2.0], [[-1.224745], [1.224745]])
    """
    from scipy.linalg import eigh  # imported on use: prediction needs none of it

    z = np.asarray(z, np.float64)
    mean = np.average(z, axis=0, weights=weight)
    covariance = np.atleast_2d(np.cov(z.T, bias=True, aweights=weight))
    variances, directions = (a[..., ::-1] for a in eigh(covariance))
    kept = variances > max(LEAST_VARIANCE * variances.max(initial=0.0), np.finfo(np.float32).tiny)
    directions = directions.T[kept]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return mean, directions * np.sign(largest) / np.sqrt(variances[kept])[:, None]


def standardize(
    obj: str, name: str, x: np.ndarray, mean: Any, scale: Any, clipped: bool = False
) -> np.ndarray:
    """(x − mean) / scale as float32, 0 where scale is 0; refused where float32 cannot represent the result.

    `clipped`: z / √(1 + (z/3)²) of it, which stays within ±3 and leaves small numbers nearly as they are.
    """
    scale = np.asarray(scale, np.float64)
    with np.errstate(over="ignore"):
        z = (x - np.asarray(mean, np.float64)) / np.where(scale > 0.0, scale, np.inf)
    if clipped:
        return smooth_clip(z).astype(np.float32)
    if (largest := max(z.max(initial=0.0), -z.min(initial=0.0))) > LARGEST:
        found = f"{name} is {largest:g} standard deviations from the mean"
        raise InputError(f"{obj}: {found}, expected numbers like those of training; check its units.")
    return z.astype(np.float32)


def smooth_clip(z: np.ndarray) -> np.ndarray:
    """z / √(1 + (z/3)²), whatever the size of z.

    >>> smooth_clip(np.array([0.1, -3.0, 1e300])).round(3).tolist()
    [0.1, -2.121, 3.0]
    """
    z = np.clip(z, -1e9, 1e9)  # the square of a larger one could overflow; the result is the same
    return z / np.sqrt(1.0 + np.square(z / LIMIT))


def _refuse_overflow(names: Sequence[str], x: np.ndarray, overflows: np.ndarray) -> None:
    if overflows.any():
        column = int(np.argmax(overflows))
        found = f"ranges from {np.nanmin(x[:, column]):g} to {np.nanmax(x[:, column]):g}"
        raise InputError(
            f"{names[column]}: x {found}, expected numbers below 1e38; express it in a larger unit."
        )
