"""
ADALINE: one step, and the largest stable rate
==============================================

Gradient descent on a squared error converges for learning rates below 2/λ_max, where λ_max is the largest eigenvalue of
the inputs' correlation matrix.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Adaline, Dense, Network
from deltaprop.optimizers import GradientDescent
from deltaprop.plots import curves

# %%
# One step from zero weights with x = (1, 1), t = 1 and η = 0.1: delta = z − t = −1, so that w = (0.1, 0.1) and b = 0.1.

one = Adaline(0.1, targets="0/1", max_iter=1, warm_start=True)
one.partial_fit([[1, 1]], [1], classes=[0, 1])
print(one.coef_, one.intercept_)

# %%
# Two clouds, and the correlation matrix of their inputs; the bias counts as an input of 1.

rng = np.random.default_rng(0)
t = np.repeat([-1.0, 1.0], 50)
x = rng.normal(size=(100, 2)) + 1.0 * (t[:, None] + 1)
inputs = np.column_stack([x, np.ones(len(x))])
largest = 2 / np.linalg.eigvalsh(inputs.T @ inputs / len(x))[-1]
print(f"2/λ_max = {largest:.4f}")

# %%
# ADALINE is a network of one linear unit with a squared error. Just below the rate the loss falls, just above it grows.

losses = {}
for factor in (0.5, 0.99, 1.01):
    net = Network([Dense(1, init="zeros")], inputs=2, dtype="float64")
    history = net.fit(x, t, optimizer=GradientDescent(factor * largest), epochs=80)
    losses[f"{factor} · 2/λ_max"] = history["train_loss"]

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
curves(history["epoch"], losses, "loss", xlabel="step", log=True, ax=ax)
plt.show()
