"""Losses: their deltas are their derivatives, and softmax does not change when its inputs are shifted."""

import numpy as np

from ...functions import Hinge, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError, softmax
from ...plots import curves, figure_of
from ..claims import Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms

LOSSES = {
    "squared error": (SquaredError(), np.eye(3)),
    "softmax + cross-entropy": (SoftmaxCrossEntropy(), np.eye(3)),
    "sigmoid + cross-entropy": (SigmoidCrossEntropy(), np.eye(3)),
    "hinge": (Hinge(), 2 * np.eye(3) - 1),
}


def delta(arm, seed):
    """The largest difference of delta = ∂e/∂z from a central difference."""
    loss, targets = arm
    z, h = np.random.default_rng(seed).normal(size=(3, 3)), 1e-6
    exact, differences = loss.delta(z, targets), np.empty((3, 3))
    for j in range(3):
        step = h * np.eye(3)[j]
        differences[:, j] = (loss.value(z + step, targets) - loss.value(z - step, targets)) / (2 * h)
    return {"departure": np.abs(exact - differences).max()}


def shifted(_, seed):
    """Softmax of z and of z + 1000: the difference, and whether e^z overflows without the shift."""
    z = np.random.default_rng(seed).normal(size=(100, 10))
    with np.errstate(over="ignore", invalid="ignore"):
        naive = np.exp(z + 1000) / np.exp(z + 1000).sum(axis=1, keepdims=True)
    return {
        "departure": np.abs(softmax(z + 1000) - softmax(z)).max(),
        "naive is finite": np.isfinite(naive).any(),
    }


def measure(setting: Setting) -> Measured:
    seeds = setting.size(10, 100)
    deltas = measure_arms(setting, LOSSES, delta, seeds)
    shift = measure_arms(setting, {"softmax, shifted by 1000": None}, shifted, seeds)
    return combine(deltas, shift)


def draw(measured, palette):
    """Each loss over z where the target is 1."""
    z = np.linspace(-4, 4, 401)
    one = np.ones((len(z), 1))
    values = {
        "½ (z − 1)²": SquaredError().value(z[:, None], one),
        "sigmoid + cross-entropy": SigmoidCrossEntropy().value(z[:, None], one),
        "hinge": Hinge().value(z[:, None], one),
    }
    axes = curves(z, values, "e, target 1", xlabel="z", palette=palette)
    axes.set_ylim(0, 5)
    return figure_of(axes)


EXPERIMENT = Experiment(
    title="Losses",
    items=("B2",),
    source="a university course; LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.5",
    method="Random z of three outputs; central differences of step 10⁻⁶; softmax in double precision.",
    claims=(
        *(
            Within("departure", name, at_most=1e-7, text=f"The delta of {name} is its derivative")
            for name in LOSSES
        ),
        Within(
            "departure",
            "softmax, shifted by 1000",
            at_most=1e-12,
            text="Softmax is the same after a shift of all z by 1000",
        ),
        Within(
            "naive is finite",
            "softmax, shifted by 1000",
            at_most=0,
            text="… where the quotient of exponentials has overflowed",
        ),
    ),
    measure=measure,
    draw=draw,
)
