"""Points in the plane whose answer is known: problems small enough to draw.

>>> data = TOYS["xor"](samples=4, noise=0.0)
>>> data.x.tolist(), data.t.tolist()
([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..errors import number
from ..seeds import stream
from .dataset import Dataset

Points = tuple[np.ndarray, np.ndarray]  # x (n, 2) without noise, t (n,)


def rings(i: np.ndarray, rng: np.random.Generator) -> Points:
    """Two rings around the origin, of radius 1 (class 0) and 2 (class 1)."""
    t = i % 2
    return (1.0 + t)[:, None] * _direction(rng.uniform(0.0, 2.0 * np.pi, len(i))), t


def xor(i: np.ndarray, rng: np.random.Generator) -> Points:
    """The corners (0, 0), (0, 1), (1, 0), (1, 1) in turn, class x1 XOR x2."""
    x1, x2 = i % 4 // 2, i % 2
    return np.stack([x1, x2], axis=1).astype(np.float64), x1 ^ x2


def spirals(i: np.ndarray, rng: np.random.Generator) -> Points:
    """Two spirals of 1¾ turns and radius 0.5…6, one rotated by half a turn (after Lang, Witbrock, 1988)."""
    t = i % 2
    length = np.sqrt(rng.uniform(0.0, 1.0, len(i)))  # the square root spreads the points evenly along the arm
    return (0.5 + 5.5 * length)[:, None] * _direction(3.5 * np.pi * length + np.pi * t), t


def blobs(i: np.ndarray, rng: np.random.Generator) -> Points:
    """Three Gaussian clouds, their centres on a circle of radius 2."""
    return 2.0 * _direction(2.0 * np.pi * (i % 3) / 3.0), i % 3


def moons(i: np.ndarray, rng: np.random.Generator) -> Points:
    """Two interleaving half circles of radius 1, the points of the first before those of the second."""
    outer = _direction(np.linspace(0.0, np.pi, len(i) // 2))
    inner = 1.0 - _direction(np.linspace(0.0, np.pi, len(i) - len(outer))) - [0.0, 0.5]
    return np.concatenate([outer, inner]), np.repeat([0, 1], [len(outer), len(inner)])


def _direction(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _sample(
    points: Callable[[np.ndarray, np.random.Generator], Points],
    samples: int = 2000,
    noise: float = 0.1,
    seed: int = 0,
) -> Dataset:
    """Points with Gaussian noise of this standard deviation in both coordinates; drawn from the noise stream alone."""
    name = points.__name__
    number(name, "samples", samples, low=3 if points is blobs else 2, integer=True)
    number(name, "noise", noise, low=0.0)
    number(name, "seed", seed, low=0, integer=True)
    rng = np.random.default_rng(stream(seed, "noise"))
    x, t = points(np.arange(samples), rng)
    x = x + noise * rng.standard_normal(x.shape)
    return Dataset(name, x, t, "classification", feature_names=("x1", "x2"), target_names=("class",))


TOYS: dict[str, Callable[..., Dataset]] = {
    "rings": partial(_sample, rings),
    "xor": partial(_sample, xor),
    "spirals": partial(_sample, spirals),
    "blobs": partial(_sample, blobs, noise=0.5),
    "moons": partial(_sample, moons),
}
