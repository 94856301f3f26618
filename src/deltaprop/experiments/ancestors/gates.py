"""AND, OR and XOR: the two that a perceptron learns, and the one that no plane separates."""

import warnings

import numpy as np

from ...estimators import Perceptron
from ...estimators.single_layer import separable
from ...functions import Step
from ...plots import decision_boundary, figure_of, panels, title
from ..claims import Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1]), "XOR": np.array([0, 1, 1, 0])}
EPOCHS = 100


def learn(targets, seed):
    """Train on the four corners, in an order of this seed: the errors that are left, and what the program proves."""
    model = Perceptron(batch_size=1, max_iter=EPOCHS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that XOR is not separable is the result here
        model.fit(CORNERS, targets)
    return {
        "errors": np.count_nonzero(model.predict(CORNERS) != targets),
        "epochs": model.n_iter_,
        "separable": separable(CORNERS, targets == 1),
        "model": model,
    }


def by_hand(_, seed):
    """AND by w = (1, 1), b = −1.5: how far z is from 0.5 at (1, 1), the largest z elsewhere, the wrong answers."""
    z = CORNERS @ [1, 1] - 1.5
    return {
        "z at (1, 1)": z[3],
        "largest z elsewhere": z[:3].max(),
        "errors": np.count_nonzero(Step().f(z) != GATES["AND"]),
    }


def measure(setting: Setting) -> Measured:
    learned = measure_arms(setting, GATES, learn, seeds=setting.size(10, 100))
    hand = measure_arms(Setting(), {"AND by hand": None}, by_hand, seeds=1)
    return combine(hand, learned)


def draw(measured, palette):
    row = panels(3, 3, 2.9, 3.0, palette=palette)
    for ax, (gate, targets) in zip(row, GATES.items(), strict=True):
        decision_boundary(measured.details["model"][gate, 0], CORNERS, targets, ax=ax, palette=palette)
        ax.set(xlabel="x1", ylabel="x2")
        title(ax, gate)
    return figure_of(row[0])


EXPERIMENT = Experiment(
    title="AND, OR and XOR by a perceptron",
    items=("A1",),
    source="Rosenblatt (1958); Novikoff (1962); Minsky and Papert, Perceptrons (1969)",
    method=(
        f"The four corners of the unit square; on-line perceptron from zero weights, at most {EPOCHS} epochs, another "
        "order of the samples for each seed. A linear program decides whether a plane separates the classes."
    ),
    claims=(
        Within(
            "z at (1, 1)", "AND by hand", 0.5, 0.5, text="w = (1, 1), b = −1.5 gives AND z = 0.5 at (1, 1)"
        ),
        Within(
            "largest z elsewhere", "AND by hand", at_most=-0.5, text="… and a negative z at the other corners"
        ),
        Within("errors", "AND", at_most=0, text="The perceptron learns AND without an error"),
        Within("errors", "OR", at_most=0, text="The perceptron learns OR without an error"),
        Within("errors", "XOR", at_least=1, text="On XOR errors are left, however long it is trained"),
        Within("separable", "XOR", at_most=0, text="No plane separates XOR, by a linear program"),
    ),
    measure=measure,
    draw=draw,
)
