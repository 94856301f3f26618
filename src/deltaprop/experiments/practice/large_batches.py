"""The linear scaling rule: a batch κ times larger takes a rate κ times larger, with warm-up."""

import numpy as np

from ...data import load
from ...functions import Warmup, as_schedule, scaled_by_batch
from ...layers import Dense
from ...optimizers import SGD
from ...plots import curves, figure_of, panels
from ..claims import Less
from ..drawing import epochs as epochs_of
from ..drawing import series
from ..experiment import Experiment, Measured, Setting
from ..measuring import lowest_loss, measure_arms, train
from ..problem import Problem

RATES = (1.0, 0.5, 0.25, 0.125, 0.06)
SMALL, LARGE = 8, 64
BASE, SAME, SCALED, WARM = "batch 8", "batch 64", "batch 64, 8 η", "batch 64, 8 η, warm-up"

#: What η is, as a part of the best rate with batches of 8.
BEST, LOW = "η best", "η best/8"
PARTS = {BEST: 1.0, LOW: 1 / 8}
ARMS = {f"{run} ({part})": (run, PARTS[part]) for part in PARTS for run in (BASE, SAME, SCALED, WARM)}


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("digits"))).first(setting.size(640, None))
    epochs = setting.size(15, 60)
    warm_steps = epochs // 3 * -(-len(problem.x) // LARGE)

    def losses(seed, rate, batch_size):
        network = problem.network(Dense(32), "tanh", seed=seed)
        options = {"optimizer": SGD(rate), "epochs": epochs, "batch_size": batch_size}
        return train(network, problem.x, problem.t, **options)["train_loss"]

    def arm(values, seed):
        run, part = values
        _, best, _ = lowest_loss(lambda rate: losses(seed, rate, SMALL), RATES)
        rate = part * best
        larger = scaled_by_batch(rate, LARGE, base=SMALL)
        warm = Warmup(as_schedule(larger), warm_steps, start=SMALL / LARGE)
        small = curve = losses(seed, rate, SMALL)
        if run != BASE:
            curve = losses(seed, {SAME: rate, SCALED: larger, WARM: warm}[run], LARGE)
        final = curve[-1] if len(curve) == epochs else problem.baseline
        return {"loss": final, "distance": abs(np.log(final / small[-1])), "rate": rate, "losses": curve}

    return measure_arms(setting, ARMS, arm, seeds=setting.size(3, 20))


def draw(measured, palette):
    row = panels(2, width=4.8, height=3.6, palette=palette)
    losses = series(measured, "losses")
    for ax, part in zip(row, PARTS, strict=True):
        shown = {run: losses[f"{run} ({part})"] for run in (BASE, SAME, SCALED, WARM)}
        curves(epochs_of(shown), shown, f"training loss, {part}", log=True, ax=ax, palette=palette)
    return figure_of(row[0])


def claims(part):
    same, scaled, warm = (f"{run} ({part})" for run in (SAME, SCALED, WARM))
    return (
        Less(
            "distance",
            scaled,
            same,
            difference=True,
            text=f"{part}: 8 η comes closer to batch 8 than η does",
        ),
        Less(
            "distance", warm, same, difference=True, text=f"{part}: … and so it does with 8 η after warm-up"
        ),
        Less("loss", warm, scaled, text=f"{part}: with warm-up the loss of 8 η is smaller than without"),
    )


EXPERIMENT = Experiment(
    title="Large batches and the linear scaling rule",
    items=("C2",),
    source="Goyal and others, Accurate, Large Minibatch SGD (2017), §2.1 and §2.2",
    method=(
        "640 of the digits (--full: all), 64-32-10, tanh, softmax and cross-entropy, SGD, 15 epochs (--full: 60). "
        "Batches of 8 with a rate η: the best of five, or an eighth of it, below which the gradient changes little "
        "from step to step; batches of 64 with η, with 8 η, and with a rise from η to 8 η during a third of the "
        "epochs. Distance: |log| of the quotient of the final losses to that of batch 8."
    ),
    claims=(*claims(BEST), *claims(LOW)),
    measure=measure,
    draw=draw,
    own_data=True,
)
