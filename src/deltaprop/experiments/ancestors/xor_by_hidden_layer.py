"""XOR by a hidden layer: with weights set by hand, and learned from random ones."""

import numpy as np

from ...layers import Dense
from ...network import Network
from ...optimizers import Momentum
from ...plots import curves, decision_boundary, figure_of, panels, title
from ..claims import Within
from ..drawing import epochs
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms, train
from .gates import CORNERS, GATES

EPOCHS = 500
HIDDEN = np.array([[0, 0], [1, 0], [1, 0], [2, 1]])


def by_hand() -> Network:
    """y = ReLU(w · ReLU(V x + c) + b) with V = [[1, 1], [1, 1]], c = (0, −1), w = (1, −2), b = 0."""
    net = Network([Dense(2), "relu", Dense(1), "relu"], inputs=2, dtype="float64")
    net.layers[0].w, net.layers[0].b = [[1, 1], [1, 1]], [0, -1]
    net.layers[2].w, net.layers[2].b = [[1, -2]], [0]
    return net


def check(_, seed):
    net = by_hand()
    hidden = net.trace(CORNERS, GATES["XOR"]).layers[0].a
    outputs = net.predict(CORNERS).ravel()
    return {"departure": np.abs(outputs - GATES["XOR"]).max(), "of hidden": np.abs(hidden - HIDDEN).max()}


def learn(units, seed):
    net = Network([Dense(units), "tanh", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", seed=seed)
    rule = Momentum(0.1, 0.9)
    losses = train(net, CORNERS, GATES["XOR"], optimizer=rule, epochs=EPOCHS, batch_size=4)["train_loss"]
    wrong = np.count_nonzero(net.predict_labels(CORNERS) != GATES["XOR"])
    return {"solved": wrong == 0, "loss": losses[-1], "losses": losses, "network": net}


def measure(setting: Setting) -> Measured:
    arms = {f"{units} hidden unit{chr(115) * (units > 1)}": units for units in (1, 2, 4, 8)}
    learned = measure_arms(setting, arms, learn, seeds=setting.size(20, 200))
    hand = measure_arms(Setting(), {"by hand": None}, check, seeds=1)
    return combine(hand, learned)


def draw(measured, palette):
    left, middle, right = panels(3, 3, 3.4, 3.2, palette=palette)
    losses = {}
    for (arm, seed), curve in measured.details["losses"].items():
        if seed == 0:
            losses[arm] = curve
    curves(epochs(losses), losses, "training loss, first seed", log=True, ax=left, palette=palette)
    learned = measured.details["network"]["8 hidden units", 0]
    for ax, net, name in ((middle, by_hand(), "by hand"), (right, learned, "learned, 8 hidden units")):
        threshold = 0.5 if name == "by hand" else None
        decision_boundary(net, CORNERS, GATES["XOR"], threshold=threshold, ax=ax, palette=palette)
        ax.set(xlabel="x1", ylabel="x2")
        title(ax, name)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="XOR by a hidden layer",
    items=("A4",),
    source="a university course; Rumelhart, Hinton, Williams (1986)",
    method=(
        f"The four corners; 2-2-1 with ReLU and weights set by hand; and learned from random weights: tanh, sigmoid "
        f"and cross-entropy, momentum 0.9 at 0.1, {EPOCHS} steps over all four samples, 1, 2, 4 and 8 hidden units."
    ),
    claims=(
        Within("departure", "by hand", at_most=0, text="Set by hand, the outputs are exactly 0, 1, 1, 0"),
        Within("of hidden", "by hand", at_most=0, text="… and the hidden vectors (0,0), (1,0), (1,0), (2,1)"),
        Within(
            "solved",
            "8 hidden units",
            at_least=1,
            text="Eight hidden units learn XOR from any random weights",
        ),
        Within("solved", "1 hidden unit", at_most=0, text="One hidden unit never does"),
        Within("solved", "2 hidden units", at_least=1, text="Two hidden units always learn it"),
    ),
    measure=measure,
    draw=draw,
)
