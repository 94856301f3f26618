"""Normalization along one axis, shared by batch and layer normalization."""

from __future__ import annotations

import numpy as np


def normalize(x: np.ndarray, epsilon: float, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """x̂ = (x − mean) / √(variance + ε) along `axis`, and 1 / √(variance + ε)."""
    inverse_std = 1 / np.sqrt(x.var(axis=axis, keepdims=True) + epsilon)
    return (x - x.mean(axis=axis, keepdims=True)) * inverse_std, inverse_std


def jacobian(x_hat: np.ndarray, inverse_std: np.ndarray, v: np.ndarray, axis: int) -> np.ndarray:
    """∂x̂/∂x times v:  (v − mean v − x̂ mean(x̂ v)) / √(variance + ε).

    Takes out of v its mean and its part along x̂. The matrix is symmetric, so it serves backward and jvp alike.
    """
    mean = v.mean(axis=axis, keepdims=True)
    along = (x_hat * v).mean(axis=axis, keepdims=True)
    return (v - mean - x_hat * along) * inverse_std
