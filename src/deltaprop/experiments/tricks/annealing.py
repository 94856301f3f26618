"""The noise of stochastic learning keeps it from the minimum; a falling rate or a growing batch removes it."""

import numpy as np

from ...data import load
from ...functions.schedules import Inverse
from ...layers import Dense
from ...optimizers import SGD
from ...training import GrowingBatchSize
from ..claims import Less
from ..drawing import curves_by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from ..problem import Problem
from ..racing import losses_after

ARMS = ("constant rate", "falling rate", "growing batch", "small rate")
BATCH, RATE = 4, 0.1


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("diabetes"))
    epochs = setting.size(40, 200)
    steps = epochs * -(-len(problem.x) // BATCH)

    def run(arm, seed):
        rates = {"falling rate": Inverse(RATE * steps / 20, steps / 20), "small rate": RATE / 20}
        sizes = {"growing batch": GrowingBatchSize(BATCH, factor=2, every=epochs // 8)}
        network = problem.network(Dense(10), "scaled_tanh", seed=seed)
        rule, size = SGD(rates.get(arm, RATE)), sizes.get(arm, BATCH)
        losses = losses_after(network, problem.x, problem.t, optimizer=rule, batch_size=size, epochs=epochs)
        return {"loss": np.mean(losses[-5:]), "early loss": losses[1], "losses": losses[1:]}

    return measure_arms(setting, ARMS, run, seeds=setting.size(6, 20))


EXPERIMENT = Experiment(
    title="Annealing, and batches that grow",
    items=("D1", "C2"),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.1",
    method=(
        "The patients of diabetes, standardized; 10-10-1, scaled tanh, squared error, SGD. A constant rate of "
        f"{RATE} in batches of {BATCH}; the rate a/(b + t), which falls from there to a twentieth; the constant "
        "rate in batches that double eight times; a constant rate of a twentieth. The loss after 40 epochs (--full: "
        "200; the mean of the last five), and after the first."
    ),
    claims=(
        Less("loss", "falling rate", "constant rate", text="With a falling rate the loss ends lower"),
        Less("loss", "growing batch", "constant rate", text="With a growing batch the loss ends lower"),
        Less(
            "early loss",
            "constant rate",
            "small rate",
            text="After the first epoch the larger constant rate is ahead of the small one",
        ),
    ),
    measure=measure,
    draw=curves_by_arm("losses", "epoch", "loss of the training samples"),
    own_data=True,
)
