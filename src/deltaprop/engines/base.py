"""What an engine is: the same equations, run for many steps at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from .. import inputs
from ..layers import Activation


class Sums:
    """What the steps of an epoch add up to, continued from call to call.

    All of it lies in one float64 vector, so that a checkpoint can hold a half-done epoch and the split of an epoch
    into calls changes no bit of the result.

    Parameters
    ----------
    layers : int
        Number of layers that have parameters.

    Attributes
    ----------
    vector : ndarray of shape (3 + 2 layers,), float64
        ``[Σ W·E, Σ W, steps, gradient² of each layer …, update² of each layer …]`` where E is the loss of a batch
        before its step (penalty included) and W the sum of its sample weights.
    loss, weight, steps : float
        The first three.
    gradient2, update2 : ndarray of shape (layers,)
        Views: the sums over the steps of ‖∂E/∂θ_l‖² (before clipping) and of ‖Δθ_l‖².
    """

    def __init__(self, layers: int):
        self.vector = np.zeros(3 + 2 * layers)
        self.gradient2 = self.vector[3 : 3 + layers]
        self.update2 = self.vector[3 + layers :]

    @property
    def loss(self) -> float:
        return float(self.vector[0])

    @property
    def weight(self) -> float:
        return float(self.vector[1])

    @property
    def steps(self) -> float:
        return float(self.vector[2])


def layer_slices(network: Any) -> dict[str, slice]:
    """The part of theta that belongs to each layer with parameters, by the layer's position as in their names.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> layer_slices(Network([Dense(3), "relu", Dense(1)], inputs=2, loss="squared_error"))
    {'0': slice(0, 9, None), '2': slice(9, 13, None)}
    """
    slices: dict[str, slice] = {}
    for block in network.layout:
        name = block.name.rpartition(".")[0]
        start = slices[name].start if name in slices else block.slice.start
        slices[name] = slice(start, block.slice.stop)
    return slices


class Engine(ABC):
    """Runs the steps of one fit. Made once for each fit, from arguments that have been checked.

    Parameters
    ----------
    network : Network
        Trained in place: ``network.theta`` and ``network.statistics``.
    x : ndarray, numpy.memmap or scipy.sparse.csr_array of shape (n, inputs)
        Any real dtype; a batch is converted to ``network.dtype`` when its turn comes.
    t : ndarray of shape (n,) or (n, outputs)
        Targets as ``network.loss.encode`` returns them.
    sample_weight : ndarray of shape (n,) or None
        float64.
    optimizer : Optimizer
    batch_size : int
    clip_norm, clip_value : float or None
        Limits on the gradient of a step: on its norm, and on each entry.
    rate_factors : ndarray of theta's shape or None
        Multiply the learning rate of each parameter.
    threads : int or None
        Threads to use; None leaves it to the engine.

    Attributes
    ----------
    state : dict of str to ndarray
        The optimizer's state. Checkpoints read it and write into it in place.
    layers : dict of str to slice
        `layer_slices` of the network.
    """

    def __init__(
        self,
        network: Any,
        x: Any,
        t: np.ndarray,
        sample_weight: np.ndarray | None,
        optimizer: Any,
        batch_size: int,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        rate_factors: np.ndarray | None = None,
        threads: int | None = None,
    ):
        self.network, self.x, self.t, self.sample_weight = network, x, t, sample_weight
        self.optimizer, self.batch_size = optimizer, batch_size
        self.clip_norm, self.clip_value, self.rate_factors = clip_norm, clip_value, rate_factors
        self.threads = threads
        self.layers = layer_slices(network)
        self.state: dict[str, np.ndarray] = optimizer.init(network.theta)

    @classmethod
    def unable(cls, network: Any, optimizer: Any) -> str | None:
        """Why this engine cannot train that network with that optimizer; None if it can."""
        return None

    @abstractmethod
    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        """Train on the samples ``order``, a batch of ``batch_size`` at a time (the last may be smaller).

        Parameters
        ----------
        order : ndarray of shape (m,), integer
            Indices of samples.
        step : int
            Number of the first step: what schedules and dropout masks are functions of.
        rate_scale : float
            Multiplies the learning rate.
        sums : Sums
            Added to in place.

        Returns
        -------
        int
            Steps done. Fewer than there are batches only if the loss of a batch was not finite: that batch is the last
            one counted, and whether its step was still taken is left open.
        """

    def outputs(self, x: Any, samples: np.ndarray | None = None) -> np.ndarray:
        """z of each sample outside training, shape (n, outputs), computed some thousand rows at a time.

        Parameters
        ----------
        x : as for the engine
        samples : ndarray of shape (m,), integer, optional
            Take these rows of x only.
        """
        n = x.shape[0] if samples is None else len(samples)
        z = np.empty((n, self.network.outputs), self.network.dtype)
        for start in range(0, n, inputs.CHUNK):
            rows = (
                slice(start, start + inputs.CHUNK)
                if samples is None
                else samples[start : start + inputs.CHUNK]
            )
            z[start : start + inputs.CHUNK] = self.forward(inputs.take(x, rows, self.network.dtype))
        return z

    def forward(self, x: np.ndarray) -> np.ndarray:
        """z outside training for a few rows, already of the network's dtype."""
        return self.network.run_forward(x)

    def unit_health(self, x: np.ndarray) -> list[tuple[float, float]]:
        """For each activation layer, in depth-first order: the fractions of dead and of saturated units.

        A unit is *dead* on the samples x if f′ is 0 for every one of them, and *saturated* if |f′| is below 5 % of the
        largest |f′| that the function has for at least 95 % of them. (So a dead unit is a saturated one too.)

        Parameters
        ----------
        x : ndarray of shape (m, inputs) and the network's dtype, m ≥ 1
        """
        cache = self.network.new_cache(training=False, step=0)
        self.network.run_forward(x, cache)
        return [health_of(p.layer.function, c.z, c.a) for p, c in activations(self.network.layers, cache)]


def activations(views: Any, caches: Any) -> list[tuple[Any, Any]]:
    """(view, cache) of every elementwise activation, depth first."""
    found = []
    for p, cache in zip(views, caches, strict=True):
        if isinstance(p.layer, Activation):
            found.append((p, cache))
        found += activations(p.inside, cache.inside)
    return found


def activation_names(views: Any, prefix: str = "") -> list[str]:
    """The positions of the elementwise activations, depth first, as in the names of parameters: ``"1"``, ``"3.1"``."""
    found = []
    for position, p in enumerate(views):
        name = f"{prefix}{position}"
        found += [name] * isinstance(p.layer, Activation) + activation_names(p.inside, f"{name}.")
    return found


def health_of(function: Any, z: np.ndarray, a: np.ndarray) -> tuple[float, float]:
    """Fractions of dead and of saturated units of one activation layer: see `Engine.unit_health`."""
    slope = np.abs(function.df(z, a))
    dead = (slope == 0).all(axis=0)
    flat = (slope < 0.05 * steepest(function)).mean(axis=0) >= 0.95
    return float(dead.mean()), float(flat.mean())


def steepest(function: Any) -> float:
    """The largest |f′|, looked up on a fine grid over [−12, 12].

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


_STEEPEST: dict[Any, float] = {}
