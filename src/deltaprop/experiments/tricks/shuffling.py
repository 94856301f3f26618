"""The order of the samples: sorted, fixed, shuffled, of different classes in turn, stratified, easy ones first."""

from dataclasses import replace

import numpy as np

from ...data import load
from ...errors import InputError
from ...layers import Dense
from ...training import Curriculum
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..measuring import train
from ..problem import Problem
from ..racing import Entry, epochs_of, race, race_figure

RATES = (0.5, 0.25, 0.1, 0.05, 0.01)
BATCH = 8
PAIRS = (
    ("fixed", "shuffled"),
    ("shuffled", "alternating"),
    ("shuffled", "stratified"),
    ("shuffled", "curriculum"),
)


def difficulty(problem):
    """The loss of each sample under a linear classifier."""
    network = problem.network()
    train(network, problem.x, problem.t, epochs=10)
    return -np.log(network.predict(problem.x)[np.arange(len(problem.t)), problem.t])


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))
    if problem.loss == "squared_error":
        raise InputError("shuffling: the target is a number, expected classes; choose another target.")
    by_class = np.argsort(problem.t, kind="stable")
    sorted_problem = replace(problem, x=problem.x[by_class], t=problem.t[by_class])
    samplers = {
        "fixed": "fixed",
        "shuffled": "shuffled",
        "alternating": "alternating",
        "stratified": "stratified",
        "curriculum": Curriculum(difficulty(problem), start=0.3, epochs=4),
    }
    hidden = (Dense(20), "scaled_tanh")
    entries = {
        "sorted by class": Entry(sorted_problem, hidden, options={"batch_size": BATCH, "sampler": "fixed"})
    }
    for arm, sampler in samplers.items():
        entries[arm] = Entry(problem, hidden, options={"batch_size": BATCH, "sampler": sampler})
    return race(setting, entries, rates=RATES, pairs=PAIRS)


EXPERIMENT = Experiment(
    title="The order of the samples",
    items=("D2",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.2; for the curriculum Bengio and others (2009)",
    method=(
        "The digits of 8 × 8 pixels, standardized; 64-20-10, scaled tanh, softmax and cross-entropy, SGD in "
        f"batches of {BATCH}, each arm with the best of five rates. Sorted by class and fixed: the same order in "
        "every epoch; the others draw a new one. Curriculum: the easiest 30 % by a linear classifier's loss "
        "first, all from the fifth epoch on. Epochs to a loss that all arms reach, and to one that two reach."
    ),
    claims=(
        Less(
            "epochs",
            "fixed",
            "sorted by class",
            text="A mixed order needs fewer epochs than one sorted by class",
        ),
        *(
            Less(
                epochs_of(pair),
                better,
                other,
                text=f"{better.capitalize()} samples need fewer epochs than {other} ones",
            )
            for pair, better, other in (
                (PAIRS[0], "shuffled", "fixed"),
                (PAIRS[1], "alternating", "shuffled"),
                (PAIRS[2], "stratified", "shuffled"),
            )
        ),
        Less(
            epochs_of(PAIRS[3]),
            "curriculum",
            "shuffled",
            text="A curriculum needs fewer epochs than shuffled samples",
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
