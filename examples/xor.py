"""
XOR by a hidden layer
=====================

Two hidden ReLUs fold the square so that one line separates it: set by hand, and learned from random weights.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.optimizers import Momentum
from deltaprop.plots import decision_boundary, learning_curves

x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
t = np.array([0, 1, 1, 0])

# %%
# By hand: h = ReLU(V x + c), y = ReLU(w · h + b). The corners become (0, 0), (1, 0), (1, 0) and (2, 1).

by_hand = Network([Dense(2), "relu", Dense(1), "relu"], inputs=2, dtype="float64")
by_hand.layers[0].w, by_hand.layers[0].b = [[1, 1], [1, 1]], [0, -1]
by_hand.layers[2].w, by_hand.layers[2].b = [[1, -2]], [0]
print("outputs:", by_hand.predict(x).ravel(), " hidden:", by_hand.trace(x, t).layers[0].a.tolist())

# %%
# Learned, with a few units to spare.

learned = Network([Dense(8), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", seed=0)
history = learned.fit(x, t, optimizer=Momentum(0.1, 0.9), epochs=300, batch_size=4)
print("learned:", learned.predict(x).ravel().round(3))

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
learning_curves(history, ax=left)
decision_boundary(learned, x, t, ax=right)
right.set(xlabel="x₁", ylabel="x₂")
plt.show()
