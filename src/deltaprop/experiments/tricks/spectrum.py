"""Eigenvalues of the Hessian of a multilayer network: few large, many small; those of lower layers are smaller."""

import numpy as np

from ...curvature import Hessian
from ...data import load
from ...plots import curves, figure_of, panels
from ..claims import Less, Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms, train
from .second_order import tanh_network

STATES = ("initial weights", "trained")
HIDDEN = 3


def small_digits(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits of 4 × 4 pixels, standardized, (n, 16), and their classes one-hot, (n, 10)."""
    digits = load("digits")
    pixels = np.asarray(digits.x, float)[:samples].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    x = (pixels - pixels.mean(axis=0)) / (pixels.std(axis=0) + 0.1)
    return x, np.eye(10)[np.asarray(digits.codes)[:samples]]


def eigenvalues(hessian) -> np.ndarray:
    """The largest first."""
    return np.linalg.eigvalsh(hessian.dense())[::-1]


def measure(setting: Setting) -> Measured:
    width, samples, epochs = setting.size((8, 300, 50), (10, 500, 50))
    x, t = small_digits(samples)

    def network(state, seed):
        net = tanh_network(16, *[width] * HIDDEN, 10, seed=seed)
        if state == "trained":
            train(net, x, t, optimizer="lbfgs", epochs=epochs)
        return net

    def whole(state, seed):
        values = eigenvalues(Hessian(network(state, seed), x, t))
        return {
            "largest / median |λ|": values[0] / np.median(np.abs(values)),
            "share above a tenth of the largest": np.mean(values > values[0] / 10),
            "share negative": np.mean(values < -1e-6 * values[0]),
            "spectrum": values,
        }

    def layer(arm, seed):
        state, k = arm
        net = network(state, seed)
        values = eigenvalues(Hessian(net, x, t).block(2 * k))
        return {"largest λ": values[0], "mean λ": values.mean()}

    blocks = {f"layer {k + 1}, {state}": (state, k) for state in STATES for k in range(HIDDEN + 1)}
    seeds = setting.size(5, 10)
    states = {state: state for state in STATES}
    return combine(measure_arms(setting, states, whole, seeds), measure_arms(setting, blocks, layer, seeds))


def draw(measured, palette):
    left, right = panels(2, 2, 4.4, 3.4, palette=palette)
    spectra = {state: measured.details["spectrum"][state, 0] for state in STATES}
    shown = {state: np.where(values > 1e-6 * values[0], values, np.nan) for state, values in spectra.items()}
    ranks = np.arange(1, len(shown["trained"]) + 1)
    curves(ranks, shown, "eigenvalues > 0, first seed", xlabel="rank", log=True, ax=left, palette=palette)
    means = measured.table.groupby("arm")[["largest λ", "mean λ"]].mean()
    layers = np.arange(1, HIDDEN + 2)
    by_layer = {
        f"{measure}, {state}": means.loc[[f"layer {k}, {state}" for k in layers], measure].to_numpy()
        for state in STATES
        for measure in ("largest λ", "mean λ")
    }
    curves(layers, by_layer, "eigenvalue of the block", xlabel="layer", log=True, ax=right, palette=palette)
    right.set_xticks(layers)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="The spectrum of the Hessian",
    items=("D9", "D7"),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §7 and 8",
    method=(
        "300 digits of 4 × 4 pixels, 16-8-8-8-10, tanh, squared error (at full size 500 digits, 10 units a "
        "layer); the Hessian with initial weights and after 50 iterations of L-BFGS, as a whole and layer by "
        "layer."
    ),
    claims=(
        Within(
            "share above a tenth of the largest",
            "trained",
            at_most=0.1,
            text="At most a tenth of the eigenvalues is above a tenth of the largest",
        ),
        Within(
            "largest / median |λ|", "trained", at_least=100, text="The largest is over 100 times the median"
        ),
        Less(
            "mean λ",
            "layer 1, initial weights",
            f"layer {HIDDEN + 1}, initial weights",
            difference=True,
            text="With initial weights those of the first layer are smaller than those of the last",
        ),
        Less(
            "mean λ",
            "layer 1, trained",
            f"layer {HIDDEN + 1}, trained",
            difference=True,
            text="… and after training",
        ),
    ),
    measure=measure,
    draw=draw,
)
