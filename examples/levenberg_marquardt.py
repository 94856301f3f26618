"""
Levenberg–Marquardt
===================

On a small network and all samples at once, second derivatives pay: tens of steps instead of thousands of epochs.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.optimizers import Adam
from deltaprop.plots import curves

x = np.random.default_rng(0).uniform(-1, 1, (500, 2))
t = np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 0] * x[:, 1]

# %%
# The same first weights for both.

losses, epochs = {}, 60
for name, rule in (("Adam, batches of 32", Adam(0.01)), ("Levenberg–Marquardt", "lm")):
    net = Network([Dense(20), "tanh", Dense(1)], inputs=2, dtype="float64", seed=0)
    losses[name] = net.fit(x, t, optimizer=rule, epochs=epochs)["train_loss"]
    print(f"{name:20} loss after {len(losses[name])} epochs: {losses[name][-1]:.2g}")

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
shortest = min(map(len, losses.values()))
curves(
    range(1, shortest + 1), {name: loss[:shortest] for name, loss in losses.items()}, "loss", log=True, ax=ax
)
plt.show()
