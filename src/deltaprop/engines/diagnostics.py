"""Units that have stopped learning, counted on a few samples.

A unit is *dead* on the samples x if f′ is 0 for every one of them, and *saturated* if |f′| is below 5 % of the
largest |f′| that the function has for at least 95 % of them. (So a dead unit is a saturated one too.)
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..layers import Activation

if TYPE_CHECKING:
    from ..functions.activations import ActivationFunction
    from ..layers import Cache
    from ..network import Network

FLAT = 0.05  # of the steepest slope
MOST = 0.95  # of the samples


def dead_and_saturated(network: Network, x: np.ndarray) -> list[tuple[float, float]]:
    """For each activation layer, depth first: the fractions of its units that are dead, and saturated."""
    caches = network.new_cache()
    network.run_forward(x, caches)
    passes = zip(network.nodes, _flat(caches), strict=True)
    return [_layer(node.layer.function, c.z, c.a) for node, c in passes if isinstance(node.layer, Activation)]


@cache
def steepest(function: ActivationFunction) -> float:
    """The largest |f′| on a fine grid over [−12, 12]."""
    z = np.linspace(-12, 12, 4801)
    return float(np.abs(function.df(z, function.f(z))).max())


def _flat(caches: list[Cache]) -> list[Cache]:
    """The caches of all layers, depth first."""
    return [cache for outer in caches for cache in (outer, *_flat(outer.inside))]


def _layer(function: ActivationFunction, z: np.ndarray, a: np.ndarray) -> tuple[float, float]:
    slope = np.abs(function.df(z, a))
    dead = (slope == 0).all(axis=0)
    flat = (slope < FLAT * steepest(function)).mean(axis=0) >= MOST
    return float(dead.mean()), float(flat.mean())
