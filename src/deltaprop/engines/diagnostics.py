"""Units that have stopped learning, counted on a few samples.

A unit is *dead* on the samples x if f′ is 0 for every one of them, and *saturated* if |f′| is below 5 % of the
largest |f′| that the function has for at least 95 % of them. (So a dead unit is a saturated one too.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import batching
from ..layers import Activation

if TYPE_CHECKING:
    from ..functions.activations import ActivationFunction
    from ..layers import Cache
    from ..network import Network

FLAT = 0.05  # of the steepest slope
MOST = 0.95  # of the samples


def dead_and_saturated(network: Network, x: np.ndarray) -> list[tuple[float, float]]:
    """For each activation layer, depth first: the fractions of its units that are dead, and saturated."""
    return [_layer(node.layer.function, passed.z, passed.a) for node, passed in _passes(network, x)]


def activations(network: Network, x: np.ndarray) -> dict[str, np.ndarray]:
    """The activations (n, units) of each activation layer, depth first, by a name such as ``"layer 1, ReLU"``.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(4), "relu", Dense(1)], inputs=2)
    >>> {name: a.shape for name, a in activations(net, np.ones((3, 2))).items()}
    {'layer 1, ReLU': (3, 4)}
    """
    x = batching.take(
        batching.samples("activations", x, network.inputs, network.dtype), slice(None), network.dtype
    )
    passes = _passes(network, x)
    return {f"layer {node.name}, {type(node.layer.function).__name__}": passed.a for node, passed in passes}


def _passes(network: Network, x: np.ndarray) -> Iterator[tuple[Any, Cache]]:
    """Every activation layer's node and cache, after a pass of x."""
    caches = network.new_cache()
    network.run_forward(x, caches)
    for node, passed in zip(network.nodes, _flat(caches), strict=True):
        if isinstance(node.layer, Activation):
            yield node, passed


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
    return dead.mean().item(), flat.mean().item()
