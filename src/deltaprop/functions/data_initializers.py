"""Initializers that look at the data: `Network.initialize_from_data` applies them, a layer after the other.

Until then weights are as `sample` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bounds import Count
from .initializers import Initializer, LeCunNormal

__all__ = ["DATA_INITIALIZERS", "ThroughData", "UnitVariance"]


@dataclass(frozen=True)
class UnitVariance(LeCunNormal):
    """w ~ N(0, 1/d_in), then each unit's weights divided by the standard deviation of its pre-activation on the data.

    Source: Mishkin and Matas, *All you need is a good init* (2016); Holzmüller, Grinsztajn, Steinwart, *Better by
    Default* (2024), whose "std" it is.
    """

    def scaled(self, w: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The weights (d_out, d_in) for inputs x (n, d_in); those of a unit that does not vary stay as they are."""
        spread = (x @ w.T).std(axis=0)
        rounding = 32 * np.finfo(w.dtype).eps * np.abs(x).max(axis=0, initial=0) @ np.abs(w).T
        return w / np.where(spread > rounding, spread, 1)[:, None]


@dataclass(frozen=True)
class ThroughData(Initializer):
    """Biases for which each unit's boundary z = 0 goes through a random point of the data; until then zeros.

    The point is a random convex combination, uniform over the weights, of `points` samples drawn for each unit.

    Parameters
    ----------
    points : int
        ≥ 1.

    Source: Steinwart, *A sober look at neural network initializations* (2019); Holzmüller, Grinsztajn, Steinwart,
    *Better by Default* (2024), whose "he+5" it is.
    """

    points: Count = 5

    def sample(self, rng, shape, dtype=np.float32):
        return np.zeros(shape, dtype)

    def biases(self, z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The biases (d_out,) for pre-activations z (n, d_out) without biases."""
        units = np.arange(z.shape[1])
        chosen = z[rng.integers(0, len(z), (self.points, len(units))), units]
        shares = rng.standard_exponential((self.points, len(units)))
        return -(chosen * shares / shares.sum(axis=0)).sum(axis=0)


DATA_INITIALIZERS: dict[str, Initializer] = {"unit_variance": UnitVariance(), "through_data": ThroughData()}
