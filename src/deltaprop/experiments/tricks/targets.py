"""Targets at the point of largest second derivative, or at the asymptotes of the output units."""

import numpy as np

from ...data import load
from ...errors import InputError
from ...layers import Activation, Dense
from ...network import Network
from ...optimizers import SGD
from ..claims import Less, More
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

#: Output unit, learning rates to choose from, targets of the other classes and of a sample's own.
ARMS = {
    "scaled tanh, ±1": ("scaled_tanh", (0.3, 0.1, 0.03, 0.01, 0.003), -1.0, 1.0),
    "scaled tanh, ±1.7159": ("scaled_tanh", (0.3, 0.1, 0.03, 0.01, 0.003), -1.7159, 1.7159),
    "logistic, 0.1 and 0.9": ("sigmoid", (10.0, 3.0, 1.0, 0.3, 0.1), 0.1, 0.9),
    "logistic, 0 and 1": ("sigmoid", (10.0, 3.0, 1.0, 0.3, 0.1), 0.0, 1.0),
}


def outcome(network, problem):
    """Norm of the output weights, saturated outputs, errors on training and test samples."""
    outputs = network.trace(problem.x, problem.targets).layers[-1]
    slope = outputs.layer.function.df(np.zeros(1), outputs.layer.function.f(np.zeros(1)))
    return {
        "output weights": np.linalg.norm(network.layers[2].w),
        "saturated": np.mean(outputs.f_prime < 0.1 * slope),
        "training error": np.mean(network.predict(problem.x).argmax(axis=1) != problem.t),
        "test error": np.mean(network.predict(problem.x_test).argmax(axis=1) != problem.t_test),
    }


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    if problem.loss == "squared_error":
        raise InputError("targets: the target is a number, expected classes; choose another target.")
    epochs = setting.size(25, 200)

    def run(arm, seed):
        function, rates, off, on = arm
        found = []
        for rate in rates:
            layers = [Dense(20), "scaled_tanh", Dense(problem.outputs), Activation(function)]
            network = Network(layers, problem.inputs, seed=seed, dtype="float64")
            t = off + (on - off) * problem.targets
            train(network, problem.x, t, optimizer=SGD(rate), epochs=epochs, batch_size=16)
            found.append({**outcome(network, problem), "rate": rate})
        return min(found, key=lambda each: each["training error"])

    return measure_arms(setting, ARMS, run, seeds=setting.size(4, 10))


def _claims():
    for inside, asymptotes in (list(ARMS)[:2], list(ARMS)[2:]):
        unit = inside.split(",")[0]
        pair = asymptotes, inside
        yield More(
            "output weights", *pair, text=f"{unit}: targets at the asymptotes make the output weights larger"
        )
        yield More(
            "saturated",
            *pair,
            difference=True,
            text=f"{unit}: targets at the asymptotes saturate more of the outputs",
        )
        yield Less(
            "test error",
            inside,
            asymptotes,
            difference=True,
            text=f"{unit}: targets inside err less on the test",
        )


EXPERIMENT = Experiment(
    title="Target values",
    items=("D5",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.5",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-20-10, scaled tanh and an output unit for each digit, ½ "
        "squared error, SGD in batches of 16, 25 epochs (--full: 200), each arm with the one of five rates that "
        "leaves the fewest training errors. Targets of the scaled tanh: ±1, near its largest second derivative, or "
        "its asymptotes; of the logistic function: 0.1 and 0.9, or 0 and 1. Norm of the output weights; share of "
        "outputs where f′ is below a tenth of its largest value; share of wrong classes."
    ),
    claims=tuple(_claims()),
    measure=measure,
    draw=by_arm(
        {
            "output weights": "norm of the output weights",
            "saturated": "share of saturated outputs",
            "test error": "share of errors on test samples",
        },
        log=False,
    ),
    own_data=True,
)
