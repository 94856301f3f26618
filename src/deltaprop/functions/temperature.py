"""Probabilities that are as sure as they should be: one temperature, found on validation data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .loss import Loss

#: Standard deviation of log T before any data are seen: a few dozen samples, all of them right, would make T tiny.
PRIOR = 0.5
#: Largest size of log T, and how far from its best value it may be.
LIMIT, TOLERANCE = 4.0, 1e-6


def temperature(loss: Loss, z: np.ndarray, t: np.ndarray, weight: np.ndarray | None = None) -> float:
    """T > 0 for which the probabilities of z / T have the least cross-entropy, with a prior for T near 1.

    Minimizes Σ weight · e(z / T, t) + ½ (log T / 0.5)², e without label smoothing, by bisection.

    Parameters
    ----------
    loss : Loss
        A cross-entropy.
    z : ndarray of shape (n, outputs)
    t : ndarray
        As `loss.encode` returns it.
    weight : ndarray of shape (n,), optional

    Source: Guo, Pleiss, Sun, Weinberger, *On calibration of modern neural networks* (2017), §4.2.

    Examples
    --------
    Outputs three times as large as they should be:

    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(5000, 1))
    >>> t = (rng.random((5000, 1)) < 1 / (1 + np.exp(-z))).astype(float)
    >>> from deltaprop.functions import SigmoidCrossEntropy
    >>> print(round(temperature(SigmoidCrossEntropy(), 3 * z, t)))
    3
    """
    plain: Any = replace(loss, label_smoothing=0.0) if hasattr(loss, "label_smoothing") else loss  # type: ignore
    finite = np.isfinite(z).all(axis=1)  # those of a network that diverged are not
    z, t, weight = z[finite].astype(np.float64), t[finite], None if weight is None else weight[finite]
    rows = plain.rows(t, z.shape[1], z.dtype)
    weight = np.ones(len(z)) if weight is None else weight

    def slope(log_t: float) -> float:
        """The derivative of what is minimized; where it changes its sign, there is a minimum."""
        scaled = z / np.exp(log_t)
        return log_t / PRIOR**2 - float(weight @ (plain.delta(scaled, rows) * scaled).sum(axis=1))

    low, high = -LIMIT, LIMIT
    while high - low > TOLERANCE:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return float(np.exp(0.5 * (low + high)))


def of_members(
    loss: Any, z: np.ndarray, t: np.ndarray, weight: np.ndarray | None
) -> tuple[Loss, np.ndarray, np.ndarray, np.ndarray | None]:
    """The arguments of `temperature` for an ensemble: each member on the samples that it left out, or their average."""
    if loss.members == 1:
        return loss, z, t, weight
    if weight is None or weight.ndim == 1:
        return loss.single, loss.average(z), t, weight
    rows, members = np.nonzero(weight)
    each = z.reshape(len(z), loss.members, -1)
    return loss.single, each[rows, members], t[rows], weight[rows, members]
