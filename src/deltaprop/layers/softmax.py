"""Softmax as a layer, for where its outputs feed something other than cross-entropy (which has softmax within)."""

from dataclasses import dataclass

import numpy as np

from ..functions.loss import softmax, softmax_jacobian
from .base import Layer


@dataclass(frozen=True)
class Softmax(Layer):
    """a = softmax(z), a row at a time.   d_z = a ⊙ (d_a − Σ_k a_k d_a_k).

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

    def r_backward(self, p, r_p, cache, d_a, r_d_a, r_grad):
        a, r_a = cache.a, cache.r_output
        centred = d_a - _dot(a, d_a)
        return softmax_jacobian(a, r_d_a) + r_a * centred - a * _dot(r_a, d_a)

    def backward_diagonal(self, p, cache, d_a, h_a, h_grad, gauss_newton):
        a = cache.a
        h_z = np.square(a) * (h_a * (1 - 2 * a) + _dot(np.square(a), h_a))
        return h_z if gauss_newton else h_z + a * (1 - 2 * a) * (d_a - _dot(a, d_a))


def _dot(u, v):
    """Σ_k u_k v_k of each row, as a column."""
    return (u * v).sum(axis=1, keepdims=True)
