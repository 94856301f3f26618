"""The sweep: initial weights × learning rate × momentum on two rings, and the best combination."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

import pandas as pd

from ...sweeps import SweepSpec, Trial
from ...sweeps.ranking import rank
from ..claims import Claim, Less, Verdict, outcome
from ..experiment import Experiment, Measured, Setting

#: For ``deltaprop sweep`` too.
SPEC = """\
metric = "validation_loss"
seeds = 5

[settings]
data = "rings"
layers = "32,16"
activation = "relu"
dropout = 0.0
l2 = 0.0
optimizer = "momentum"
schedule = "constant"
batch_size = 128
epochs = 50
validation = 0.25
test = 0.0

[space]
init = ["glorot_uniform", "he_normal", "orthogonal"]
learning_rate = [0.003, 0.01, 0.03, 0.1]
momentum = [0.0, 0.5, 0.9]
"""


@dataclass(frozen=True)
class Best(Claim):
    """The arm with the smallest mean is ahead of the next by more than chance explains."""

    measure: str
    text: str

    def judge(self, table):
        arms = list(dict.fromkeys(table["arm"]))
        numbers = zip(table["arm"], table["seed"], table[self.measure], strict=True)
        trials = [Trial(arms.index(arm), seed, "completed", metrics={"m": m}) for arm, seed, m in numbers]
        best, following = rank(trials, "m", maximize=False)[:2]
        half = following.behind_error * following.needed
        low, high = following.behind - half, following.behind + half
        said = f"{arms[best.combination]}: {best.mean:.3g}; next {arms[following.combination]}, {following}"
        return Verdict(self.text, outcome(low, high, 0.0), said, following.behind, low, high, 0.0)


def measure(setting: Setting) -> Measured:
    spec = SweepSpec.of(**tomllib.loads(SPEC))
    if not setting.full:
        space = spec.space | {"learning_rate": [0.01, 0.03, 0.1], "momentum": [0.0, 0.9]}
        settings = spec.settings | {"epochs": 15}
        spec = spec.model_copy(update={"space": space, "settings": settings, "seeds": 3})
    if setting.seeds:
        spec = spec.model_copy(update={"seeds": setting.seeds})
    found = spec.plan().run(setting.jobs, progress=False)
    rows = [
        {"arm": arm(found.combinations[trial.combination]), "seed": trial.seed}
        | {"validation loss": trial.metrics["validation_loss"]}
        for trial in found.trials
    ]
    return Measured(pd.DataFrame(rows), {"sweep": found})


def arm(combination):
    """Its name."""
    return "{init}, {learning_rate:g}, momentum {momentum:g}".format(**combination)


EXPERIMENT = Experiment(
    title="Initial weights × learning rate × momentum",
    items=("E7",),
    source="a university course on perceptrons and backpropagation",
    method=(
        "Two rings, 2-32-16-2, ReLU, softmax and cross-entropy, SGD with momentum in batches of 128; all combinations "
        "of initial weights, learning rate and momentum, by their loss on the validation part."
    ),
    claims=(
        Best("validation loss", "One combination is the best"),
        Less(
            "validation loss",
            "he_normal, 0.03, momentum 0.9",
            "he_normal, 0.03, momentum 0",
            text="At the same learning rate, momentum 0.9 gets further than none",
        ),
        Less(
            "validation loss",
            "he_normal, 0.03, momentum 0.9",
            "glorot_uniform, 0.03, momentum 0.9",
            text="Before ReLU, He's initial weights get further than Glorot's",
        ),
    ),
    measure=measure,
    draw=lambda measured, palette: measured.details["sweep"].figure(palette),
)
