"""Scores of predictions on a test set."""

from __future__ import annotations

import numpy as np

SMALLEST_PROBABILITY = 1e-15
BINS = 15


def losses(task: str, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Of each row: 0 or 1 for a right or a wrong class, the squared error of a value."""
    if task == "classes":
        return (outputs.argmax(axis=1) != targets).astype(float)
    return np.square(outputs - targets)


def scores(task: str, outputs: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """`error` is the share of wrong classes, or the root mean squared error."""
    error = losses(task, outputs, targets).mean()
    if task == "classes":
        return {
            "error": float(error),
            "cross_entropy": cross_entropy(outputs, targets),
            "calibration_error": calibration_error(outputs, targets),
        }
    return {"error": float(error**0.5), "r2": float(1 - error / targets.var())}


def cross_entropy(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Mean of −log of the probability of the true class."""
    normalized = probabilities / probabilities.sum(axis=1, keepdims=True)
    of_true = normalized[np.arange(len(targets)), targets]
    return float(-np.log(of_true.clip(SMALLEST_PROBABILITY)).mean())


def calibration_error(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Expected calibration error: |accuracy − confidence| in 15 bins of equal width, weighted by their rows."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == targets
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(targets))
