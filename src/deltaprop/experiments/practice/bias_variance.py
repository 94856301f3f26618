"""Bias and variance over training time, on resampled training sets; a small noisy set is over-fitted."""

import numpy as np

from ...layers import Dense
from ...network import Network
from ...plots import curves, figure_of, logarithmic
from ...solvers import LBFGS
from ...training import Callback
from ..claims import Less, More
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train

SAMPLES, NOISE, UNITS = 20, 0.3, 20
TIMES = np.unique(np.geomspace(1, 200, 30).astype(int))
EARLY, MIDDLE, LATE = "after 2 iterations", "after 20 iterations", "after 200 iterations"
PLACES = {EARLY: 1, MIDDLE: int(np.searchsorted(TIMES, 20)), LATE: len(TIMES) - 1}
GRID = np.linspace(-0.9, 0.9, 91)[:, None]


def function(x):
    return np.sin(np.pi * x)


class Predictions(Callback):
    """The predictions on the grid after the iterations of `TIMES`."""

    def __init__(self):
        self.values = []

    def on_epoch(self, run):
        if run.epoch in TIMES:
            self.values.append(run.network.predict(GRID).ravel())


def predictions(seed: int) -> np.ndarray:
    """Of a network trained on a training set of its own: (times, grid)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (SAMPLES, 1))
    t = function(x) + NOISE * rng.standard_normal(x.shape)
    net = Network([Dense(UNITS), "tanh", Dense(1)], inputs=1, seed=seed, dtype="float64")
    watch = Predictions()
    rule = LBFGS(decrease=0.0, tolerance=0.0)
    train(net, x, t, epochs=int(TIMES[-1]), callbacks=[watch], optimizer=rule)
    ended = [watch.values[-1]] * (len(TIMES) - len(watch.values))  # at a minimum
    return np.array(watch.values + ended)


def measure(setting: Setting) -> Measured:
    sets = setting.size(8, 30)

    def group(_, seed):
        """Squared bias and variance over so many training sets, at each of the times."""
        found = np.array([predictions(1000 * seed + k) for k in range(sets)])
        variance = found.var(axis=0, ddof=1).mean(axis=1)
        distance = np.square(found.mean(axis=0) - function(GRID).ravel()).mean(axis=1)
        return {
            "bias": distance - variance / sets,
            "variance": variance,
        }  # the mean of few networks varies too

    groups = measure_arms(setting, {"all": None}, group, seeds=setting.size(4, 10))
    bias, variance = groups.details["bias"], groups.details["variance"]

    def at(arm, seed):
        k = PLACES[arm]
        b, v = float(bias["all", seed][k]), float(variance["all", seed][k])
        return {"bias²": b, "variance": v, "error": b + v}

    table = measure_arms(Setting(seeds=setting.seeds), list(PLACES), at, seeds=setting.size(4, 10)).table
    return Measured(table, groups.details)


def draw(measured, palette):
    bias, variance = (np.array(list(measured.details[name].values())) for name in ("bias", "variance"))
    shown = {"bias²": np.maximum(bias, 1e-5), "variance": variance, "their sum": bias + variance}
    ax = curves(
        TIMES,
        shown,
        "bias², variance (floor 10⁻⁵)",
        xlabel="iteration",
        log=True,
        palette=palette,
    )
    logarithmic(ax.xaxis)
    return figure_of(ax)


EXPERIMENT = Experiment(
    title="Bias and variance over training time",
    items=("C5",),
    source="a university course; Geman, Bienenstock, Doursat (1992)",
    method=(
        f"sin(πx) with noise {NOISE}, {SAMPLES} samples, 8 training sets a run (at full size 30); 1-{UNITS}-1, tanh, "
        "L-BFGS; squared bias and variance of the predictions, averaged over [−0.9, 0.9]."
    ),
    claims=(
        Less("bias²", MIDDLE, EARLY, difference=True, text="The bias falls as training goes on"),
        More("variance", LATE, MIDDLE, text="The variance rises"),
        More("error", LATE, MIDDLE, text="Their sum rises in the end: the small set is over-fitted"),
    ),
    measure=measure,
    draw=draw,
)
