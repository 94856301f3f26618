"""Sigmoid, tanh and ReLU on the same network: convergence, and the gradients layer by layer."""

import numpy as np

from ...data import load
from ...layers import Dense
from ...optimizers import SGD
from ...plots import curves, figure_of, panels
from ..claims import Less, More
from ..drawing import series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

ARMS = {
    "sigmoid": ("sigmoid", "glorot_normal"),
    "tanh": ("tanh", "glorot_normal"),
    "ReLU": ("relu", "he_normal"),
}
DEPTH, WIDTH, EPOCHS, RATE = 4, 32, 30, 0.05


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))

    def run(arm, seed):
        activation, init = arm
        hidden = [piece for _ in range(DEPTH) for piece in (Dense(WIDTH, init=init), activation)]
        net = problem.network(*hidden, seed=seed)
        history = train(
            net, problem.x, problem.t, optimizer=SGD(RATE), epochs=setting.size(EPOCHS, 3 * EPOCHS)
        )
        norms = [history[f"gradient_norm_{layer}"][0] for layer in range(0, 2 * DEPTH + 1, 2)]
        return {
            "loss": history["train_loss"][-1],
            "first gradient / last": norms[0] / norms[-1],
            "losses": history["train_loss"],
            "norms": norms,
        }

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 10))


def draw(measured, palette):
    left, right = panels(2, 2, 4.2, 3.2, palette=palette)
    losses = series(measured, "losses")
    epochs = np.arange(1, len(losses["tanh"][0]) + 1)
    curves(epochs, losses, "training loss", log=True, ax=left, palette=palette)
    norms = series(measured, "norms")
    layers = np.arange(1, DEPTH + 2)
    curves(layers, norms, "norm of ∂E/∂w, first epoch", xlabel="layer", log=True, ax=right, palette=palette)
    right.set_xticks(layers)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="Activations on one network",
    items=("E6", "C4"),
    source="a university course",
    method=(
        f"The digits of 8 × 8 pixels; {DEPTH} hidden layers of {WIDTH} units, softmax and cross-entropy, SGD at "
        f"{RATE}, batches of 32, {EPOCHS} epochs (--full: {3 * EPOCHS}); Xavier's initial weights for sigmoid and "
        "tanh, He's for ReLU."
    ),
    claims=(
        Less("loss", "tanh", "sigmoid", text="Tanh ends with a smaller loss than the sigmoid"),
        Less("loss", "ReLU", "tanh", text="ReLU ends with a smaller loss than tanh"),
        More(
            "first gradient / last",
            "ReLU",
            "sigmoid",
            by=10,
            text="From the last layer to the first the sigmoid's gradient shrinks ten times more than ReLU's",
        ),
    ),
    measure=measure,
    draw=draw,
    own_data=True,
)
