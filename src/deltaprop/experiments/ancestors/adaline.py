"""ADALINE: its first step, standardized inputs, and a threshold tuned on validation data."""

import warnings

import numpy as np

from ...data import load
from ...estimators import Adaline
from ...plots import curves, figure_of
from ..claims import Less, Within
from ..drawing import epochs, series
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms
from ..problem import Problem

EPOCHS = 200


def first_step(_, seed):
    """x = (1, 1), t = 1, w = b = 0, η = 0.1: the largest departure from w = (0.1, 0.1), b = 0.1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Adaline(0.1, targets="0/1").partial_fit([[1, 1]], [1], classes=[0, 1])
    return {"departure": np.abs([*(model.coef_[0] - 0.1), *(model.intercept_ - 0.1)]).max()}


def measure(setting: Setting) -> Measured:
    data = load("breast_cancer")

    def arm(standardize, seed):
        problem = Problem.of(data, test=0.5, seed=seed)
        problem = problem if standardize else problem.raw()
        model = Adaline(max_iter=EPOCHS, tol=0, random_state=seed)  # the rate: 1/λ_max
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(problem.x, problem.t)
        half = len(problem.x_test) // 2
        validation, test = (slice(None, half), slice(half, None))
        error = 1 - model.score(problem.x_test[test], problem.t_test[test])
        model.tune_threshold(problem.x_test[validation], problem.t_test[validation])
        tuned = 1 - model.score(problem.x_test[test], problem.t_test[test])
        losses = model.history_["train_loss"]
        return {
            "loss": losses[-1],
            "error, θ = 0": error,
            "error, θ tuned": tuned,
            "gain": error - tuned,
            "losses": losses,
        }

    arms = measure_arms(setting, {"raw": False, "standardized": True}, arm, seeds=setting.size(10, 50))
    exact = measure_arms(Setting(), {"first step": None}, first_step, seeds=1)
    return combine(exact, arms)


def draw(measured, palette):
    losses = series(measured, "losses")
    return figure_of(curves(epochs(losses), losses, "training loss ½ ⟨(t − z)²⟩", log=True, palette=palette))


EXPERIMENT = Experiment(
    title="ADALINE: first step, inputs, threshold",
    items=("A2",),
    source="Widrow and Hoff (1960); a university course",
    method=(
        f"Breast cancer, 30 measurements of very different size, half of the samples for training, a quarter for the "
        f"threshold, a quarter for the test; targets ±1; batch steps at 1/λ_max from zero weights, {EPOCHS} epochs."
    ),
    claims=(
        Within(
            "departure", "first step", at_most=1e-15, text="One step from zero gives w = (0.1, 0.1), b = 0.1"
        ),
        Less("loss", "standardized", "raw", text="Standardized inputs reach a smaller loss than raw ones"),
        Within(
            "gain",
            "standardized",
            at_least=0.0,
            text="A threshold tuned on validation data errs no more than θ = 0",
        ),
    ),
    measure=measure,
    draw=draw,
)
