"""Normalization: each unit's values standardized over the batch, or each sample's over its units."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from ..bounds import Bounds, Count, Positive
from ..errors import InputError, short
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
        cache.r_x_hat = self._jacobian(cache, d_x)
        return p.gain * cache.r_x_hat + d_p.gain * cache.x_hat + d_p.shift

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        r_grad.gain = (r_d_z * cache.x_hat + d_z * cache.r_x_hat).sum(axis=0)
        r_grad.shift = r_d_z.sum(axis=0)
        r_d_x = self._jacobian(cache, p.gain * r_d_z + r_p.gain * d_z)
        return r_d_x if cache.constant else r_d_x + self._r_jacobian(cache, p.gain * d_z)

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        h_grad.gain = (h_z * np.square(cache.x_hat)).sum(axis=0)
        h_grad.shift = h_z.sum(axis=0)
        v = h_z * np.square(p.gain)
        if cache.constant:
            return v * np.square(cache.inverse_std)
        h_x = self._squared_jacobian(cache, v)
        return h_x if gauss_newton else h_x + self._second_derivative(cache, d_z * p.gain)

    def _standardize(self, p, x, cache):
        # Summed in float64: the mean of many large float32 numbers would be off by more than the spread divided by.
        cache.mean = self._mean(x, np.float64)
        centred = (x - cache.mean).astype(x.dtype)
        cache.variance = self._mean(np.square(centred), np.float64)
        cache.inverse_std = (1 / np.sqrt(cache.variance + self.epsilon)).astype(x.dtype)
        cache.x_hat = centred * cache.inverse_std
        cache.constant = False  # mean and variance depend on x

    def _jacobian(self, cache, v):
        """∂x̂/∂x times v: v without its mean and its part along x̂. Symmetric, so it serves backward and jvp alike."""
        if cache.constant:
            return v * cache.inverse_std
        return (v - self._mean(v) - cache.x_hat * self._mean(cache.x_hat * v)) * cache.inverse_std

    def _r_jacobian(self, cache, v):
        """The change of ∂x̂/∂x times v when x changes by `r_input`, that is x̂ by `r_x_hat`."""
        x_hat, r_x_hat = cache.x_hat, cache.r_x_hat
        r_along = r_x_hat * self._mean(x_hat * v) + x_hat * self._mean(r_x_hat * v)
        r_log_std = self._mean(x_hat * cache.r_input) * cache.inverse_std
        return -r_along * cache.inverse_std - r_log_std * self._jacobian(cache, v)

    def _squared_jacobian(self, cache, v):
        """Σ_i (∂x̂_i/∂x_j)² v_i, from (∂x̂_i/∂x_j) · std = δ_ij − (1 + x̂_i x̂_j) / d."""
        x_hat, d = cache.x_hat, self._count(cache.x_hat)
        off = self._mean(v) + 2 * x_hat * self._mean(x_hat * v) + x_hat**2 * self._mean(x_hat**2 * v)
        return (v * (1 - 2 * (1 + x_hat**2) / d) + off / d) * cache.inverse_std**2

    def _second_derivative(self, cache, v):
        """Σ_i v_i ∂²x̂_i/∂x_j²."""
        x_hat, d = cache.x_hat, self._count(cache.x_hat)
        along = self._mean(x_hat * v) * (1 - (1 + x_hat**2) / d)
        return -(along * cache.inverse_std + 2 * x_hat / d * self._jacobian(cache, v)) * cache.inverse_std

    def _mean(self, v, dtype=None):
        return v.mean(axis=self.axis, keepdims=True, dtype=dtype)

    def _count(self, x):
        """How many values have one mean."""
        return x.shape[self.axis]


@dataclass(frozen=True)
class LayerNorm(Normalization):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the units of a sample.   gain, shift: (d,)

    Parameters
    ----------
    epsilon : float
        ε > 0.
    groups : int
        The units are that many groups of columns, each with its own mean and variance: see `GroupedDense`.

    Source: Ba, Kiros, Hinton, *Layer normalization* (2016), eq. 3 and 4.
    """

    operation = "layer_norm"
    integers = ("groups", "gain", "shift", "slot")
    numbers = ("epsilon",)
    axis = 1

    epsilon: Positive = 1e-5
    groups: Count = 1

    def width(self, d_in):
        if d_in % self.groups:
            raise InputError(
                f"LayerNorm: groups is {short(self.groups)}, expected a divisor of the {d_in} inputs; change it."
            )
        return d_in

    def _mean(self, v, dtype=None):
        if self.groups == 1:
            return super()._mean(v, dtype)
        means = v.reshape(len(v), self.groups, -1).mean(axis=2, dtype=dtype)
        return np.repeat(means, self._count(v), axis=1)

    def _count(self, x):
        return x.shape[1] // self.groups


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
            cache.constant = True
