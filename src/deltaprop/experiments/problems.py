"""The data and networks of the experiments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..data import load
from ..layers import Dense
from ..network import Network


def surface(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points of the square [−1, 1]², (n, 2), and sin(3 x₁) cos(2 x₂) + x₁ x₂ there, (n, 1)."""
    x = np.random.default_rng(seed).uniform(-1, 1, (samples, 2))
    return x, (np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 0] * x[:, 1])[:, None]


def small_digits(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits of 4 × 4 pixels, standardized, (n, 16), and their labels (n,)."""
    digits = load("digits")
    pixels = np.asarray(digits.x, float)[:samples].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    return (pixels - pixels.mean(axis=0)) / (pixels.std(axis=0) + 0.1), np.asarray(digits.codes)[:samples]


def tanh_network(sizes: Sequence[int], loss: str = "squared_error", seed: int = 0) -> Network:
    """A network of that many units, inputs first, with tanh between; float64."""
    hidden = [piece for units in sizes[1:-1] for piece in (Dense(units), "tanh")]
    return Network([*hidden, Dense(sizes[-1])], sizes[0], loss, seed=seed, dtype="float64")
