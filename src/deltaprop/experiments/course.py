"""The course: what the literature of backpropagation defines and claims, and where each item of it is found.

An item is a component of the package, an exhibit with exact numbers, or a claim that is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, short
from . import ancestors, equations, networks, practice, tricks
from .experiment import Experiment

SECTIONS = {
    "A": "Ancestors",
    "B": "Forward and backward",
    "C": "Training practice",
    "D": "The eight tricks of Efficient BackProp",
    "E": "Whole experiments",
}


@dataclass(frozen=True)
class Item:
    """An item of the course: its title, and the public names that are its components."""

    title: str
    names: tuple[str, ...] = ()


ITEMS: dict[str, Item] = {
    "A1": Item("Perceptron", ("Perceptron",)),
    "A2": Item("ADALINE", ("Adaline",)),
    "A3": Item("XOR by a hand-made feature", ("Adaline",)),
    "A4": Item("XOR by a hidden layer", ("Network", "Dense")),
    "B1": Item(
        "Activations",
        (
            "functions.Step",
            "functions.Sigmoid",
            "functions.Tanh",
            "functions.ScaledTanh",
            "functions.ReLU",
            "functions.LeakyReLU",
            "functions.GELU",
            "functions.Identity",
            "Softmax",
        ),
    ),
    "B2": Item(
        "Losses",
        (
            "functions.SquaredError",
            "functions.SoftmaxCrossEntropy",
            "functions.SigmoidCrossEntropy",
            "functions.Hinge",
        ),
    ),
    "B3": Item("The four equations", ("Trace", "Network.trace")),
    "B4": Item("Layer decomposition", ("Dense", "Activation", "functions.Loss")),
    "B5": Item("The responsibility chain of one weight", ("Trace.responsibility",)),
    "B6": Item("Exercises", ("exercises.pose",)),
    "C1": Item(
        "Optimizers",
        (
            "optimizers.GradientDescent",
            "optimizers.SGD",
            "optimizers.Momentum",
            "optimizers.Nesterov",
            "optimizers.AdaGrad",
            "optimizers.RMSProp",
            "optimizers.Adam",
            "optimizers.AdamW",
            "training.MomentumOnPlateau",
        ),
    ),
    "C2": Item(
        "Schedules of the learning rate",
        (
            "schedules.StepDecay",
            "schedules.Inverse",
            "schedules.Exponential",
            "schedules.Cosine",
            "schedules.Linear",
            "schedules.Warmup",
            "schedules.Triangular",
            "schedules.OneCycle",
            "training.ReduceOnPlateau",
            "training.GrowingBatchSize",
        ),
    ),
    "C3": Item("Initial weights", ("functions.initializers",)),
    "C4": Item("Vanishing gradients", ("BatchNorm", "LayerNorm", "Residual")),
    "C5": Item("Regularization", ("Penalty", "Dropout", "training.EarlyStopping")),
    "C6": Item("Pathological curvature"),
    "D1": Item("Stochastic and batch learning"),
    "D2": Item("Shuffling", ("training.samplers",)),
    "D3": Item("Inputs", ("data.Preprocessing", "data.Encoding")),
    "D4": Item("Symmetric sigmoids"),
    "D5": Item("Target values", ("functions.SquaredError", "functions.curvature_points")),
    "D6": Item("Initial weights in the linear region"),
    "D7": Item(
        "Learning rates",
        (
            "training.LargestEigenvalue",
            "training.EigenvalueRate",
            "training.DiagonalLM",
            "optimizers.DeltaBarDelta",
        ),
    ),
    "D8": Item("Radial basis functions", ("RBF",)),
    "D9": Item("Second order", ("solvers", "curvature.Hessian")),
    "E1": Item("Two rings"),
    "E2": Item("MNIST"),
    "E3": Item("Rings three ways"),
    "E4": Item("MNIST: initial weights"),
    "E5": Item("MNIST: rate policy"),
    "E6": Item("Activations on one network"),
    "E7": Item("The sweep", ("experiments.sweep",)),
}

#: Every experiment by name, in the order of the course.
EXPERIMENTS: dict[str, Experiment] = {
    **ancestors.EXPERIMENTS,
    **equations.EXPERIMENTS,
    **practice.EXPERIMENTS,
    **tricks.EXPERIMENTS,
    **networks.EXPERIMENTS,
}


def experiment(name: str) -> Experiment:
    """The experiment of that name.

    Examples
    --------
    >>> experiment("inputs").items
    ('D3',)
    """
    if name not in EXPERIMENTS:
        wanted = f"expected one of {', '.join(EXPERIMENTS)}"
        raise InputError(f"experiment: name is {short(name)}, {wanted}; see deltaprop experiment list.")
    return EXPERIMENTS[name]
