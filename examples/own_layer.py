"""
A layer of your own
===================

A layer that multiplies pairs of its inputs, its gradient checked by differences, trained and drawn.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.layers import Layer
from deltaprop.optimizers import Adam
from deltaprop.plots import learning_curves


@dataclass(frozen=True)
class Product(Layer):
    """z_j = x_j · x_(j + d/2): the first half of the inputs times the second. No parameters."""

    def width(self, d_in):
        return d_in // 2

    def forward(self, p, x, cache):
        cache.first, cache.second = np.hsplit(x, 2)
        return cache.first * cache.second

    def backward(self, p, cache, d_z, grad):
        return np.hstack([d_z * cache.second, d_z * cache.first])


# %%
# The gradient along a random direction, beside the central difference.

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (300, 2))
t = x[:, 0] * x[:, 1] + 0.5 * x[:, 0] ** 2

net = Network([Dense(8), Product(), Dense(1)], inputs=2, dtype="float64")
start, v, h = net.theta.copy(), rng.normal(size=net.theta.shape), 1e-5
_, grad = net.gradient(x, t)
net.theta = start + h * v
above = net.value(x, t)
net.theta = start - h * v
difference = (above - net.value(x, t)) / (2 * h)
net.theta = start
print(f"backpropagation {grad @ v:.10f}, central difference {difference:.10f}")

# %%
# The target is made of products, so four of them are enough, where 13 tanh units only approximate it.

other = Network([Dense(13), "tanh", Dense(1)], inputs=2, dtype="float64")
runs = {
    name: each.fit(x, t, optimizer=Adam(0.01), epochs=80)
    for name, each in (("4 products", net), ("13 tanh units", other))
}
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
learning_curves(runs, ax=ax)
plt.show()
