"""Radial basis functions beside sigmoid units: faster to train where they are local, worse in many dimensions."""

import numpy as np

from ...layers import RBF, Dense
from ...network import Network
from ...optimizers import Adam
from ...plots import curves, figure_of
from ..claims import Less, More
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import epochs_to, measure_arms, train

UNITS = 40
DIMENSIONS = (2, 10)
ARMS = {f"{kind}, {d} inputs": (kind, d) for d in DIMENSIONS for kind in ("RBF", "sigmoid")}


def bumps(samples: int, dimensions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A smooth function of standard normal inputs that varies in every direction: Σ sin(2 x_j) / √d."""
    x = np.random.default_rng(seed).standard_normal((samples, dimensions))
    return x, np.sin(2 * x).sum(axis=1, keepdims=True) / np.sqrt(dimensions)


def network(kind: str, dimensions: int, x: np.ndarray, seed: int) -> Network:
    """Units of that kind under a linear one; centres by k-means."""
    hidden = [RBF(UNITS, init="kmeans")] if kind == "RBF" else [Dense(UNITS), "sigmoid"]
    net = Network([*hidden, Dense(1)], dimensions, seed=seed, dtype="float64")
    net.initialize_from_data(x)
    return net


def measure(setting: Setting) -> Measured:
    samples, passes = setting.size((1000, 60), (5000, 200))

    def run(arm, seed):
        kind, dimensions = arm
        x, t = bumps(2 * samples, dimensions, seed)
        net = network(kind, dimensions, x[:samples], seed)
        test = (x[samples:], t[samples:])
        history = train(net, x[:samples], t[:samples], optimizer=Adam(0.01), epochs=passes, validation=test)
        losses = history["validation_loss"]
        variance = 0.5 * float(np.var(t[samples:]))
        return {
            "epochs to half the variance": epochs_to(losses, 0.5 * variance),
            "unexplained variance": losses[-1] / variance,
            "losses": losses / variance,
        }

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 10))


def draw(measured, palette):
    losses, label = series(measured, "losses"), "unexplained variance of test samples"
    return figure_of(curves(epochs(losses), losses, label, log=True, palette=palette))


EXPERIMENT = Experiment(
    title="Radial basis functions and sigmoids",
    items=("D8",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.8",
    method=(
        f"1000 standard normal inputs of 2 and of 10 dimensions, target Σ sin(2 x_j)/√d, as many for the test; "
        f"{UNITS} RBF units, centres by k-means, or {UNITS} sigmoid units under a linear one; Adam at 0.01, batches "
        "of 32, 60 epochs (at full size 5000 samples, 200 epochs)."
    ),
    claims=(
        Less(
            "epochs to half the variance",
            "RBF, 2 inputs",
            "sigmoid, 2 inputs",
            text="With two inputs RBF units are trained faster",
        ),
        More(
            "unexplained variance",
            "RBF, 10 inputs",
            "sigmoid, 10 inputs",
            text="With ten inputs they are worse than sigmoids",
        ),
    ),
    measure=measure,
    draw=draw,
)
