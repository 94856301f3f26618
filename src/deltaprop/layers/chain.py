"""Layers in sequence: the chain rule for the network and for layers that wrap others."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..functions.activations import ActivationFunction
from .activation import ActivationLayer
from .base import Cache, Layer, View


def width(layers: Sequence[Layer], d_in: int) -> int:
    """Number of outputs of the row for `d_in` inputs."""
    for layer in layers:
        d_in = layer.width(d_in)
    return d_in


def initialize(views: Sequence[View], rng: np.random.Generator) -> None:
    """Fill every layer's parameters, suited to the activation that follows it.

    Raises
    ------
    InputError
        If a parameter is not finite in the network's dtype.
    """
    layers = [p.layer for p in views]
    for i, p in enumerate(views):
        with np.errstate(over="ignore", invalid="ignore"):
            p.layer.initialize(p, rng, _following(layers[i + 1 :]))
        for name, array in p.arrays.items():
            if not np.isfinite(array).all():
                raise InputError(
                    f"{p.layer}: the initial {name} has entries that are not finite, expected numbers in the range "
                    f"of {array.dtype}; choose an initializer of smaller weights."
                )


def initialize_from_data(views: Sequence[View], x: np.ndarray, rng: np.random.Generator) -> None:
    """Let every layer adapt its initial parameters to what reaches it; x are inputs of the first."""
    for p in views:
        p.layer.initialize_from_data(p, x, rng)
        x = p.layer.forward(p, x, _first_cache(p))


def _first_cache(p: View) -> Cache:
    """For the first pass: layers that keep running statistics have none yet, and take those of the batch."""
    cache = Cache(training=bool(p.layer.buffers(1)))
    cache.inside = [_first_cache(inside) for inside in p.inside]
    return cache


def _following(layers: Sequence[Layer]) -> ActivationFunction | None:
    """The first activation in the sequence, past layers that only rescale; None if there is none."""
    for layer in layers:
        if isinstance(layer, ActivationLayer):
            return layer.function
        if not layer.rescales:
            return None
    return None


def new_cache(views: Sequence[View], training: bool, seed: int, step: int) -> list[Cache]:
    """A fresh cache for each layer of the row, and for those inside them."""
    caches = []
    for p in views:
        cache = Cache(training, seed, step)
        cache.inside = new_cache(p.inside, training, seed, step)
        caches.append(cache)
    return caches


def forward(views: Sequence[View], x: np.ndarray, caches: Sequence[Cache]) -> np.ndarray:
    """x → z through every layer; each cache keeps its input and output, for `Network.trace`."""
    for p, cache in zip(views, caches, strict=True):
        cache.input = x
        cache.output = x = p.layer.forward(p, x, cache)
    return x


def backward(
    views: Sequence[View], caches: Sequence[Cache], d_z: np.ndarray, grads: Sequence[View]
) -> np.ndarray:
    """∂E/∂z → ∂E/∂x through every layer, last first; each leaves its own gradient in `grads`."""
    for p, cache, grad in zip(reversed(views), reversed(caches), reversed(grads), strict=True):
        cache.d_output = d_z
        d_z = p.layer.backward(p, cache, d_z, grad)
    return d_z


def jvp(
    views: Sequence[View], d_views: Sequence[View], caches: Sequence[Cache], d_x: np.ndarray
) -> np.ndarray:
    """The change of z when parameters and input change, through every layer; each cache keeps those of its ends."""
    for p, d_p, cache in zip(views, d_views, caches, strict=True):
        cache.r_input = d_x
        cache.r_output = d_x = p.layer.jvp(p, d_p, cache, d_x)
    return d_x


def r_backward(
    views: Sequence[View],
    r_views: Sequence[View],
    caches: Sequence[Cache],
    r_d_z: np.ndarray,
    r_grads: Sequence[View],
) -> np.ndarray:
    """The change of the results of `backward`, through every layer; `backward` and `jvp` went before."""
    row = zip(reversed(views), reversed(r_views), reversed(caches), reversed(r_grads), strict=True)
    for p, r_p, cache, r_grad in row:
        r_d_z = p.layer.r_backward(p, r_p, cache, cache.d_output, r_d_z, r_grad)
    return r_d_z


def backward_diagonal(
    views: Sequence[View],
    caches: Sequence[Cache],
    h_z: np.ndarray,
    h_grads: Sequence[View],
    gauss_newton: bool,
) -> np.ndarray:
    """∂²E/∂z² → ∂²E/∂x² through every layer, diagonals only; `backward` went before."""
    for p, cache, h_grad in zip(reversed(views), reversed(caches), reversed(h_grads), strict=True):
        h_z = p.layer.backward_diagonal(p, cache, cache.d_output, h_z, h_grad, gauss_newton)
    return h_z


def update_running_stats(views: Sequence[View], caches: Sequence[Cache]) -> None:
    """Let every layer take the batch into its statistics."""
    for p, cache in zip(views, caches, strict=True):
        p.layer.update_running_stats(p, cache)
