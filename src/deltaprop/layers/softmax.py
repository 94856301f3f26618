"""Softmax as a layer, for where its outputs feed something other than cross-entropy (which has softmax within)."""

from dataclasses import dataclass

from ..functions.loss import softmax, softmax_jacobian
from .base import Layer


@dataclass(frozen=True)
class Softmax(Layer):
    """a = softmax(z), a row at a time.   d_z = a ⊙ (d_a − Σ_k a_k d_a_k)

    The Jacobian diag(a) − a aᵀ is symmetric, so backward and jvp are the same map. With the `softmax_cross_entropy`
    loss leave this layer out: the loss applies softmax itself.
    """

    operation = "softmax"

    def forward(self, p, x, cache):
        cache.a = softmax(x)
        return cache.a

    def backward(self, p, cache, d_a, grad):
        return softmax_jacobian(cache.a, d_a)

    def jvp(self, p, d_p, cache, d_x):
        return softmax_jacobian(cache.a, d_x)
