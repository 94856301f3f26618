"""Losses: the value e of each sample, and delta = ∂e/∂z; z and t have a row for each sample."""

import numpy as np

from .activations import sigmoid


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def squared_error(z, t):
    return 0.5 * np.square(z - t).sum(axis=1), z - t


def absolute_error(z, t):
    return np.abs(z - t).sum(axis=1), np.sign(z - t)


def huber(z, t, threshold=1.0):
    r = np.abs(z - t)
    value = np.where(r <= threshold, 0.5 * r * r, threshold * (r - 0.5 * threshold))
    return value.sum(axis=1), np.clip(z - t, -threshold, threshold)


def hinge(z, t):
    return np.maximum(0, 1 - t * z).sum(axis=1), np.where(t * z < 1, -t, 0)


def perceptron(z, t):
    delta = np.where(z >= 0, 1, 0).astype(z.dtype) - t
    return (delta * z).sum(axis=1), delta


def sigmoid_cross_entropy(z, t):
    value = np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))
    return value.sum(axis=1), sigmoid(z) - t


def softmax_cross_entropy(z, t):
    shifted = z - z.max(axis=1, keepdims=True)  # so that exp does not overflow
    value = np.log(np.exp(shifted).sum(axis=1)) - (t * shifted).sum(axis=1)
    return value, softmax(z) - t
