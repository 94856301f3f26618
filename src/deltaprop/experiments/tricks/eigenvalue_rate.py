"""The learning rate from the largest eigenvalue of the Hessian, estimated on-line, beside the best of a search."""

from ...data import load
from ...layers import Dense
from ...training import EigenvalueRate
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, epochs_of, race, race_figure

RATES = (3.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.003)
SEARCHED = "best of nine rates"
FRACTIONS = {"0.5/λ_max": 0.5, "1/λ_max": 1.0}


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("breast_cancer"))
    hidden = (Dense(20), "scaled_tanh")
    entries = {SEARCHED: Entry(problem, hidden), "smallest of them": Entry(problem, hidden, rates=RATES[-1:])}
    for arm, fraction in FRACTIONS.items():
        options = {"batch_size": 32, "adapt_rate": EigenvalueRate(fraction=fraction)}
        entries[arm] = Entry(problem, hidden, options=options, rates=RATES[:1])  # which λ_max replaces
    raced = race(setting, entries, rates=RATES, pairs=[(SEARCHED, arm) for arm in FRACTIONS])
    raced.table.loc[raced.table["arm"].isin(list(FRACTIONS)), "rate"] = float("nan")
    return raced


EXPERIMENT = Experiment(
    title="The learning rate from the largest eigenvalue",
    items=("D7",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §9.2",
    method=(
        "The tumours of breast_cancer, standardized; 30-20-2, scaled tanh, softmax and cross-entropy, SGD in "
        "batches of 32. λ_max is estimated before training and after each epoch, by the on-line power method on "
        "mini-batches, and gives the rate of the next epoch; beside it the best of nine constant rates, 0.003 to "
        "3, and the smallest of them."
    ),
    claims=tuple(
        claim
        for arm in FRACTIONS
        for claim in (
            Less(
                epochs_of((SEARCHED, arm)),
                arm,
                SEARCHED,
                by=0.5,
                text=f"The rate {arm} needs less than twice the epochs of the best of nine rates",
            ),
            Less(
                "epochs",
                arm,
                "smallest of them",
                text=f"The rate {arm} needs fewer epochs than the smallest of the nine",
            ),
        )
    ),
    measure=measure,
    draw=race_figure(),
    own_data=True,
)
