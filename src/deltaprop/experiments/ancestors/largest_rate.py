"""The largest stable learning rate of ADALINE is 2/λ_max of the inputs' correlation matrix."""

import numpy as np

from ...data import load
from ...layers import Dense
from ...network import Network
from ...optimizers import GradientDescent
from ...plots import curves, figure_of
from ..claims import Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from ..problem import Problem

EPOCHS = 200
FACTORS = {"0.5 × 2/λ_max": 0.5, "0.98 × 2/λ_max": 0.98, "1.02 × 2/λ_max": 1.02}


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("diabetes"))
    targets = problem.targets

    def run(factor, seed):
        x = np.hstack([problem.x, np.ones((len(problem.x), 1))])  # the bias is a weight of an input of 1
        eigenvalues, directions = np.linalg.eigh(x.T @ x / len(x))
        # Away from the minimum along the first eigenvector alone, where the rate decides.
        best = np.linalg.lstsq(x, targets, rcond=None)[0].T
        start = best + np.random.default_rng(seed).standard_normal((len(best), 1)) * directions[:, -1]
        net = Network([Dense(targets.shape[1])], problem.inputs, "squared_error", dtype="float64")
        net.layers[0].w, net.layers[0].b = start[:, :-1], start[:, -1]
        rate = factor * 2 / eigenvalues[-1]
        losses = train(net, problem.x, targets, optimizer=GradientDescent(rate), epochs=EPOCHS)["train_loss"]
        least = 0.5 * float(np.square(targets - x @ best.T).sum(axis=1).mean())
        excess = losses - least
        # E − E_min is multiplied by (1 − η λ_max)² in every step.
        growth = np.sqrt(excess[1] / excess[0])
        return {
            "factor": growth,
            "departure": abs(growth - abs(1 - rate * eigenvalues[-1])),
            "excess": excess,
        }

    return measure_arms(setting, FACTORS, run, seeds=setting.size(3, 10))


def draw(measured, palette):
    shown = {arm: np.maximum(measured.details["excess"][arm, 0][:60], 1e-16) for arm in FACTORS}
    axes = curves(np.arange(1, 61), shown, "E − E_min, first seed", log=True, palette=palette)
    return figure_of(axes)


EXPERIMENT = Experiment(
    title="The largest stable rate of ADALINE",
    items=("A2", "D7"),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §5.1",
    method=(
        "Diabetes, 10 standardized inputs, squared error; a linear unit that starts at the minimum plus a step along "
        "the first eigenvector of ⟨x xᵀ⟩ (with a column of ones for the bias); gradient descent over all samples."
    ),
    claims=(
        Within(
            "factor",
            "0.98 × 2/λ_max",
            at_most=1,
            text="Just below 2/λ_max the distance to the minimum shrinks",
        ),
        Within("factor", "1.02 × 2/λ_max", at_least=1, text="Just above 2/λ_max it grows"),
        Within(
            "factor",
            "0.5 × 2/λ_max",
            at_most=1e-4,
            text="At 1/λ_max one step reaches the minimum in that direction",
        ),
        Within("departure", "1.02 × 2/λ_max", at_most=1e-6, text="Each step multiplies it by |1 − η λ_max|"),
    ),
    measure=measure,
    draw=draw,
)
