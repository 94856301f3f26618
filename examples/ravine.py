"""
A ravine
========

Gradient descent zigzags between steep walls; momentum and Adam do not, or less. An optimizer moves any vector, not only
the weights of a network.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import optimizers
from deltaprop.plots import trajectories

steep, flat = 20.0, 1.0


def value(x, y):
    return 0.5 * (flat * x**2 + steep * y**2)


def path(rule, steps=60):
    """The points of `rule` from (−4, 1), in steps along the exact gradient."""
    theta = np.array([-4.0, 1.0])
    state = rule.init(theta)
    points = [theta.copy()]
    for step in range(steps):
        rule.step(theta, theta * [flat, steep], state, step)
        points.append(theta.copy())
    return np.array(points)


# %%
# The rate of gradient descent is just below its bound, 2/20.

paths = {
    "gradient descent": path(optimizers.GradientDescent(0.095)),
    "momentum": path(optimizers.Momentum(0.03, 0.8)),
    "Adam": path(optimizers.Adam(0.3)),
}
for name, points in paths.items():
    distance = np.hypot(*points.T)
    print(f"{name:17} distance after 60 steps: {distance[-1]:.4f}")

fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
trajectories(value, paths, minimum=(0, 0), ax=ax)
plt.show()
