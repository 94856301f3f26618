"""Batch normalization: each unit's values standardized over the batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import number
from .base import Layer
from .normalize import jacobian, normalize


@dataclass(frozen=True)
class BatchNorm(Layer):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the batch.   gain, shift: (d,)

    d_gain = Σ d_z ⊙ x̂,  d_shift = Σ d_z,  d_x = (v − mean v − x̂ mean(x̂ v)) / √(variance + ε) with v = gain ⊙ d_z.

    Outside training, mean and variance are the running ones: after each training step they move by the fraction
    `momentum` towards the batch's (the variance unbiased, n − 1 in the denominator; a batch of one sample has none and
    is left out).

    Parameters
    ----------
    momentum : float
        Fraction by which the running statistics move, in (0, 1].
    epsilon : float
        ε > 0.

    Source: Ioffe and Szegedy, *Batch normalization* (2015), algorithm 1 and §3.
    """

    operation = "batch_norm"
    integers = ("gain", "shift", "mean", "variance", "slot")
    numbers = ("momentum", "epsilon")
    rescales = True

    momentum: float = 0.1
    epsilon: float = 1e-5

    def __post_init__(self):
        number("BatchNorm", "momentum", self.momentum, low=0, high=1, open_low=True)
        number("BatchNorm", "epsilon", self.epsilon, low=0, open_low=True)
        object.__setattr__(
            self, "momentum", float(self.momentum)
        )  # a NumPy number would impose its own dtype
        object.__setattr__(self, "epsilon", float(self.epsilon))

    def shapes(self, d_in):
        return {"gain": (d_in,), "shift": (d_in,)}

    def buffers(self, d_in):
        return {"mean": (d_in,), "variance": (d_in,)}

    def initialize(self, p, rng, following):
        p.gain, p.shift = 1, 0
        p.mean, p.variance = 0, 1

    def forward(self, p, x, cache):
        if cache.training:
            cache.x_hat, cache.inverse_std, cache.mean, cache.variance = normalize(x, self.epsilon, axis=0)
        else:
            cache.inverse_std = 1 / np.sqrt(p.variance + self.epsilon)
            cache.x_hat = (x - p.mean) * cache.inverse_std
        return p.gain * cache.x_hat + p.shift

    def backward(self, p, cache, d_z, grad):
        grad.gain = (d_z * cache.x_hat).sum(axis=0)
        grad.shift = d_z.sum(axis=0)
        return self._jacobian(cache, d_z * p.gain)

    def jvp(self, p, d_p, cache, d_x):
        return p.gain * self._jacobian(cache, d_x) + d_p.gain * cache.x_hat + d_p.shift

    def update_running_stats(self, p, cache):
        n = len(cache.x_hat)
        if n > 1:
            p.mean = p.mean + self.momentum * (cache.mean[0] - p.mean)
            p.variance = p.variance + self.momentum * (cache.variance[0] * n / (n - 1) - p.variance)

    def _jacobian(self, cache, v):
        if cache.training:
            return jacobian(cache.x_hat, cache.inverse_std, v, axis=0)
        return v * cache.inverse_std
