"""Normalization along one axis, shared by batch and layer normalization."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Normalized(NamedTuple):
    """x̂ and what it was made with; mean, variance and 1 / √(variance + ε) keep the axis, with length 1."""

    x_hat: np.ndarray
    inverse_std: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def normalize(x: np.ndarray, epsilon: float, axis: int) -> Normalized:
    """x̂ = (x − mean) / √(variance + ε) along `axis`.

    Mean and variance are summed in float64: the mean of many large float32 numbers would be off by more than the
    spread that is divided by.
    """
    mean = x.mean(axis=axis, keepdims=True, dtype=np.float64)
    centred = (x - mean).astype(x.dtype)
    variance = np.square(centred).mean(axis=axis, keepdims=True, dtype=np.float64)
    inverse_std = (1 / np.sqrt(variance + epsilon)).astype(x.dtype)
    return Normalized(centred * inverse_std, inverse_std, mean, variance)


def jacobian(x_hat: np.ndarray, inverse_std: np.ndarray, v: np.ndarray, axis: int) -> np.ndarray:
    """∂x̂/∂x times v:  (v − mean v − x̂ mean(x̂ v)) / √(variance + ε).

    Takes out of v its mean and its part along x̂. The matrix is symmetric, so it serves backward and jvp alike.
    """
    mean = v.mean(axis=axis, keepdims=True)
    along = (x_hat * v).mean(axis=axis, keepdims=True)
    return (v - mean - x_hat * along) * inverse_std
