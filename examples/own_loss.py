"""
A loss of your own
==================

log cosh(z − t) is squared error for small residuals and absolute error for large ones, so that outliers pull with
bounded force.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.functions import Loss
from deltaprop.optimizers import Adam


@dataclass(frozen=True)
class LogCosh(Loss):
    """e = Σ log cosh((z − t) / scale),  delta = tanh((z − t) / scale) / scale."""

    scale: float = 0.1

    def value(self, z, t):
        r = np.abs(z - t) / self.scale
        return (r + np.log1p(np.exp(-2 * r)) - np.log(2)).sum(axis=1)

    def delta(self, z, t):
        return np.tanh((z - t) / self.scale) / self.scale

    def curvature(self, z, t, v):
        return (1 - np.tanh((z - t) / self.scale) ** 2) / self.scale**2 * v


# %%
# A parabola with noise; one sample in ten is far off, always upwards.

rng = np.random.default_rng(0)
x = np.sort(rng.uniform(-1, 1, (200, 1)), axis=0)
t = x**2 + 0.05 * rng.normal(size=x.shape) + (rng.random(x.shape) < 0.1) * rng.uniform(1, 3, x.shape)

predictions = {}
for name, loss in (("squared error", "squared_error"), ("log cosh", LogCosh())):
    net = Network([Dense(16), "tanh", Dense(1)], inputs=1, loss=loss, dtype="float64")
    net.fit(x, t, optimizer=Adam(0.01), epochs=100)
    predictions[name] = net.predict(x)
    print(f"{name:14} mean distance from the parabola {np.abs(predictions[name] - x**2).mean():.3f}")

# %%
# Squared error is drawn towards the outliers.

fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(x, t, ".", color="0.6", label="samples")
ax.plot(x, x**2, "k:", label="parabola")
for (name, y), style in zip(predictions.items(), ("--", "-"), strict=True):
    ax.plot(x, y, style, label=name)
ax.set(xlabel="x", ylabel="t")
ax.legend()
plt.show()
