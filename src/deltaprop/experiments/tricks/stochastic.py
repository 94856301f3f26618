"""Stochastic learning is faster than batch learning: fewer epochs, and less time, to the same loss."""

from time import perf_counter

from ...data import load
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..measuring import train
from ..problem import Problem
from ..racing import Entry, race, race_figure

ARMS = {"1 sample": 1, "8 samples": 8, "64 samples": 64, "all samples": None}
RATES = (2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02)


def seconds_per_epoch(entry, seed):
    """Wall-clock time of an epoch of training alone, in a fit of five; the smallest of three."""
    times = []
    for _ in range(3):
        network, problem = entry.network(seed), entry.problem
        began = perf_counter()
        train(network, problem.x, problem.t, optimizer="sgd", epochs=5, **entry.options)
        times.append((perf_counter() - began) / 5)
    return min(times)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    entries = {arm: Entry(problem, options={"batch_size": size}) for arm, size in ARMS.items()}
    raced = race(setting, entries, rates=RATES, seeds=(3, 10))
    for row, (arm, seed) in enumerate(zip(raced.table["arm"], raced.table["seed"], strict=True)):
        raced.table.loc[row, "seconds"] = raced.table.loc[row, "epochs"] * seconds_per_epoch(
            entries[arm], seed
        )
    return raced


EXPERIMENT = Experiment(
    title="Stochastic and batch learning",
    items=("D1",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.1",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-10-10, scaled tanh, softmax and cross-entropy; gradient "
        "descent, a step for each sample, for 8, for 64, and for all of them, each arm with the best of seven "
        "rates. Seconds are the epochs times the wall-clock time of an epoch, on one thread of this machine."
    ),
    claims=(
        Less(
            "epochs",
            "1 sample",
            "all samples",
            text="A step for each sample needs fewer epochs than one for all",
        ),
        Less(
            "seconds",
            "1 sample",
            "all samples",
            text="A step for each sample needs less time than one for all",
        ),
        Less("seconds", "64 samples", "1 sample", text="Batches of 64 need less time than single samples"),
    ),
    measure=measure,
    draw=race_figure({"seconds": "seconds to a loss that all reach"}),
    own_data=True,
)
