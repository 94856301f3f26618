"""MNIST: a network of two hidden layers reads handwritten digits."""

import numpy as np
from sklearn.metrics import confusion_matrix as confusions

from ...data import load, subset
from ...data.mnist import at_hand
from ...errors import InputError
from ...functions.schedules import Linear
from ...layers import Dense
from ...optimizers import Adam
from ...plots import confusion_matrix, curves, figure_of, panels, title
from ..claims import Within
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

EPOCHS, BATCH = 8, 128
CONSTANT, FALLING = "constant rate", "falling rate"


def images(samples=None) -> Problem:
    """All training images, or a stratified part of them; pixels (x − 0.1307)/0.3081. The 10,000 test images."""
    if not at_hand():
        raise InputError(
            "mnist: the images are neither in $DELTAPROP_DATA nor in scikit-learn's cache, expected them at hand; set "
            "the variable, or download them once by deltaprop train mnist."
        )
    data = load("mnist")
    return Problem.of(data if samples is None else subset(data, samples, seed=0), dtype=np.float32)


def network(problem, activation="relu", init="he_normal", last="glorot_uniform", seed=0):
    """784-256-128-10 with these initial weights in the hidden layers and in the last one."""
    layers = [piece for units in (256, 128) for piece in (Dense(units, init=init), activation)]
    return problem.network(*layers, seed=seed, dtype="float32", last=last)


def measure(setting: Setting) -> Measured:
    problem = images()

    def run(rate, seed):
        net = network(problem, seed=seed)
        test, options = (problem.x_test, problem.t_test), {"epochs": EPOCHS, "batch_size": BATCH}
        history = train(net, problem.x, problem.t, optimizer=Adam(rate), validation=test, **options)
        return {
            "accuracy": history["validation_score"][-1],
            "accuracies": history["validation_score"],
            "confusions": confusions(problem.t_test, net.predict_labels(problem.x_test)),
        }

    rates = {CONSTANT: 1e-3, FALLING: Linear(1e-3, 0.0, steps=EPOCHS * -(-len(problem.x) // BATCH))}
    return measure_arms(setting, rates, run, seeds=setting.size(1, 5))


def draw(measured, palette):
    left, right = panels(2, 2, 4.2, 4.0, palette=palette)
    accuracies = series(measured, "accuracies")
    curves(
        epochs(accuracies), accuracies, "accuracy on the test images", percent=True, ax=left, palette=palette
    )
    confusion_matrix(measured.details["confusions"][FALLING, 0], range(10), ax=right, palette=palette)
    title(right, "falling rate, first seed")
    return figure_of(left)


EXPERIMENT = Experiment(
    title="MNIST",
    items=("E2",),
    source="a university course: 97 to 98 % and above, 97.97 % seen with PyTorch",
    method=(
        "60,000 images for training, 10,000 for the test, pixels (x − 0.1307)/0.3081; 784-256-128-10, ReLU, softmax "
        "and cross-entropy, He's initial weights, Glorot's at the output, Adam in batches of 128, 8 epochs; the rate "
        "0.001, or falling from there to 0 in a straight line."
    ),
    claims=(
        Within("accuracy", CONSTANT, at_least=0.97, text="At least 97 % of the test images are read"),
        Within(
            "accuracy", FALLING, at_least=0.978, text="At least 97.8 % are read where the rate falls to 0"
        ),
    ),
    measure=measure,
    draw=draw,
)
