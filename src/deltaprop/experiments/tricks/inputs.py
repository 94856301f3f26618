"""Inputs that are centred, scaled and decorrelated are learned faster."""

from dataclasses import replace

import numpy as np

from ...curvature import GaussNewton
from ...data import load
from ...layers import Dense
from ...optimizers import SGD
from ..claims import Less
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import goal, measure_arms, train, with_best_rate
from ..problem import Problem

RATES = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)


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


def condition(matrix):
    """The largest eigenvalue over the smallest that is not zero."""
    values = np.linalg.eigvalsh(matrix)
    return values[-1] / values[values > 1e-10 * values[-1]][0]


def measure(setting: Setting) -> Measured:
    problem = (setting.problem or Problem.of(load("wine"))).raw()
    epochs = setting.size(60, 300)

    def network(problem, seed):
        return problem.network(Dense(10), "scaled_tanh", seed=seed)

    def arm(transform, seed):
        prepared, standard = replace(problem, x=transform(problem.x)), replace(problem, x=scaled(problem.x))
        loss = goal(standard, network(standard, seed), epochs)

        def run(rate):
            net = network(prepared, seed)
            return train(net, prepared.x, prepared.t, optimizer=SGD(rate), epochs=epochs, batch_size=16)[
                "train_loss"
            ]

        needed, rate, losses = with_best_rate(run, RATES, loss)
        hessian = GaussNewton(network(prepared, seed), prepared.x, prepared.t, layer=0)
        return {
            "epochs": needed,
            "rate": rate,
            "condition of the inputs": condition(covariance(prepared.x)),
            "condition of the Hessian": condition(hessian.dense()),
            "losses": losses,
        }

    return measure_arms(setting, ARMS, arm, seeds=setting.size(3, 10))


EXPERIMENT = Experiment(
    title="Centred, scaled and decorrelated inputs",
    items=("D3",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.3",
    method=(
        "The wines, 13 quantities of very different size; 13-10-3, scaled tanh, softmax and cross-entropy, SGD in "
        "batches of 16, each arm with the best of seven rates; epochs to 99 % of the loss that Adam removes."
    ),
    claims=(
        Less("epochs", "centred", "raw", text="Centred inputs need fewer epochs than raw ones"),
        Less("epochs", "scaled", "centred", text="Scaled inputs need fewer epochs than centred ones"),
        Less(
            "epochs", "decorrelated", "scaled", text="Decorrelated inputs need fewer epochs than scaled ones"
        ),
        Less(
            "condition of the Hessian",
            "decorrelated",
            "raw",
            text="Decorrelated inputs give the Hessian a smaller condition number than raw ones",
        ),
    ),
    measure=measure,
    draw=by_arm(
        {
            "epochs": "epochs to the loss",
            "condition of the inputs": "condition number of ⟨x xᵀ⟩",
            "condition of the Hessian": "… of the Hessian, first layer",
        }
    ),
    own_data=True,
)
