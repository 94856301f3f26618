"""Second-order methods pay on small networks trained on all samples: the time to an error."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from ...layers import Dense
from ...network import Network
from ...optimizers import Adam, Momentum
from ...plots import curves, figure_of, logarithmic, panels
from ...solvers import LBFGS, SOLVERS, LevenbergMarquardt, Solver
from ...training import Callback
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train

#: None of the solvers ends before the error is reached.
RULES: dict[str, Any] = {
    "Levenberg–Marquardt": LevenbergMarquardt(),
    "Gauss–Newton": replace(SOLVERS["gauss_newton"], tolerance=1e-9),
    "Newton": replace(SOLVERS["newton"], tolerance=1e-9),
    "BFGS": replace(SOLVERS["bfgs"], tolerance=1e-9),
    "L-BFGS": LBFGS(decrease=0.0, tolerance=1e-9),
    "conjugate gradient": replace(SOLVERS["scg"], tolerance=1e-9),
    "Adam": Adam(0.003),
    "SGD, momentum": Momentum(0.01, 0.9),
}


def surface(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points of the square [−1, 1]², (n, 2), and sin(3 x₁) cos(2 x₂) + x₁ x₂ there, (n, 1)."""
    x = np.random.default_rng(seed).uniform(-1, 1, (samples, 2))
    return x, (np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 0] * x[:, 1])[:, None]


def tanh_network(*sizes: int, seed: int = 0) -> Network:
    """A network of that many units, inputs first, with tanh between; squared error, float64."""
    hidden = [piece for units in sizes[1:-1] for piece in (Dense(units), "tanh")]
    return Network([*hidden, Dense(sizes[-1])], sizes[0], seed=seed, dtype="float64")


class Until(Callback):
    """Ends a fit at a mean squared error, or after some seconds."""

    history_only = True

    def __init__(self, error: float, seconds: float):
        self.error, self.seconds, self.began = error, seconds, perf_counter()

    def on_epoch(self, run):
        if 2 * run.history.last["train_loss"] <= self.error:
            run.stop("the error is small enough")
        elif perf_counter() - self.began > self.seconds:
            run.stop("the time is up")


def train_until(
    network: Network, x: np.ndarray, t: np.ndarray, rule: Any, error: float, limit: float
) -> dict[str, Any]:
    """Train until an error is reached or the time is up: a solver on all samples, an optimizer on batches of 32.

    Where the error was not reached, the seconds are the limit.
    """
    batches: dict[str, Any] = {} if isinstance(rule, Solver) else {"batch_size": 32}
    until = [Until(error, limit)]
    history = train(network, x, t, optimizer=rule, epochs=1_000_000, callbacks=until, **batches)
    errors, seconds = 2 * history["train_loss"], np.cumsum(history["seconds"])
    return {
        "seconds": seconds[-1] if errors[-1] <= error else limit,
        "iterations": len(errors),
        "error": errors.min(),
        "errors": np.minimum.accumulate(errors),
        "times": seconds,
    }


def measure(setting: Setting) -> Measured:
    width, error, limit = setting.size((10, 1e-5, 0.7), (20, 1e-8, 10.0))
    x, t = surface(setting.size(500, 1000))

    def run(rule, seed):
        return train_until(tanh_network(2, width, width, 1, seed=seed), x, t, rule, error, limit)

    return measure_arms(setting, RULES, run, seeds=setting.size(3, 5))


def draw(measured, palette):
    left, right = panels(2, 2, 4.6, 4.4, palette=palette)
    errors = {arm: measured.details["errors"][arm, 0] for arm in RULES}
    times = {arm: measured.details["times"][arm, 0] for arm in RULES}
    steps = {arm: np.arange(1, len(values) + 1) for arm, values in errors.items()}
    curves(
        times, errors, "mean squared error, first seed", xlabel="seconds", log=True, ax=left, palette=palette
    )
    label = "iteration (SGD and Adam: epoch)"
    curves(steps, errors, "mean squared error, first seed", xlabel=label, log=True, ax=right, palette=palette)
    for ax in (left, right):
        logarithmic(ax.xaxis)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="Second-order methods on a small network",
    items=("D9",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §6 and 9",
    method=(
        "500 samples of sin(3 x₁) cos(2 x₂) + x₁ x₂, 2-10-10-1, tanh, until a mean squared error of 10⁻⁵ or 0.7 "
        "seconds, which count where it is not reached (at full size 1000 samples, 2-20-20-1, 10⁻⁸, ten seconds); "
        "solvers on all samples, Adam at 0.003 and momentum 0.9 at 0.01 in batches of 32; from the same initial "
        "weights."
    ),
    claims=(
        Less("seconds", "Levenberg–Marquardt", "Adam", text="Levenberg–Marquardt is faster than Adam"),
        Less("seconds", "Levenberg–Marquardt", "L-BFGS", text="… than L-BFGS"),
        Less("error", "L-BFGS", "SGD, momentum", text="L-BFGS gets further than SGD with momentum"),
        Less(
            "error",
            "Gauss–Newton",
            "conjugate gradient",
            text="Gauss–Newton gets further than conjugate gradients",
        ),
        Less(
            "error",
            "Levenberg–Marquardt",
            "Newton",
            text="Levenberg–Marquardt gets further than Newton's method",
        ),
    ),
    measure=measure,
    draw=draw,
)
