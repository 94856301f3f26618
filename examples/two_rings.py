"""
Two rings
=========

A small network of ReLUs bends its boundary into a circle.
"""

import matplotlib.pyplot as plt

from deltaprop import Dense, Network
from deltaprop.data import Preprocessing, load
from deltaprop.optimizers import SGD
from deltaprop.plots import decision_boundary, learning_curves

# %%
# 2000 points on rings of radius 1 and 2 with noise 0.1, and as many that are drawn separately. Mean and standard
# deviation are learned from the first.

rings, fresh = load("rings", seed=0), load("rings", seed=1)
scaling = Preprocessing.learn(rings)
x, t = scaling.transform(rings.x), scaling.encode_target(rings.t)
x_test, t_test = scaling.transform(fresh.x), scaling.encode_target(fresh.t)

# %%
# A 2-32-16-2 network with He's initial weights, softmax and cross-entropy, plain SGD in batches of 128.

layers = [Dense(32, init="he_normal"), "relu", Dense(16, init="he_normal"), "relu", Dense(2)]
net = Network(layers, inputs=2, loss="softmax_cross_entropy", seed=0)
history = net.fit(x, t, optimizer=SGD(0.01), epochs=50, batch_size=128)
print(f"accuracy on {len(x_test)} other points: {net.score(x_test, t_test):.2%}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
learning_curves(history, ax=left)
decision_boundary(net, x_test, t_test, class_names=("inner ring", "outer ring"), ax=right)
right.set(xlabel="x₁", ylabel="x₂")
plt.show()
