"""Inputs that are centred, scaled and decorrelated are learned faster."""

from dataclasses import replace

import numpy as np

from ...curvature import GaussNewton
from ...data import load
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..problem import Problem
from ..racing import Entry, epochs_of, race, race_figure

RATES = (3.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.02)


def raw(x):
    """In their own units, but for one common factor: their largest entry is 1."""
    return x / np.abs(x).max()


def centred(x):
    return raw(x - x.mean(axis=0))


def scaled(x):
    deviation = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def decorrelated(x):
    """The principal components, each of variance 1."""
    variances, directions = np.linalg.eigh(covariance(scaled(x)))
    kept = variances > 1e-6 * variances[-1]
    return scaled(x) @ directions[:, kept] / np.sqrt(variances[kept])


def covariance(x):
    return x.T @ x / len(x)  # about the origin, as in the Hessian of a linear unit


ARMS = {"raw": raw, "centred": centred, "scaled": scaled, "decorrelated": decorrelated}
PAIR = ("scaled", "decorrelated")


def condition(matrix):
    """The largest eigenvalue over the smallest that is not zero but for rounding."""
    values = np.linalg.eigvalsh(matrix)
    return values[-1] / values[values > 1e-12 * values[-1]][0]


def spread(matrix):
    """The largest eigenvalue over the median, which stays finite where some directions have no curvature."""
    values = np.linalg.eigvalsh(matrix)
    return values[-1] / max(np.median(values), 1e-12 * values[-1])


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("diabetes"))).raw()
    entries = {arm: Entry(replace(problem, x=transform(problem.x))) for arm, transform in ARMS.items()}
    raced = race(setting, entries, rates=RATES, pairs=[PAIR])
    for row, (arm, seed) in enumerate(zip(raced.table["arm"], raced.table["seed"], strict=True)):
        entry = entries[arm]
        hessian = GaussNewton(entry.network(seed), entry.problem.x, entry.problem.t, layer=0)
        raced.table.loc[row, "condition of the inputs"] = condition(covariance(entry.problem.x))
        raced.table.loc[row, "spread of the Hessian"] = spread(hessian.dense())
    return raced


EXPERIMENT = Experiment(
    title="Centred, scaled and decorrelated inputs",
    items=("D3",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.3",
    method=(
        "The patients of diabetes, ten quantities in their own units; 10-10-1, scaled tanh, squared error, SGD in "
        "batches of 32, each arm with the best of seven rates. Raw and centred inputs are divided by their "
        "largest entry. Epochs to a loss that all arms reach, and to one that scaled and decorrelated inputs "
        "reach. The spread of the Hessian is λ_max over the median eigenvalue of the first layer's Gauss–Newton "
        "matrix with the initial weights."
    ),
    claims=(
        Less("epochs", "centred", "raw", text="Centred inputs need fewer epochs than raw ones"),
        Less("epochs", "scaled", "centred", text="Scaled inputs need fewer epochs than centred ones"),
        Less(
            epochs_of(PAIR), PAIR[1], PAIR[0], text="Decorrelated inputs need fewer epochs than scaled ones"
        ),
        Less(
            "spread of the Hessian",
            "decorrelated",
            "raw",
            text="Decorrelated inputs give the Hessian a smaller spread of eigenvalues than raw ones",
        ),
    ),
    measure=measure,
    draw=race_figure(
        {
            "condition of the inputs": "condition number of ⟨x xᵀ⟩",
            "spread of the Hessian": "λ_max / median λ of the Hessian",
        }
    ),
    own_data=True,
)
