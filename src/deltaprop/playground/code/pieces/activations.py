"""Activations f(z), and their slopes f′ from z and a = f(z)."""

import math

import numpy as np


def identity(z):
    return z


def identity_slope(z, a):
    return np.ones_like(z)


def step(z):
    return np.where(z >= 0, 1, 0).astype(z.dtype)


def step_slope(z, a):
    return np.zeros_like(z)


def sigmoid(z):
    e = np.exp(-np.abs(z))  # never overflows
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_slope(z, a):
    return a * (1 - a)


def tanh(z):
    return np.tanh(z)


def tanh_slope(z, a):
    return 1 - a * a


def scaled_tanh(z):
    return 1.7159 * np.tanh(2 / 3 * z)


def scaled_tanh_slope(z, a):
    return 1.7159 * 2 / 3 * (1 - (a / 1.7159) ** 2)


def relu(z):
    return np.maximum(z, 0)


def relu_slope(z, a):
    return np.where(z > 0, 1, 0).astype(z.dtype)


def leaky_relu(z, alpha=0.01):
    return np.where(z > 0, z, alpha * z)


def leaky_relu_slope(z, a, alpha=0.01):
    return np.where(z > 0, 1, alpha).astype(z.dtype)


def normal_cdf(z):
    """Φ(z), the distribution function of the standard normal."""
    return 0.5 * np.vectorize(math.erfc, otypes=[z.dtype])(-z / np.sqrt(2).astype(z.dtype))


def gelu(z):
    return z * normal_cdf(z)


def gelu_slope(z, a):
    return normal_cdf(z) + z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def elu_slope(z, a, alpha=1.0):
    return np.where(z > 0, 1, a + alpha)


def selu(z, scale=1.0507009873554805, alpha=1.6732632423543772):
    return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def selu_slope(z, a, scale=1.0507009873554805, alpha=1.6732632423543772):
    return np.where(z > 0, scale, a + scale * alpha).astype(z.dtype)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_slope(z, a):
    return sigmoid(z)


def silu(z):
    return z * sigmoid(z)


def silu_slope(z, a):
    return sigmoid(z) + a * (1 - sigmoid(z))


def mish(z):
    return z * np.tanh(softplus(z))


def mish_slope(z, a):
    t = np.tanh(softplus(z))
    return t + z * sigmoid(z) * (1 - t * t)
