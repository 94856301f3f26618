"""The points of the playground's own data sets: places on the plane [−6, 6]², their targets and the test part.

The places, their noise and the test part come from separate streams of the seed: another noise moves each point along
its own direction, another share of the test part leaves the points as they are, more samples add to those there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..data.split import split_rows
from ..seeds import stream
from .complaints import Complaint
from .settings import MAX_SAMPLES, Data

EXTENT = 6.0

Places = tuple[np.ndarray, np.ndarray]  # x (n, 2), t (n,)


@dataclass(frozen=True)
class Points:
    """Samples on the plane: what can be edited by hand.

    Parameters
    ----------
    x : ndarray (n, 2) float64
    t : ndarray (n,) float64
        The number of a class, or a value.
    test : ndarray (n,) bool
        Whether a sample belongs to the test part.
    """

    x: np.ndarray
    t: np.ndarray
    test: np.ndarray

    def __len__(self) -> int:
        return len(self.t)

    def add(self, x: float, y: float, target: float, test: bool = False) -> Points:
        """With one more point, the last one."""
        if len(self) >= MAX_SAMPLES:
            raise Complaint("too_many_points", most=MAX_SAMPLES)
        return Points(np.vstack([self.x, [x, y]]), np.append(self.t, target), np.append(self.test, test))

    def move(self, index: int | None, x: float, y: float) -> Points:
        """With one point at another place."""
        places = self.x.copy()
        places[self._known(index)] = x, y
        return replace(self, x=places)

    def remove(self, index: int | None) -> Points:
        """Without one point."""
        known = self._known(index)
        return Points(*(np.delete(a, known, axis=0) for a in (self.x, self.t, self.test)))

    def _known(self, index: int | None) -> int:
        if index is None or not 0 <= index < len(self):
            raise Complaint("no_sample", got=index, most=len(self) - 1)
        return index


def draw(data: Data) -> Points:
    """The points of a data set that is not a table.

    >>> points = draw(Data(name="xor", samples=8, test_share=0.5))
    >>> points.x.shape, points.t.tolist(), int(points.test.sum())
    ((8, 2), [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0], 4)
    """
    n = data.samples
    rng = np.random.default_rng(stream(data.seed, "data"))
    noise = data.noise * np.random.default_rng(stream(data.seed, "noise")).standard_normal((n, 2))
    if data.name in SURFACES:
        x = rng.uniform(-EXTENT, EXTENT, (n, 2))
        return Points(x, SURFACES[data.name](x) + noise[:, 0], held_out(data, n))
    x, t = blobs(rng, n, data.classes) if data.name == "blobs" else SHAPES[data.name](rng, n)
    return Points(np.clip(x + noise, -EXTENT, EXTENT), t.astype(np.float64), held_out(data, n, t))


def held_out(data: Data, n: int, classes: np.ndarray | None = None) -> np.ndarray:
    """Which of n samples are the test part, the same share of each class; of a class of one sample none: bool (n,)."""
    chosen = np.zeros(n, bool)
    if data.test_share:
        groups = np.zeros(n, np.intp) if classes is None else classes
        _, codes, counts = np.unique(groups, return_inverse=True, return_counts=True)
        shared = np.flatnonzero(counts[codes] > 1)
        if not len(shared):
            raise Complaint("few_samples")
        parts = split_rows(len(shared), codes[shared], 0.0, data.test_share, data.seed)
        chosen[shared[parts.test]] = True
    return chosen


def class_count(data: Data) -> int:
    """The number of classes; 0 for regression."""
    if data.name in SURFACES:
        return 0
    return data.classes if data.name == "blobs" else 2


# Each of the following stands alone, and is printed as it is into programs for other libraries.


def rings(rng: np.random.Generator, n: int) -> Places:
    """A disc of radius 2.5 (class 0) in a ring of radius 3.5 to 5 (class 1), evenly covered."""
    t = np.arange(n) % 2
    u = rng.random((n, 2))
    radius = np.sqrt(np.where(t == 0, 2.5**2 * u[:, 0], 3.5**2 + (5.0**2 - 3.5**2) * u[:, 0]))
    angle = 2.0 * np.pi * u[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), t


def xor(rng: np.random.Generator, n: int) -> Places:
    """Four squares, one in each quadrant; class 1 where x and y have the same sign."""
    i = np.arange(n)
    sign = np.stack([1 - 2 * (i % 4 // 2), 1 - 2 * (i % 2)], axis=1)
    return sign * rng.uniform(0.3, 5.0, (n, 2)), (sign[:, 0] == sign[:, 1]).astype(int)


def spirals(rng: np.random.Generator, n: int) -> Places:
    """Two arms of 1¾ turns and radius 0.4 to 5, evenly covered; one is the other rotated by half a turn."""
    t = np.arange(n) % 2
    length = np.sqrt(rng.random(n))
    radius, angle = 0.4 + 4.6 * length, 3.5 * np.pi * length + np.pi * t
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), t


def moons(rng: np.random.Generator, n: int) -> Places:
    """Two interleaving half circles of radius 10/3."""
    t = np.arange(n) % 2
    angle = np.pi * (t + rng.random(n))
    x = np.stack([np.cos(angle) + t, np.sin(angle) + 0.5 * t], axis=1)
    return 10.0 / 3.0 * (x - (0.5, 0.25)), t


def blobs(rng: np.random.Generator, n: int, classes: int = 2) -> Places:
    """Gaussian clouds of standard deviation 0.7, their centres on a circle of radius 3."""
    t = np.arange(n) % classes
    angle = np.pi / 4 + 2.0 * np.pi * t / classes
    centres = 3.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centres + 0.7 * rng.standard_normal((n, 2)), t


def plane(x: np.ndarray) -> np.ndarray:
    """(x + y) / 12."""
    return x.sum(axis=1) / 12.0


def gaussians(x: np.ndarray) -> np.ndarray:
    """Three hills and three hollows in turn, of height 1 and standard deviation 1."""
    centres = np.array([(-4.0, 2.5), (0.0, 2.5), (4.0, 2.5), (-4.0, -2.5), (0.0, -2.5), (4.0, -2.5)])
    heights = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    return np.exp(-0.5 * ((x[:, None] - centres) ** 2).sum(axis=2)) @ heights


def sine(x: np.ndarray) -> np.ndarray:
    """A wave along the first coordinate."""
    return np.sin(x[:, 0])


#: Places and classes of n samples without noise.
SHAPES: dict[str, Callable[..., Places]] = {
    "rings": rings,
    "xor": xor,
    "blobs": blobs,
    "spirals": spirals,
    "moons": moons,
}

#: Targets of regression at places, without noise.
SURFACES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "plane": plane,
    "gaussians": gaussians,
    "sine": sine,
}
