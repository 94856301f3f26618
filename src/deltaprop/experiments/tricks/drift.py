"""Stochastic learning follows a function that changes; batch learning averages over its past."""

import numpy as np

from ...layers import Dense
from ...network import Network
from ...optimizers import SGD
from ..claims import Less
from ..drawing import curves_by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train

#: (learning, whether the function changes)
ARMS = {
    "stochastic": ("stochastic", True),
    "batch": ("batch", True),
    "stochastic, fixed target": ("stochastic", False),
    "batch, fixed target": ("batch", False),
}
SAMPLES, RATE = 50, 0.1


def chunk(k, chunks, changes, rng):
    """Samples of the k-th moment: the function turns once round the origin."""
    x = rng.standard_normal((SAMPLES, 2))
    angle = 2 * np.pi * k / chunks if changes else 0.0
    return x, np.tanh(2 * x @ [np.cos(angle), np.sin(angle)])[:, None]


def measure(setting: Setting) -> Measured:
    chunks = setting.size(30, 100)

    def run(arm, seed):
        learning, changes = arm
        rng = np.random.default_rng(seed)
        network = Network([Dense(10), "tanh", Dense(1)], 2, seed=seed, dtype="float64")
        data = [chunk(k, chunks, changes, rng) for k in range(chunks)]
        errors = []
        for k, (x, t) in enumerate(data):
            errors.append(2 * network.value(x, t))  # before it has seen them
            if learning == "stochastic":
                train(network, x, t, optimizer=SGD(RATE), epochs=1, batch_size=1)
            else:
                seen = [np.concatenate(each) for each in zip(*data[: k + 1], strict=True)]
                train(network, *seen, optimizer="lbfgs", epochs=20)
        return {"error": np.mean(errors[chunks // 2 :]), "errors": errors}

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 10))


EXPERIMENT = Experiment(
    title="A target that changes",
    items=("D1",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.1",
    method=(
        "t = tanh(2 u·x) of standard normal x in the plane, where u turns once round the origin in 30 "
        f"moments (--full: 100) of {SAMPLES} samples, or stands still; 2-10-1, tanh. Stochastic: one SGD step for "
        f"each new sample, rate {RATE}, no sample twice. Batch: 20 iterations of L-BFGS on all samples so far, at "
        "each moment. Mean squared error on the samples of a moment before they are learned, over the second half."
    ),
    claims=(
        Less("error", "stochastic", "batch", text="Where the target changes, stochastic learning errs less"),
        Less(
            "error",
            "batch, fixed target",
            "stochastic, fixed target",
            text="Where the target stands still, batch learning errs less",
        ),
    ),
    measure=measure,
    draw=curves_by_arm("errors", "moment", "mean squared error on new samples"),
)
