"""Radial basis function units lose to sigmoid units where there are many inputs."""

import numpy as np

from ...layers import RBF, Dense
from ...network import Network
from ...optimizers import Adam
from ..claims import Less
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train

UNITS, DIMENSIONS = 40, (2, 12)
LAYERS = {"sigmoid units": (Dense(UNITS), "tanh"), "RBF units": (RBF(UNITS, init="kmeans"),)}
ARMS = {f"{name}, {d} inputs": (hidden, d) for d in DIMENSIONS for name, hidden in LAYERS.items()}
RATES = (0.1, 0.03, 0.01)


def samples(d, count, rng):
    """Uniform in [−1, 1]^d, and the sum of sin(π x_j), of variance 1."""
    x = rng.uniform(-1, 1, (count, d))
    return np.sqrt(3) * x, np.sqrt(2 / d) * np.sin(np.pi * x).sum(axis=1)[:, None]


def measure(setting: Setting) -> Measured:
    count, epochs = setting.size(500, 2000), setting.size(60, 200)

    def run(arm, seed):
        hidden, d = arm
        rng = np.random.default_rng(seed)
        (x, t), test = samples(d, count, rng), samples(d, 1000, rng)
        errors = []
        for rate in RATES:
            network = Network([*hidden, Dense(1)], d, seed=seed, dtype="float64")
            network.initialize_from_data(x)
            train(network, x, t, optimizer=Adam(rate), epochs=epochs)
            errors.append(2 * network.value(*test))
        return {"test error": min(errors)}

    return measure_arms(setting, ARMS, run, seeds=setting.size(6, 20))


EXPERIMENT = Experiment(
    title="Radial basis functions in many dimensions",
    items=("D8",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.8",
    method=(
        f"Σ sin(π x_j) of 2 and of 12 uniform inputs, scaled to variance 1; 500 samples (--full: 2000); {UNITS} "
        "units, tanh or Gaussian with the centres of k-means clusters; squared error, Adam in batches of 32, 60 "
        "epochs (--full: 200), the best of three rates. Mean squared error on 1000 other samples."
    ),
    claims=(
        Less(
            "test error",
            "RBF units, 2 inputs",
            "sigmoid units, 2 inputs",
            text="Of 2 inputs RBF units err less",
        ),
        Less(
            "test error",
            "sigmoid units, 12 inputs",
            "RBF units, 12 inputs",
            text="Of 12 inputs sigmoid units err less",
        ),
    ),
    measure=measure,
    draw=by_arm({"test error": "mean squared error, test samples"}),
)
