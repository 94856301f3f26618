"""Normalization, dropout, clipping, and initial weights."""

import numpy as np


def batch_norm(z, gain, shift, running, training, momentum=0.1, epsilon=1e-5):
    """Each unit's values with mean 0 and variance 1 over the batch; then gain and shift, which are learned."""
    if training:
        mean, variance = z.mean(axis=0), z.var(axis=0)
        if len(z) > 1:
            running["mean"] += momentum * (mean - running["mean"])
            running["variance"] += momentum * (variance * len(z) / (len(z) - 1) - running["variance"])
    else:
        mean, variance = running["mean"], running["variance"]
    std = np.sqrt(variance + epsilon)
    h = (z - mean) / std
    return gain * h + shift, h, std


def layer_norm(z, gain, shift, epsilon=1e-5):
    """Each sample's values with mean 0 and variance 1 over the units; then gain and shift, which are learned."""
    std = np.sqrt(z.var(axis=1, keepdims=True) + epsilon)
    h = (z - z.mean(axis=1, keepdims=True)) / std
    return gain * h + shift, h, std


def norm_backward(d_h, h, std, axis):
    """From the derivative by h to that by z, where h = (z - mean z) / std z along the axis."""
    return (d_h - d_h.mean(axis, keepdims=True) - h * (h * d_h).mean(axis, keepdims=True)) / std


def dropout_mask(shape, rate, key, layer, step):
    """0 with probability rate, else 1 / (1 - rate): the very masks of the page."""
    size = shape[0] * shape[1]
    generator = np.random.Philox(key=np.array([key, layer], np.uint64), counter=(0, step, 0, 0))
    lanes = generator.random_raw((size + 1) // 2).astype("<u8").view("<u4")[:size].reshape(shape)
    return (lanes >= int(rate * 2**32)) * np.float32(1 / (1 - rate))


def clip_norm(gradients, limit):
    """Shorten the gradient, all arrays together, to the length limit where it is longer."""
    norm = np.sqrt(sum(float(np.square(g).sum()) for g in gradients))
    if norm > limit:
        for g in gradients:
            g *= limit / norm


def orthogonal(rng, shape):
    """Orthonormal columns, or rows where there are fewer of these."""
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q *= np.where(np.diag(r) < 0, -1, 1)
    return q if shape[0] >= shape[1] else q.T
