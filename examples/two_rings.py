"""Two rings: a small network bends its boundary into a circle.

2000 points on rings of radius 1 and 2 with noise 0.1, standardized; a 2-32-16-2 ReLU network, softmax and
cross-entropy, He's initial weights, plain SGD at a rate of 0.01 in batches of 128, 50 epochs. Prints the score on 2000
points that were drawn separately and draws the boundary into ``two_rings.png``.
"""

import sys

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from deltaprop import Dense, Network, optimizers
from deltaprop.data import Preprocessing, load


def train(seed: int = 0):
    """The trained network, its history, and the standardized training and test points with their rings."""
    rings, fresh = load("rings", seed=seed), load("rings", seed=seed + 1_000_000)
    scaling = Preprocessing.learn(rings)
    training, test = ((scaling.transform(d.x), scaling.encode_target(d.t)) for d in (rings, fresh))
    layers = [Dense(32, init="he_normal"), "relu", Dense(16, init="he_normal"), "relu", Dense(2)]
    net = Network(layers, inputs=2, loss="softmax_cross_entropy", seed=seed)
    history = net.fit(*training, optimizer=optimizers.SGD(0.01), epochs=50, batch_size=128)
    return net, history, training, test


def draw(net: Network, history, x: np.ndarray, t: np.ndarray, path: str) -> None:
    """The loss over the epochs, and the probability of the outer ring over the plane with the points on it."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    curve, plane = figure.subplots(1, 2)
    curve.plot(history["epoch"], history["train_loss"])
    curve.set(xlabel="epoch", ylabel="training loss", title="Loss")
    side = np.linspace(-2.2, 2.2, 200, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    outer = net.predict(grid)[:, 1].reshape(200, 200)
    shade = plane.contourf(side, side, outer, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.6)
    plane.contour(side, side, outer, levels=[0.5], colors="black", linewidths=1)
    plane.scatter(x[:, 0], x[:, 1], c=np.where(t == 1, "darkred", "navy"), s=5)
    plane.set(aspect="equal", title="Probability of the second ring, and test points")
    figure.colorbar(shade, ax=plane)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    net, history, _, (x, t) = train(seed=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    draw(net, history, x, t, "two_rings.png")
    print(f"accuracy on {len(x)} test points: {net.score(x, t):.2%}; picture: two_rings.png")
