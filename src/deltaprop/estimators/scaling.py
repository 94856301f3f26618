"""Standardization of inputs and targets inside an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from ..batching import is_sparse


def input_scaler(X: Any, sample_weight: np.ndarray | None, each: bool) -> StandardScaler:
    """Inputs centred (sparse ones stay where they are) and divided by their standard deviations.

    Unless `each` is asked for, inputs that seem to share a unit keep their zero and their relative sizes: if the
    largest standard deviation is at most 10 times the median one, all are divided by one number, their root mean
    square.
    """
    scaler = StandardScaler(with_mean=not is_sparse(X)).fit(X, sample_weight=sample_weight)
    variance = np.asarray(scaler.var_)
    spread = np.sqrt(variance)
    alive = spread[spread > 0]
    if not each and len(alive) and alive.max() <= 10 * np.median(alive):
        mean = scaler.mean_ if scaler.mean_ is not None else 0.0
        scaler.scale_ = np.full_like(spread, np.sqrt(np.mean(np.square(mean) + variance)))
        scaler.with_mean = False
    return scaler
