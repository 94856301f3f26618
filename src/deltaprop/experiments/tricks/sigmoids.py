"""Sigmoids that are symmetric about the origin are learned faster than the logistic function."""

from ...data import load
from ...layers import Dense
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

ARMS = {"logistic": "sigmoid", "tanh": "tanh", "1.7159 tanh(2z/3)": "scaled_tanh"}
RATES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    entries = {arm: Entry(problem, (Dense(20), name, Dense(20), name)) for arm, name in ARMS.items()}
    return race(setting, entries, rates=RATES)


EXPERIMENT = Experiment(
    title="Symmetric sigmoids and the logistic function",
    items=("D4",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.4",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-20-20-10, softmax and cross-entropy, SGD in batches of 32, "
        "each arm with the best of six rates. Initial weights: Xavier's for tanh and the logistic function, "
        "LeCun's for the scaled tanh, which suit them."
    ),
    claims=(
        Less("epochs", "tanh", "logistic", text="Tanh needs fewer epochs than the logistic function"),
        Less(
            "epochs",
            "1.7159 tanh(2z/3)",
            "logistic",
            text="The scaled tanh needs fewer epochs than the logistic function",
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
