"""Layer normalization: each sample's values standardized over its units."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import number
from .base import Layer
from .normalize import jacobian, normalize


@dataclass(frozen=True)
class LayerNorm(Layer):
    """z = gain ⊙ x̂ + shift,  x̂ = (x − mean) / √(variance + ε) over the units of a sample.   gain, shift: (d,)

    d_gain = Σ d_z ⊙ x̂,  d_shift = Σ d_z,  d_x = (v − mean v − x̂ mean(x̂ v)) / √(variance + ε) with v = gain ⊙ d_z.

    Parameters
    ----------
    epsilon : float
        ε > 0.

    Source: Ba, Kiros, Hinton, *Layer normalization* (2016), eq. 3 and 4.
    """

    operation = "layer_norm"
    integers = ("gain", "shift", "slot")
    numbers = ("epsilon",)
    rescales = True

    epsilon: float = 1e-5

    def __post_init__(self):
        number("LayerNorm", "epsilon", self.epsilon, low=0, open_low=True)
        object.__setattr__(self, "epsilon", float(self.epsilon))  # a NumPy number would impose its own dtype

    def shapes(self, d_in):
        return {"gain": (d_in,), "shift": (d_in,)}

    def initialize(self, p, rng, following):
        p.gain, p.shift = 1, 0

    def forward(self, p, x, cache):
        cache.x_hat, cache.inverse_std, *_ = normalize(x, self.epsilon, axis=1)
        return p.gain * cache.x_hat + p.shift

    def backward(self, p, cache, d_z, grad):
        grad.gain = (d_z * cache.x_hat).sum(axis=0)
        grad.shift = d_z.sum(axis=0)
        return jacobian(cache.x_hat, cache.inverse_std, d_z * p.gain, axis=1)

    def jvp(self, p, d_p, cache, d_x):
        d_x_hat = jacobian(cache.x_hat, cache.inverse_std, d_x, axis=1)
        return p.gain * d_x_hat + d_p.gain * cache.x_hat + d_p.shift
