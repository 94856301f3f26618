"""MNIST: a constant learning rate, and one that is reduced on a plateau."""

import numpy as np

from ...optimizers import Momentum
from ...plots import curves, figure_of, panels
from ...training import ReduceOnPlateau
from ..claims import Less
from ..drawing import series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from . import mnist

ARMS = {
    "constant": (),
    "reduced on a plateau": (ReduceOnPlateau(factor=0.5, patience=2, min_improvement=1e-3),),
}


def measure(setting: Setting) -> Measured:
    problem = mnist.images(setting.size(6000, None))
    epochs = setting.size(20, 30)

    def run(callbacks, seed):
        net = mnist.network(problem, seed=seed)
        history = train(
            net,
            problem.x,
            problem.t,
            optimizer=Momentum(0.01, 0.9),
            epochs=epochs,
            batch_size=128,
            validation=1 / 6,
            callbacks=[callback.fresh() for callback in callbacks],
        )
        return {
            "error": 1 - net.score(problem.x_test, problem.t_test),
            "validation loss": history["validation_loss"][-1],
            "rate at the end": history["learning_rate"][-1],
            "losses": history["validation_loss"],
            "rates": history["learning_rate"],
        }

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 5))


def draw(measured, palette):
    left, right = panels(2, 2, 4.2, 3.2, palette=palette)
    for axes, name, label in ((left, "losses", "validation loss"), (right, "rates", "learning rate")):
        shown = series(measured, name)
        epochs = np.arange(1, len(next(iter(shown.values()))[0]) + 1)
        curves(epochs, shown, label, log=True, ax=axes, palette=palette)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="MNIST: rate policy",
    items=("E5", "C2"),
    source="a university course",
    method=(
        "784-256-128-10, ReLU, He's initial weights, momentum 0.9 at 0.01, batches of 128, 20 epochs of 5000 images "
        "and 1000 for validation (at full size 30 epochs of 50,000 and 10,000); constant, or halved after two epochs "
        "without an improvement of the validation loss by 0.001; error on the 10,000 test images."
    ),
    claims=(
        Less(
            "validation loss",
            "reduced on a plateau",
            "constant",
            text="Reducing on a plateau ends with a smaller validation loss",
        ),
        Less(
            "error",
            "reduced on a plateau",
            "constant",
            text="Reducing on a plateau errs less on the test images",
        ),
    ),
    measure=measure,
    draw=draw,
)
