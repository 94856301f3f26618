"""The stochastic diagonal Levenberg–Marquardt method: a rate for each weight from the curvature along it."""

from ...data import load
from ...layers import Dense
from ...training import DiagonalLM
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

ARMS = {"SGD": None, "diagonal LM": DiagonalLM(mu=0.02)}
RATES = (1.0, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.0025)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    hidden = (Dense(30), "scaled_tanh", Dense(20), "scaled_tanh")
    entries = {
        arm: Entry(problem, hidden, options={"batch_size": 16, "adapt_rate": rule})
        for arm, rule in ARMS.items()
    }
    return race(setting, entries, rates=RATES)


EXPERIMENT = Experiment(
    title="Stochastic diagonal Levenberg–Marquardt",
    items=("D7", "D9"),
    source=(
        'LeCun, Bottou, Orr, Müller, Efficient BackProp, §9.1, eq. 57: "convergence is about three times faster than '
        'with a carefully tuned stochastic gradient algorithm"'
    ),
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-30-20-10, scaled tanh, softmax and cross-entropy, batches "
        "of 16; η of SGD and ε of the rates η_i = ε / (⟨∂²E/∂w_i²⟩ + μ), μ = 0.02, each the best of nine."
    ),
    claims=(
        Less("epochs", "diagonal LM", "SGD", text="Diagonal LM needs fewer epochs than SGD"),
        Less(
            "epochs",
            "diagonal LM",
            "SGD",
            by=2,
            text="Diagonal LM needs less than half of the epochs of SGD",
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
