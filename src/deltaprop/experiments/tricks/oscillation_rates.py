"""Rates of single weights that fall where the gradient's sign oscillates and rise where it keeps."""

from ...data import load
from ...layers import Dense
from ...optimizers import SGD, DeltaBarDelta
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

ARMS = {"one rate": SGD, "delta-bar-delta": DeltaBarDelta}
RATES = (4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("breast_cancer"))
    hidden = (Dense(10), "scaled_tanh")
    entries = {arm: Entry(problem, hidden, rule, {"batch_size": None}) for arm, rule in ARMS.items()}
    return race(setting, entries, rates=RATES, epochs=(100, 500), seeds=(6, 20))


EXPERIMENT = Experiment(
    title="Rates that follow the oscillation of the weights",
    items=("D7",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.7; the rule is Jacobs's (1988)",
    method=(
        "The tumours of breast_cancer, standardized; 30-10-2, scaled tanh, softmax and cross-entropy, gradient "
        "descent on all samples; one rate for all weights, or delta-bar-delta (up by 0.1 where the sign of a "
        "weight's gradient keeps, down by 20 % where it changes), each arm with the best of nine (first) rates."
    ),
    claims=(
        Less(
            "epochs", "delta-bar-delta", "one rate", text="Delta-bar-delta needs fewer epochs than one rate"
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
