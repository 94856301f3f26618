"""Initial weights that keep the units in their linear region, neither saturated nor starved."""

import numpy as np

from ...data import load
from ...functions.initializers import Normal
from ...layers import Dense
from ..claims import Less, More
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

ARMS = {"too small": 0.02, "1/√m": 1.0, "too large": 20.0}  # σ √m
WIDTH = 20
RATES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)


def hidden(factor, inputs):
    layers = ((Dense(WIDTH, init=Normal(factor / np.sqrt(m))), "scaled_tanh") for m in (inputs, WIDTH))
    return tuple(piece for pair in layers for piece in pair)


def saturated(network, problem):
    """The share of hidden outputs where |f′| is less than a tenth of its largest value."""
    slopes = [layer.f_prime for layer in network.trace(problem.x, problem.t).layers]
    slopes = np.concatenate([np.ravel(each) for each in slopes if each is not None])
    return np.mean(slopes < 0.1 * 1.7159 * 2 / 3)


def first_gradient(network, problem):
    """‖∂E/∂w‖ of the first layer."""
    gradient = network.gradient(problem.x, problem.t)[1]
    return np.linalg.norm(network.views(gradient)[0].w)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    entries = {arm: Entry(problem, hidden(factor, problem.inputs)) for arm, factor in ARMS.items()}
    raced = race(setting, entries, rates=RATES)
    for row, (arm, seed) in enumerate(zip(raced.table["arm"], raced.table["seed"], strict=True)):
        network = entries[arm].network(seed)
        raced.table.loc[row, "saturated"] = saturated(network, problem)
        raced.table.loc[row, "first gradient"] = first_gradient(network, problem)
    return raced


EXPERIMENT = Experiment(
    title="Initial weights: too small, right, too large",
    items=("D6",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.6, eq. 16",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-20-20-10, scaled tanh, softmax and cross-entropy, SGD in "
        "batches of 32, each arm with the best of seven rates. Weights of the hidden layers N(0, σ²), m inputs: σ "
        "= 0.02/√m, 1/√m and 20/√m. Before training: the share of hidden outputs where f′ is below a tenth of its "
        "largest value, and the gradient of the first layer."
    ),
    claims=(
        Less("epochs", "1/√m", "too large", text="Right weights need fewer epochs than too large ones"),
        Less("epochs", "1/√m", "too small", text="Right weights need fewer epochs than too small ones"),
        More(
            "saturated",
            "too large",
            "1/√m",
            by=0.2,
            difference=True,
            text="Too large weights saturate a fifth of the units more than right ones",
        ),
        Less(
            "first gradient",
            "too small",
            "1/√m",
            by=10,
            text="Too small weights leave the first layer less than a tenth of the gradient",
        ),
    ),
    measure=measure,
    draw=race_figure({"first gradient": "‖∂E/∂w‖ of the first layer, at the start"}),
    own_data=True,
)
