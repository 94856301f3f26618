"""Scores: what a reader wants to know of a trained network, as one number where 1 is perfect."""

from __future__ import annotations

import numpy as np


def accuracy(labels: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Weighted fraction of the samples whose labels are right.

    Parameters
    ----------
    labels, t : ndarray of shape (n,) or (n, d)
        Predicted and true labels. With several labels a sample (multi-label), all of a row must be right.
    sample_weight : ndarray of shape (n,), optional
        Weights ≥ 0, not all zero.

    Returns
    -------
    float
        Within [0, 1]; NaN for no samples.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.array([0, 1, 1, 0]), np.array([0, 1, 1, 1]))
    0.75
    """
    right = np.asarray(labels) == np.asarray(t)
    if right.ndim > 1:
        right = right.all(axis=1)
    return float(np.average(right, weights=sample_weight)) if len(right) else float("nan")


def r2(y: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """R² = 1 − Σ w (t − y)² / Σ w (t − t̄)², the mean over the outputs; t̄ is the weighted mean.

    A constant target has no variance to explain: it counts as 1 where the prediction is exact and as 0
    otherwise, as in scikit-learn.

    Parameters
    ----------
    y, t : ndarray of shape (n,) or (n, d)
        Predicted and true values; computed in float64.
    sample_weight : ndarray of shape (n,), optional
        Weights ≥ 0, not all zero.

    Returns
    -------
    float
        At most 1; 0 for predicting the mean; NaN for fewer than two samples.

    Examples
    --------
    >>> import numpy as np
    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    if len(t) < 2:
        return float("nan")
    y, t = (np.asarray(v, np.float64).reshape(len(v), -1) for v in (y, t))
    w = np.ones((len(t), 1)) if sample_weight is None else np.asarray(sample_weight, np.float64)[:, None]
    unexplained = (w * np.square(t - y)).sum(axis=0)
    total = (w * np.square(t - np.average(t, axis=0, weights=w[:, 0]))).sum(axis=0)
    of_constant = np.where(unexplained == 0, 1.0, 0.0)
    scores = np.where(total > 0, 1 - unexplained / np.where(total > 0, total, 1), of_constant)
    return float(scores.mean())
