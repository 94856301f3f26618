"""From constructor arguments to the rule that moves the weights, and the penalty on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..functions import InverseScaling, Penalty, Schedule, as_schedule
from ..optimizers import OPTIMIZERS, SGD, Momentum, Nesterov, Optimizer
from ..solvers import SOLVERS, Solver
from ..training.data import Data

#: The arguments that set a field of the optimizer, by the field.
ARGUMENTS = {"momentum": "momentum", "beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"}


def solver(estimator: Any) -> Solver | None:
    """The full-batch solver that the estimator's argument `solver` is or names, if any."""
    value = estimator.solver
    if value == "lbfgs":
        return replace(SOLVERS["lbfgs"], tolerance=float(estimator.tol), max_evaluations=estimator.max_fun)
    return value if isinstance(value, Solver) else SOLVERS.get(value) if isinstance(value, str) else None


def choose(estimator: Any, rate: float, samples: int, batch_size: int, step: int, seen: int) -> Optimizer:
    """The Optimizer for the estimator's arguments.

    `rate` is the initial learning rate, `samples` and `batch_size` are of an epoch and of a step; `step` and `seen`
    are the steps done and the samples seen in earlier calls.
    """
    name, steps, schedule = estimator.learning_rate, -(-samples // batch_size), rate
    epochs = estimator._epochs(samples)
    if name == "invscaling" and estimator.solver == "sgd":
        schedule = InverseScaling(rate, float(estimator.power_t), steps, samples, step, seen)
    elif name not in ("constant", "invscaling", "adaptive"):
        schedule = as_schedule(name, rate, steps * epochs)
    rule = _rule(estimator, schedule)
    decay: float | Schedule = float(estimator.weight_decay)
    if estimator.weight_decay_schedule is not None and (
        decay or not isinstance(estimator.weight_decay_schedule, str)
    ):
        decay = as_schedule(estimator.weight_decay_schedule, decay, steps * epochs)
    return rule if decay == 0 else replace(rule, weight_decay=decay)


def _rule(estimator: Any, rate: float | Schedule) -> Optimizer:
    name = estimator.solver
    if isinstance(name, Optimizer):
        schedule = estimator.learning_rate
        return name if isinstance(schedule, str) else replace(name, learning_rate=schedule)
    if name == "sgd":
        if estimator.momentum == 0:
            return SGD(rate)
        return (Nesterov if estimator.nesterovs_momentum else Momentum)(rate, float(estimator.momentum))
    rule = OPTIMIZERS[name]
    given = {
        field: float(getattr(estimator, name)) for field, name in ARGUMENTS.items() if hasattr(rule, field)
    }
    return replace(rule, learning_rate=rate, **given)


def penalty(alpha: float, data: Data, size: int) -> Penalty | None:
    """scikit-learn's penalty ½ α Σw² / (sum of the sample weights of the batch), averaged over the batches of an epoch.

    Equal to it in every step where all batches have the same size and weight; on the mean over an epoch otherwise.
    """
    if alpha == 0:
        return None
    whole, rest = divmod(len(data.samples), size)
    inverse = (whole / size + (1 / rest if rest else 0)) / (whole + (rest > 0))
    weight = 1.0 if data.sample_weight is None else float(data.sample_weight[data.samples].mean())
    return Penalty(l2=float(alpha) * inverse / weight)
