"""Momentum speeds up learning, on the full batch more than on small ones."""

from ...data import load
from ...layers import Dense
from ...optimizers import SGD, Momentum
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, epochs_of, race, race_figure

ARMS = {
    "batch": (SGD, None),
    "batch, momentum": (Momentum, None),
    "stochastic": (SGD, 16),
    "stochastic, momentum": (Momentum, 16),
}
PAIRS = (("batch", "batch, momentum"), ("stochastic", "stochastic, momentum"))
RATES = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01)


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("breast_cancer"))
    entries = {
        arm: Entry(problem, (Dense(10), "scaled_tanh"), rule, {"batch_size": size})
        for arm, (rule, size) in ARMS.items()
    }
    raced = race(setting, entries, rates=RATES, pairs=PAIRS)
    table = raced.table.set_index(["arm", "seed"])
    for (plain, with_momentum), arm in zip(PAIRS, ("batch", "stochastic"), strict=True):
        epochs = table[epochs_of((plain, with_momentum))]
        table.loc[arm, "gain"] = (epochs[plain] / epochs[with_momentum]).to_numpy()
    return Measured(table.reset_index(), raced.details)


EXPERIMENT = Experiment(
    title="Momentum, on the full batch and on small ones",
    items=("D7", "C1"),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.7",
    method=(
        "The tumours of breast_cancer, standardized; 30-10-2, scaled tanh, softmax and cross-entropy; gradient "
        "descent on all samples and in batches of 16, without momentum and with 0.9, each arm with the best of "
        "ten rates."
    ),
    claims=(
        Less(
            epochs_of(PAIRS[0]),
            "batch, momentum",
            "batch",
            text="On the full batch momentum needs fewer epochs",
        ),
        Less(
            epochs_of(PAIRS[1]),
            "stochastic, momentum",
            "stochastic",
            text="In batches of 16 momentum needs fewer epochs",
        ),
        Less(
            "gain", "stochastic", "batch", text="Momentum gains less in batches of 16 than on the full batch"
        ),
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
