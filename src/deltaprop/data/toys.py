"""Points in the plane whose answer is known: problems small enough to draw.

Every generator takes the number of samples, the noise (a standard deviation, in the units of x) and a seed; the
randomness comes from the seed's noise stream alone, so that weights and order of samples are independent of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import number
from ..seeds import streams
from .dataset import Dataset
from .named import classification


def rings(samples: int = 2000, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two rings of radius 1 (class 0) and 2 (class 1) around the origin, Gaussian noise in both coordinates.

    Examples
    --------
    >>> data = rings(noise=0.0)
    >>> radius = np.hypot(data.x[:, 0], data.x[:, 1])
    >>> len(data), bool(np.allclose(radius, 1.0 + data.t))
    (2000, True)
    """
    t, rng = _start("rings", samples, noise, seed, classes=2)
    angle = rng.uniform(0.0, 2.0 * np.pi, samples)
    x = (1.0 + t)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _points("rings", x + noise * rng.standard_normal(x.shape), t)


def xor(samples: int = 2000, noise: float = 0.1, seed: int = 0) -> Dataset:
    """The corners (0,0), (0,1), (1,0), (1,1) in turn, class x1 XOR x2; four samples without noise are its table.

    Examples
    --------
    >>> data = xor(samples=4, noise=0.0)
    >>> data.x.tolist(), data.t.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    _, rng = _start("xor", samples, noise, seed, classes=2)
    corner = np.arange(samples) % 4
    x = np.stack([corner // 2, corner % 2], axis=1).astype(np.float64)
    t = corner // 2 ^ corner % 2
    return _points("xor", x + noise * rng.standard_normal(x.shape), t)


def spirals(samples: int = 2000, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two spirals of 1¾ turns and radius 0.5…6, one the other turned by half a circle (after Lang, Witbrock, 1988).

    Examples
    --------
    >>> spirals(samples=10).x.shape
    (10, 2)
    """
    t, rng = _start("spirals", samples, noise, seed, classes=2)
    way = np.sqrt(rng.uniform(0.0, 1.0, samples))  # the square root spreads the points evenly along the arm
    angle = 3.5 * np.pi * way + np.pi * t
    x = (0.5 + 5.5 * way)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _points("spirals", x + noise * rng.standard_normal(x.shape), t)


def blobs(samples: int = 2000, noise: float = 0.5, seed: int = 0) -> Dataset:
    """Three Gaussian clouds, their centres on a circle of radius 2.

    Examples
    --------
    >>> blobs(samples=9).t.tolist()
    [0, 1, 2, 0, 1, 2, 0, 1, 2]
    """
    t, rng = _start("blobs", samples, noise, seed, classes=3)
    angle = 2.0 * np.pi * t / 3.0
    x = 2.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _points("blobs", x + noise * rng.standard_normal(x.shape), t)


def moons(samples: int = 2000, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles of radius 1 that reach into each other (scikit-learn's ``make_moons``).

    Examples
    --------
    >>> moons(samples=10).t.tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    """
    _, rng = _start("moons", samples, noise, seed, classes=2)
    from sklearn.datasets import make_moons

    points: Any = make_moons(samples, shuffle=False)
    x, t = points
    return _points("moons", x + noise * rng.standard_normal(x.shape), t)


def _start(
    name: str, samples: int, noise: float, seed: int, classes: int
) -> tuple[np.ndarray, np.random.Generator]:
    number(name, "samples", samples, low=classes, integer=True)
    number(name, "noise", noise, low=0.0)
    return np.arange(samples) % classes, np.random.default_rng(streams(seed).noise)


def _points(name: str, x: np.ndarray, t: np.ndarray) -> Dataset:
    return classification(name, x, t, ("x1", "x2"), "class")


TOYS: dict[str, Callable[..., Dataset]] = {
    "rings": rings,
    "xor": xor,
    "spirals": spirals,
    "blobs": blobs,
    "moons": moons,
}
