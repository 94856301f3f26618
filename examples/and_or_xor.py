"""
AND, OR and XOR by a perceptron
===============================

Rosenblatt's rule finds a line that separates AND and OR. For XOR there is none, and a linear program proves it.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Perceptron
from deltaprop.plots import decision_boundary, title

corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
tasks = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}

# %%
# With ``batch_size=1`` the weights move after each sample that is on the wrong side: w ← w + η (t − y) x. The rule ends
# after an epoch without a mistake; where it cannot, it says why.

models = {}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for name, t in tasks.items():
        models[name] = Perceptron(batch_size=1, max_iter=100, random_state=0).fit(corners, t)

for name, model in models.items():
    print(
        f"{name:4} separable: {model.separable_}, predicted {model.predict(corners)}, {model.n_iter_} epochs"
    )
print(caught[0].message)

# %%
# The boundaries, with the corners by their true class.

fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
for ax, (name, model) in zip(axes, models.items(), strict=True):
    decision_boundary(model, corners, tasks[name], ax=ax)
    ax.set(xlabel="x₁", ylabel="x₂")
    title(ax, name)
plt.show()
