"""
XOR by a feature made by hand
=============================

With the product x₁ x₂ as a third input XOR is linear: w = (1, 1, −2), b = 0 and θ = 0.5 solve it, and ADALINE learns an
equivalent solution.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Adaline
from deltaprop.plots import curves, decision_boundary

corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
t = np.array([0, 1, 1, 0])


def phi(x):
    """The two inputs and their product."""
    return np.column_stack([x, x[:, 0] * x[:, 1]])


by_hand = phi(corners) @ [1, 1, -2] >= 0.5
print("by hand:", by_hand.astype(int))

# %%
# The same from the four samples, by least squares.

model = Adaline(1.0, targets="0/1", max_iter=1000, tol=1e-12).fit(phi(corners), t)
print("learned:", model.predict(phi(corners)), "w =", model.coef_.round(2), "b =", model.intercept_.round(2))

# %%
# In the space of the features the boundary is a plane; in that of the inputs it is a curve.

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
curves(model.history_["epoch"], {"ADALINE": model.history_["train_loss"]}, "loss", log=True, ax=left)
decision_boundary(lambda x: model.network_.predict(phi(x)), corners, t, threshold=0.5, ax=right)
right.set(xlabel="x₁", ylabel="x₂")
plt.show()
