"""How good predictions are, as one number: scores, where 1 is perfect, and errors, where 0 is.

They are those of `sklearn.metrics`, which takes 0.5 s to import, and 1 ms for the accuracy of 500 samples (this: 7 µs,
in every epoch).

`sample_weight` (n,) holds weights ≥ 0, not all zero; labels and values have shape (n,) or (n, d).
"""

from functools import partial

import numpy as np


def accuracy(labels: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Weighted fraction of samples with all labels right, as `sklearn.metrics.accuracy_score`; NaN if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.array([0, 1, 1, 0]), np.array([0, 1, 1, 1]))
    0.75
    """
    if len(t) == 0:
        return float("nan")
    right = (np.asarray(labels) == np.asarray(t)).reshape(len(t), -1).all(axis=1)
    return float(np.average(right, weights=sample_weight))


def balanced_accuracy(labels: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Mean over the classes in t of their recall, as `sklearn.metrics.balanced_accuracy_score`; NaN without samples.

    Always the same answer has 1/K for K classes, however often each occurs. Labels have shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> balanced_accuracy(np.array([0, 0, 0, 0]), np.array([0, 0, 0, 1]))
    0.5
    """
    if len(t) == 0:
        return float("nan")
    weight = np.ones(len(t)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    classes = np.unique(t, return_inverse=True)[1]
    total = np.bincount(classes, weight)
    right = np.bincount(classes, weight * (np.asarray(labels) == np.asarray(t)))
    return float(np.mean(right[total > 0] / total[total > 0]))


def recall(labels: np.ndarray, t: np.ndarray, of: int, sample_weight: np.ndarray | None = None) -> float:
    """Weighted fraction of the samples of class `of` that are found, as `sklearn.metrics.recall_score`.

    NaN if there are none. Labels have shape (n,).

    Examples
    --------
    >>> import numpy as np
    >>> recall(np.array([0, 1, 1, 0]), np.array([0, 1, 1, 1]), of=0)
    1.0
    """
    there = np.asarray(t) == of
    weight = None if sample_weight is None else sample_weight[there]
    if not there.any() or (weight is not None and not weight.any()):
        return float("nan")
    return float(np.average(np.asarray(labels)[there] == of, weights=weight))


def average_precision(y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Σ (R_k − R_{k−1}) P_k over the distinct values of y, from the largest on: the area below precision over recall.

    P_k and R_k are precision and recall if every sample with at least the k-th value counts as found. It is
    `sklearn.metrics.average_precision_score`. A constant y has the fraction of the samples to be found.

    Parameters
    ----------
    y : ndarray (n,) or (n, classes)
        The larger, the more likely.
    t : ndarray (n,)
        Whether a sample is to be found; for y of shape (n, classes) the class: the mean over the classes in t, each
        against the rest.
    sample_weight : ndarray (n,), optional

    Returns
    -------
    float
        NaN if there is nothing to be found.

    Examples
    --------
    >>> import numpy as np
    >>> average_precision(np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False]))
    0.8333333333333333
    """
    if len(t) == 0:
        return float("nan")
    if y.ndim == 2:
        return float(np.mean([average_precision(y[:, k], t == k, sample_weight) for k in np.unique(t)]))
    order = np.argsort(-y, kind="stable")
    weight = np.ones(len(t)) if sample_weight is None else np.asarray(sample_weight, np.float64)[order]
    last = np.append(np.flatnonzero(np.diff(y[order])), len(t) - 1)  # of each distinct value
    found, shown = np.cumsum(weight * t[order])[last], np.cumsum(weight)[last]
    if found[-1] == 0:
        return float("nan")
    precision = found / np.where(shown > 0, shown, 1)
    return float(np.diff(found, prepend=0) @ precision / found[-1])


def r2(y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """R² = 1 − Σ w (t − y)² / Σ w (t − t̄)², the mean over the outputs, as `sklearn.metrics.r2_score`.

    t̄ is the weighted mean. Constant targets count as 1 where predicted exactly and as 0 otherwise. NaN for fewer than
    two samples.

    Examples
    --------
    >>> import numpy as np
    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    if len(t) < 2:
        return float("nan")
    y, t = (np.asarray(v, np.float64).reshape(len(v), -1) for v in (y, t))
    mean = partial(np.average, axis=0, weights=sample_weight)
    error, variance = mean(np.square(t - y)), mean(np.square(t - mean(t)))
    scores = np.where(variance > 0, 1 - error / np.where(variance > 0, variance, 1), error == 0)
    return float(scores.mean())


def mae(y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Mean absolute error, the mean over the outputs, as `sklearn.metrics.mean_absolute_error`; NaN without samples.

    Examples
    --------
    >>> import numpy as np
    >>> mae(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 2.0]))
    1.0
    """
    return float(_mean_of(np.abs, y, t, sample_weight).mean())


def rmse(y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """√ of the mean squared error, the mean over the outputs, as `sklearn.metrics.root_mean_squared_error`.

    NaN without samples.

    Examples
    --------
    >>> import numpy as np
    >>> rmse(np.array([1.0, 2.0]), np.array([1.0, 2.0]) + 3)
    3.0
    """
    return float(np.sqrt(_mean_of(np.square, y, t, sample_weight)).mean())


def _mean_of(
    function: np.ufunc, y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None
) -> np.ndarray:
    """The weighted mean over the samples of a function of y − t, (outputs,)."""
    if len(t) == 0:
        return np.full(1, np.nan)
    y, t = (np.asarray(v, np.float64).reshape(len(v), -1) for v in (y, t))
    return np.average(function(y - t), axis=0, weights=sample_weight)
