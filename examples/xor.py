"""XOR by a hidden layer: set by hand, taken apart by a trace, and learned from random weights."""

import numpy as np

from deltaprop import Dense, Network, optimizers

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([0, 1, 1, 0])


def by_hand() -> Network:
    """y = w · ReLU(V x + c): two units that fold the square so that one line separates it."""
    net = Network([Dense(2), "relu", Dense(1), "relu"], inputs=2, dtype="float64")
    net.layers[0].w, net.layers[0].b = [[1, 1], [1, 1]], [0, -1]
    net.layers[2].w, net.layers[2].b = [[1, -2]], [0]
    return net


def learned(seed: int = 0) -> Network:
    """The same task from random weights, with a few units to spare."""
    net = Network([Dense(8), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", seed=seed)
    net.fit(X, T, optimizer=optimizers.Momentum(0.1, 0.9), epochs=300, batch_size=4)
    return net


if __name__ == "__main__":
    net = by_hand()
    print("by hand:", net.predict(X).ravel(), " hidden:", net.trace(X, T).layers[0].a.tolist())
    print("\nBackpropagation of a wrong target, (1, 0) → 0:\n")
    trace = net.trace(X[2:3], [0])
    print(trace)
    print()
    print(trace.responsibility(layer=0, i=0, j=0))
    print("\nlearned:", learned().predict(X).ravel().round(3))
