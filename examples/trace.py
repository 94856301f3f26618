"""
The four equations with their numbers
=====================================

A trace is one forward and backward pass as data. Printed, it is the calculation line by line.
"""

import matplotlib.pyplot as plt
import numpy as np

from deltaprop import Dense, Network
from deltaprop.plots import network_diagram

# %%
# Two inputs, two sigmoid units, one output; the weights as in the worked chain of the documentation.

net = Network([Dense(2), "sigmoid", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", dtype="float64")
net.layers[0].w, net.layers[0].b = [[0.8, -0.4], [0.3, 0.6]], [0.1, -0.2]
net.layers[2].w, net.layers[2].b = [[1, -0.5]], [0.2]
x, t = np.array([[0.5, 1.0]]), np.array([1])

fig, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
network_diagram(net, ax=ax)
plt.show()

# %%
# One sample with the target 1.

trace = net.trace(x, t)
print(trace)

# %%
# Who is responsible? The chain of a single weight, link by link.

print(trace.responsibility(layer=0, i=0, j=1))

# %%
# The same number by moving the weight a little in both directions.

h, w = 1e-6, net.layers[0].w[0, 1]
net.layers[0].w[0, 1] = w + h
above = net.value(x, t)
net.layers[0].w[0, 1] = w - h
difference = (above - net.value(x, t)) / (2 * h)
print(f"backpropagation {trace.layers[0].d_w[0, 1]:.8f}, central difference {difference:.8f}")
