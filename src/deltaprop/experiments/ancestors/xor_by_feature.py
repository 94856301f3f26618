"""XOR by a feature made by hand: with x1·x2 beside x1 and x2 it is linear."""

import warnings

import numpy as np

from ...estimators import Adaline
from ...plots import curves, decision_boundary, figure_of, panels
from ..claims import Less, Within
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms
from .gates import CORNERS, GATES

EPOCHS = 300


def with_product(x):
    """φ(x) = (x1, x2, x1·x2)."""
    x = np.asarray(x, float)
    return np.column_stack([x, x[:, 0] * x[:, 1]])


def learn(features, seed):
    """ADALINE on the four corners: the loss and the errors in the end."""
    model = Adaline(max_iter=EPOCHS, tol=0, targets="0/1", random_state=seed, init="glorot_normal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(features(CORNERS), GATES["XOR"])
    wrong = np.count_nonzero(model.predict(features(CORNERS)) != GATES["XOR"])
    losses = model.history_["train_loss"]
    return {"errors": wrong, "loss": losses[-1], "losses": losses, "model": model}


def by_hand(_, seed):
    """w = (1, 1, −2), b = 0, θ = 0.5."""
    z = with_product(CORNERS) @ [1, 1, -2]
    return {
        "errors": np.count_nonzero((z >= 0.5) != GATES["XOR"]),
        "departure": np.abs(z - GATES["XOR"]).max(),
    }


def measure(setting: Setting) -> Measured:
    arms = {"x1, x2": lambda x: np.asarray(x, float), "x1, x2, x1·x2": with_product}
    learned = measure_arms(setting, arms, learn, seeds=setting.size(20, 100))
    hand = measure_arms(Setting(), {"by hand": None}, by_hand, seeds=1)
    return combine(hand, learned)


def draw(measured, palette):
    left, right = panels(2, 2, 3.8, 3.2, palette=palette)
    losses = series(measured, "losses")
    curves(epochs(losses), losses, "training loss ½ ⟨(t − z)²⟩", log=True, ax=left, palette=palette)
    model = measured.details["model"]["x1, x2, x1·x2", 0]

    def output(x):
        return model.decision_function(with_product(x)) + model.threshold_

    decision_boundary(output, CORNERS, GATES["XOR"], threshold=0.5, ax=right, palette=palette)
    right.set(xlabel="x1", ylabel="x2")
    return figure_of(left)


EXPERIMENT = Experiment(
    title="XOR by a feature made by hand",
    items=("A3",),
    source="a university course",
    method=(
        f"The four corners with targets 0 and 1; ADALINE on (x1, x2) and on (x1, x2, x1·x2), batch steps at 1/λ_max "
        f"from random weights, {EPOCHS} epochs, θ = 0.5."
    ),
    claims=(
        Within("departure", "by hand", at_most=0, text="w = (1, 1, −2), b = 0 gives z = 0, 1, 1, 0 exactly"),
        Within("errors", "by hand", at_most=0, text="… so that z ≥ 0.5 is XOR"),
        Within("errors", "x1, x2, x1·x2", at_most=0, text="ADALINE learns XOR from the three features"),
        Within("errors", "x1, x2", at_least=1, text="Without the product errors are left"),
        Less(
            "loss",
            "x1, x2, x1·x2",
            "x1, x2",
            by=1e3,
            text="With the product the loss ends 1000 times lower",
        ),
    ),
    measure=measure,
    draw=draw,
)
