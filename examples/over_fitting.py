"""
Over-fitting, and early stopping
================================

A large network on few, noisy samples: the training loss falls, the validation loss falls and rises again.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.optimizers import Adam
from deltaprop.plots import learning_curves

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (160, 1))
t = np.sin(4 * x) + 0.4 * rng.normal(size=x.shape)
layers = [Dense(100), "tanh", Dense(100), "tanh", Dense(1)]

# %%
# Half of the samples are for validation. Without early stopping the last weights stay.

net = Network(layers, inputs=1, seed=0)
history = net.fit(x, t, optimizer=Adam(0.01), epochs=400, validation=0.5)

# %%
# With it the fit ends 50 epochs after the best epoch, and goes back to its weights.

stopped = Network(layers, inputs=1, seed=0)
stopped.fit(x, t, optimizer=Adam(0.01), epochs=400, validation=0.5, early_stopping=50)

fresh = rng.uniform(-1, 1, (1000, 1))
for name, each in (("400 epochs", net), ("early stopping", stopped)):
    print(
        f"{name:15} root mean squared error {np.sqrt(np.mean((each.predict(fresh) - np.sin(4 * fresh)) ** 2)):.3f}"
    )

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
learning_curves(history, ax=left)
grid = np.linspace(-1, 1, 300)[:, None]
right.plot(x, t, ".", color="0.6", label="samples")
right.plot(grid, np.sin(4 * grid), "k:", label="truth")
right.plot(grid, net.predict(grid), "--", label="400 epochs")
right.plot(grid, stopped.predict(grid), "-", label="early stopping")
right.set(xlabel="x", ylabel="t")
right.legend()
plt.show()
