"""From constructor arguments to the rule that moves the weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..functions import Schedule, as_schedule
from ..optimizers import OPTIMIZERS, SGD, Momentum, Nesterov, Optimizer
from ..solvers.lbfgs import LBFGS
from .full_batch import FullBatchRule


def choose(estimator: Any, steps: int) -> Optimizer | FullBatchRule:
    """The rule for the estimator's arguments; `steps` is the length of the whole run, for schedules by name."""
    if estimator.solver == "lbfgs":
        return FullBatchRule(LBFGS(tolerance=estimator.tol), max_fun=estimator.max_fun)
    rule = _rule(estimator, _rate(estimator, steps))
    decay = float(estimator.weight_decay)
    return rule if decay == 0 else replace(rule, weight_decay=decay)


def is_full_batch(solver: Any) -> bool:
    """Whether every step is over all samples."""
    return solver == "lbfgs" or getattr(
        OPTIMIZERS.get(solver, solver) if isinstance(solver, str) else solver, "full_batch", False
    )


def _rate(estimator: Any, steps: int) -> float | Schedule:
    """The learning rate; what scikit-learn's own three names do to it in the course of training is a callback's."""
    if estimator.learning_rate in ("constant", "invscaling", "adaptive"):
        return estimator._learning_rate()
    return as_schedule(estimator.learning_rate, float(estimator.learning_rate_init), steps)


def _rule(estimator: Any, rate: float | Schedule) -> Optimizer:
    name = estimator.solver
    if isinstance(name, Optimizer):
        schedule = estimator.learning_rate
        return name if isinstance(schedule, str) else replace(name, learning_rate=schedule)
    if name == "sgd":
        if estimator.momentum == 0:
            return SGD(rate)
        return (Nesterov if estimator.nesterovs_momentum else Momentum)(rate, float(estimator.momentum))
    options: dict[str, Any] = {"learning_rate": rate}
    if name in ("momentum", "nesterov"):
        options["momentum"] = float(estimator.momentum)
    if name in ("adam", "adamw"):
        options |= {"beta1": float(estimator.beta_1), "beta2": float(estimator.beta_2)}
    if name in ("adam", "adamw", "rmsprop", "adagrad"):
        options["epsilon"] = float(estimator.epsilon)
    return replace(OPTIMIZERS[name], **options)
