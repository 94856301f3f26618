"""Radial basis function units beside sigmoid units: local, and fast to train in the plane."""

import numpy as np

from ...data import load
from ...layers import RBF, Dense
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

UNITS = 30
ARMS = {"sigmoid units": (Dense(UNITS), "scaled_tanh"), "RBF units": (RBF(UNITS, init="kmeans"),)}
RATES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03)


def active(network, problem):
    """The share of samples at which a unit is beyond a tenth of its largest output, on average."""
    outputs = np.abs(network.trace(problem.x, problem.t).layers[-1].x)
    return np.mean(outputs > 0.1 * outputs.max(axis=0))


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("spirals"))
    entries = {arm: Entry(problem, hidden) for arm, hidden in ARMS.items()}
    raced = race(setting, entries, rates=RATES, epochs=(60, 200))
    for row, (arm, seed) in enumerate(zip(raced.table["arm"], raced.table["seed"], strict=True)):
        raced.table.loc[row, "active"] = active(entries[arm].network(seed), problem)
    return raced


EXPERIMENT = Experiment(
    title="Radial basis functions and sigmoids",
    items=("D8",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.8",
    method=(
        f"Two spirals in the plane, 2-{UNITS}-2, softmax and cross-entropy, SGD in batches of 32; scaled tanh, or "
        "Gaussian units with the centres of k-means clusters; each arm with the best of six rates. A unit is "
        "active at a sample where its output is beyond a tenth of its largest one."
    ),
    claims=(
        Less("epochs", "RBF units", "sigmoid units", text="RBF units need fewer epochs"),
        Less(
            "active",
            "RBF units",
            "sigmoid units",
            text="An RBF unit answers to a smaller part of the samples",
        ),
    ),
    measure=measure,
    draw=race_figure({"active": "share of samples at which a unit is active"}),
    own_data=True,
)
