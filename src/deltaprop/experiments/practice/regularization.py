"""Regularization on a small noisy set: L1, L2, dropout and early stopping against none."""

import numpy as np

from ...data import load
from ...functions import Penalty
from ...layers import Dense, Dropout
from ...network import Network
from ...plots import curves, figure_of
from ...training import Callback
from ..claims import Less
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

#: Penalty, dropout rate and the patience of early stopping, from a coarse search on other seeds.
ARMS = {
    "none": (Penalty(), 0.0, None),
    "L1": (Penalty(l1=0.002), 0.0, None),
    "L2": (Penalty(l2=0.02), 0.0, None),
    "dropout": (Penalty(), 0.5, None),
    "early stopping": (Penalty(), 0.0, 10),
}
SAMPLES, UNITS, NOISE, HELD_OUT = 300, 64, 0.2, 0.2


class TestLoss(Callback):
    """The mean loss of the test samples after each epoch, without the penalty."""

    def __init__(self, problem: Problem):
        self.problem, self.values = problem, []

    def on_epoch(self, run):
        self.values.append(test_loss(run.network, self.problem))


def test_loss(net: Network, problem: Problem) -> float:
    t = net.loss.rows(problem.t_test, problem.outputs, net.dtype)
    return float(net.loss.value(net.forward(problem.x_test), t).mean())


def noisy(problem: Problem, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A few training samples, of which a fifth has the target of another one."""
    rows = rng.permutation(len(problem.x))[:SAMPLES]
    x, t = problem.x[rows], problem.t[rows].copy()
    wrong = rng.random(len(t)) < NOISE
    t[wrong] = rng.permutation(t)[wrong]
    return x, t


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    passes = setting.size(150, 500)

    def run(arm, seed):
        penalty, rate, patience = arm
        x, t = noisy(problem, np.random.default_rng(seed))
        hidden = [piece for _ in range(2) for piece in (Dense(UNITS), "relu", Dropout(rate))]
        net = problem.network(*hidden, seed=seed, penalty=penalty)
        watch, options = TestLoss(problem), {"epochs": passes, "batch_size": 32}
        if patience is not None:
            options |= {"validation": HELD_OUT, "early_stopping": patience}
        history = train(net, x, t, callbacks=[watch], **options)
        # After early stopping its weights stay.
        losses = watch.values + [test_loss(net, problem)] * (passes - len(watch.values))
        return {
            "test loss": test_loss(net, problem),
            "training loss": history["train_loss"][-1],
            "losses": np.array(losses),
        }

    return measure_arms(setting, ARMS, run, seeds=setting.size(5, 20))


def draw(measured, palette):
    losses = series(measured, "losses")
    return figure_of(curves(epochs(losses), losses, "loss of the test samples", log=True, palette=palette))


EXPERIMENT = Experiment(
    title="L1, L2, dropout and early stopping",
    items=("C5",),
    source="a university course; Srivastava and others (2014); Prechelt (1998)",
    method=(
        f"{SAMPLES} digits of 8 × 8 pixels, a fifth with a wrong class; two hidden layers of {UNITS} ReLU units, Adam "
        "at 0.001, batches of 32, 150 epochs (at full size 500); L1 0.002, L2 0.02, dropout 0.5; early stopping on a "
        "fifth of the samples, patience 10."
    ),
    claims=tuple(
        Less(
            "test loss",
            arm,
            "none",
            text=f"{arm[0].upper()}{arm[1:]} gives a smaller loss on test samples than none",
        )
        for arm in ARMS
        if arm != "none"
    ),
    measure=measure,
    draw=draw,
    own_data=True,
)
