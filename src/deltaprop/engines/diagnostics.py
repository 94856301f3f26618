"""Units that have stopped learning, counted on a few samples.

A unit is *dead* on the samples x if f′ is 0 for every one of them, and *saturated* if |f′| is below 5 % of the
largest |f′| that the function has for at least 95 % of them. (So a dead unit is a saturated one too.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..layers import Activation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..functions.activations import ActivationFunction
    from ..layers import Cache, View
    from ..network import Network

FLAT = 0.05  # of the steepest slope
MOST = 0.95  # of the samples


def dead_and_saturated(network: Network, x: np.ndarray) -> list[tuple[float, float]]:
    """For each activation layer, depth first: the fractions of its units that are dead, and saturated.

    Parameters
    ----------
    network : Network
    x : ndarray of shape (m, inputs) and the network's dtype, m ≥ 1

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(2), "relu", Dense(1)], inputs=1)
    >>> net.layers[0].w, net.layers[0].b = [[1], [1]], [0, -10]
    >>> dead_and_saturated(net, np.array([[1], [2]], "float32"))
    [(0.5, 0.5)]
    """
    cache = network.new_cache(training=False, step=0)
    network.run_forward(x, cache)
    return [_layer(f, c.z, c.a) for f, c in _activations(network.layers, cache)]


def activation_names(views: Sequence[View], prefix: str = "") -> list[str]:
    """The positions of the activation layers, depth first, as in the names of parameters: ``"1"``, ``"3.1"``."""
    found = []
    for position, p in enumerate(views):
        name = f"{prefix}{position}"
        found += [name] * isinstance(p.layer, Activation) + activation_names(p.inside, f"{name}.")
    return found


def steepest(function: ActivationFunction) -> float:
    """The largest |f′| on a fine grid over [−12, 12].

    Examples
    --------
    >>> from deltaprop.functions.activations import Sigmoid
    >>> steepest(Sigmoid())
    0.25
    """
    if function not in _STEEPEST:
        z = np.linspace(-12, 12, 4801)
        _STEEPEST[function] = float(np.abs(function.df(z, function.f(z))).max())
    return _STEEPEST[function]


_STEEPEST: dict[ActivationFunction, float] = {}


def _activations(views: Sequence[View], caches: Sequence[Cache]) -> list[tuple[ActivationFunction, Cache]]:
    """The function and the cache of every activation layer, depth first."""
    found = []
    for p, cache in zip(views, caches, strict=True):
        if isinstance(p.layer, Activation):
            found.append((p.layer.function, cache))
        found += _activations(p.inside, cache.inside)
    return found


def _layer(function: ActivationFunction, z: np.ndarray, a: np.ndarray) -> tuple[float, float]:
    slope = np.abs(function.df(z, a))
    dead = (slope == 0).all(axis=0)
    flat = (slope < FLAT * steepest(function)).mean(axis=0) >= MOST
    return float(dead.mean()), float(flat.mean())
