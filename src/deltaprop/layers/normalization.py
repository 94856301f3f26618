"""Normalization: each unit's values standardized over the batch, or each sample's over its units."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from ..bounds import Bounds, Positive
from .base import Layer


class Normalization(Layer):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) along `axis`.   gain, shift: (d,)

    d_gain = Σ d_z ⊙ x̂,  d_shift = Σ d_z,  d_x = (v − mean v − x̂ mean(x̂ v)) / √(variance + ε) with v = gain ⊙ d_z.
    """

    rescales = True
    axis: ClassVar[int]
    epsilon: float

    def shapes(self, d_in):
        return {"gain": (d_in,), "shift": (d_in,)}

    def initialize(self, p, rng, following):
        p.gain, p.shift = 1, 0

    def forward(self, p, x, cache):
        self._standardize(p, x, cache)
        return p.gain * cache.x_hat + p.shift

    def backward(self, p, cache, d_z, grad):
        grad.gain = (d_z * cache.x_hat).sum(axis=0)
        grad.shift = d_z.sum(axis=0)
        return self._jacobian(cache, d_z * p.gain)

    def jvp(self, p, d_p, cache, d_x):
        return p.gain * self._jacobian(cache, d_x) + d_p.gain * cache.x_hat + d_p.shift

    def _standardize(self, p, x, cache):
        # Summed in float64: the mean of many large float32 numbers would be off by more than the spread divided by.
        cache.mean = x.mean(axis=self.axis, keepdims=True, dtype=np.float64)
        centred = (x - cache.mean).astype(x.dtype)
        cache.variance = np.square(centred).mean(axis=self.axis, keepdims=True, dtype=np.float64)
        cache.inverse_std = (1 / np.sqrt(cache.variance + self.epsilon)).astype(x.dtype)
        cache.x_hat = centred * cache.inverse_std

    def _jacobian(self, cache, v):
        """∂x̂/∂x times v: v without its mean and its part along x̂. Symmetric, so it serves backward and jvp alike."""
        mean = v.mean(axis=self.axis, keepdims=True)
        along = (cache.x_hat * v).mean(axis=self.axis, keepdims=True)
        return (v - mean - cache.x_hat * along) * cache.inverse_std


@dataclass(frozen=True)
class LayerNorm(Normalization):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the units of a sample.   gain, shift: (d,)

    Parameters
    ----------
    epsilon : float
        ε > 0.

    Source: Ba, Kiros, Hinton, *Layer normalization* (2016), eq. 3 and 4.
    """

    operation = "layer_norm"
    integers = ("gain", "shift", "slot")
    numbers = ("epsilon",)
    axis = 1

    epsilon: Positive = 1e-5


@dataclass(frozen=True)
class BatchNorm(Normalization):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the batch.   gain, shift: (d,)

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
    axis = 0

    momentum: Annotated[float, Bounds(low=0, high=1, open_low=True)] = 0.1
    epsilon: Positive = 1e-5

    def buffers(self, d_in):
        return {"mean": (d_in,), "variance": (d_in,)}

    def initialize(self, p, rng, following):
        super().initialize(p, rng, following)
        p.mean, p.variance = 0, 1

    def update_running_stats(self, p, cache):
        n = len(cache.x_hat)
        if n > 1:
            p.mean = p.mean + self.momentum * (cache.mean[0] - p.mean)
            p.variance = p.variance + self.momentum * (cache.variance[0] * n / (n - 1) - p.variance)

    def _standardize(self, p, x, cache):
        if cache.training:
            super()._standardize(p, x, cache)
        else:
            cache.inverse_std = 1 / np.sqrt(p.variance + self.epsilon)
            cache.x_hat = (x - p.mean) * cache.inverse_std

    def _jacobian(self, cache, v):
        return super()._jacobian(cache, v) if cache.training else v * cache.inverse_std
