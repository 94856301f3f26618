"""Learning rates of single layers: by the number of inputs to a unit, and larger ones for lower layers."""

import numpy as np

from ...data import load
from ...layers import Dense
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, race, race_figure

WIDTHS = (30, 15, 8)
RATES = (3.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.025)


def by_fan_in(power):
    """Rates proportional to a power of the number of inputs; on average 1."""

    def factors(inputs):
        rates = np.array([float(inputs), *WIDTHS]) ** power
        return rates / rates.mean()

    return factors


def by_height(factor):
    """Each layer's rate so many times that of the layer above; on average 1."""

    def factors(inputs):
        rates = factor ** np.arange(len(WIDTHS), -1.0, -1.0)
        return rates / rates.mean()

    return factors


ARMS = {
    "one rate": by_fan_in(0),
    "∝ √fan-in": by_fan_in(0.5),
    "∝ 1/√fan-in": by_fan_in(-0.5),
    "lower layers larger": by_height(2.0),
    "lower layers smaller": by_height(0.5),
}


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    hidden = tuple(piece for width in WIDTHS for piece in (Dense(width), "scaled_tanh"))
    entries = {}
    for arm, factors in ARMS.items():
        rates = {2 * k: float(rate) for k, rate in enumerate(factors(problem.inputs))}
        entries[arm] = Entry(problem, hidden, options={"batch_size": 32, "rate_factors": rates})
    return race(setting, entries, rates=RATES)


EXPERIMENT = Experiment(
    title="Learning rates of single layers",
    items=("D7",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.7",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-30-15-8-10, scaled tanh, softmax and cross-entropy, SGD in "
        "batches of 32. The rates of the layers, 1 on average, are multiplied by the best of seven; lower layers "
        "larger: each twice the rate of the layer above."
    ),
    claims=(
        Less(
            "epochs",
            "∝ √fan-in",
            "one rate",
            text="Rates in proportion to √fan-in need fewer epochs than one rate for all",
        ),
        Less(
            "epochs",
            "lower layers larger",
            "one rate",
            text="Larger rates in lower layers need fewer epochs than one rate for all",
        ),
        Less(
            "epochs",
            "lower layers larger",
            "lower layers smaller",
            text="Larger rates in lower layers need fewer epochs than smaller ones there",
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
