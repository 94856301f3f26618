"""Showing samples of large loss more often: of use on clean data, harmful where some samples are outliers."""

from dataclasses import replace

import numpy as np

from ...data import load
from ...layers import Dense
from ...optimizers import SGD
from ...plots import curves, figure_of, panels
from ...training import Emphasizing
from ..claims import Less
from ..drawing import series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from ..problem import Problem
from ..racing import losses_after

SAMPLERS = {"shuffled": "shuffled", "emphasizing": Emphasizing(guard=None), "with guard": Emphasizing()}
SHARE, RATE, BATCH = 0.1, 0.1, 16


def with_outliers(problem, seed):
    """A tenth of the training targets replaced: by another class, or by a number five deviations away."""
    rng, t = np.random.default_rng(seed), problem.t.copy()
    rows = rng.choice(len(t), round(SHARE * len(t)), replace=False)
    if problem.loss == "squared_error":
        t[rows] += 5 * rng.choice([-1, 1], t[rows].shape)
    else:
        t[rows] = (t[rows] + rng.integers(1, problem.outputs, len(rows))) % problem.outputs
    return replace(problem, t=t)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    epochs = setting.size(15, 60)
    arms = {
        f"{name}, {data}": (sampler, data == "outliers")
        for data in ("clean", "outliers")
        for name, sampler in SAMPLERS.items()
    }

    def run(arm, seed):
        sampler, spoilt = arm
        trained = with_outliers(problem, seed) if spoilt else problem
        network = problem.network(Dense(20), "scaled_tanh", seed=seed)
        options = {"optimizer": SGD(RATE), "batch_size": BATCH, "sampler": sampler, "epochs": epochs}
        test = problem.x_test, problem.t_test
        losses = losses_after(network, trained.x, trained.t, test, **options)
        return {"test loss": np.mean(losses[-3:]), "losses": losses}

    return measure_arms(setting, arms, run, seeds=setting.size(5, 10))


def draw(measured, palette):
    axes = panels(2, 2, 4.6, 3.2, palette=palette)
    losses = series(measured, "losses")
    for ax, data in zip(axes, ("clean", "outliers"), strict=True):
        chosen = {name: losses[f"{name}, {data}"] for name in SAMPLERS}
        epochs = np.arange(len(chosen["shuffled"][0]))
        curves(epochs, chosen, f"test loss, {data}", log=True, ax=ax, palette=palette)
    return figure_of(axes[0])


EXPERIMENT = Experiment(
    title="Emphasizing samples of large loss",
    items=("D2",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.2",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-20-10, scaled tanh, softmax and cross-entropy, SGD at "
        f"{RATE} in batches of {BATCH}, 15 epochs (--full: 60). Half of each epoch is chosen in proportion to the "
        "loss; with guard, samples whose loss is beyond three quartile ranges are not. Outliers: a tenth of the "
        "training samples has another class's label. Mean loss of the clean test samples over the last three epochs."
    ),
    claims=(
        Less(
            "test loss",
            "emphasizing, clean",
            "shuffled, clean",
            text="On clean data emphasizing lowers the test loss",
        ),
        Less(
            "test loss",
            "shuffled, outliers",
            "emphasizing, outliers",
            text="With outliers emphasizing raises the test loss",
        ),
        Less(
            "test loss",
            "with guard, outliers",
            "emphasizing, outliers",
            text="With outliers the guard lowers the test loss of emphasizing",
        ),
    ),
    measure=measure,
    draw=draw,
    own_data=True,
)
