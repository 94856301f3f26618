"""From constructor arguments to the rule that moves the weights, and the penalty on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..functions import InverseScaling, Penalty, Schedule, as_schedule
from ..optimizers import OPTIMIZERS, SGD, Momentum, Nesterov, Optimizer
from ..solvers import SOLVERS, Solver
from ..training.batch_size import GrowingBatchSize, as_sizes
from ..training.data import Data

#: The arguments that set a field of the optimizer, by the field.
ARGUMENTS = {"momentum": "momentum", "beta1": "beta_1", "beta2": "beta_2", "epsilon": "epsilon"}


def solver(estimator: Any) -> Solver | None:
    """The full-batch solver that the estimator's argument `solver` is or names, if any."""
    value = estimator.solver
    if value == "lbfgs":
        return replace(SOLVERS["lbfgs"], tolerance=float(estimator.tol), max_evaluations=estimator.max_fun)
    return value if isinstance(value, Solver) else SOLVERS.get(value) if isinstance(value, str) else None


def choose(
    estimator: Any, rate: float, samples: int, batch_size: int | GrowingBatchSize, step: int, seen: int
) -> Optimizer:
    """The Optimizer for the estimator's arguments.

    `rate` is the initial learning rate, `samples` and `batch_size` are of an epoch and of a step; `step` and `seen`
    are the steps done and the samples seen in earlier calls.
    """
    name, sizes, schedule = estimator.learning_rate, as_sizes(batch_size), rate
    steps = sizes.steps(samples, estimator._epochs(samples))
    if name == "invscaling" and estimator.solver == "sgd":
        if sizes.factor > 1:
            raise ValueError(
                f"{type(estimator).__name__}: learning_rate='invscaling' with {batch_size}, expected epochs of equally "
                "many steps; use a number as batch_size, or another schedule."
            )
        each = sizes.steps(samples, 1)
        schedule = InverseScaling(rate, float(estimator.power_t), each, samples, step, seen)
    elif name not in ("constant", "invscaling", "adaptive"):
        schedule = as_schedule(name, rate, steps)
    rule = _rule(estimator, schedule)
    decay: float | Schedule = float(estimator.weight_decay)
    if estimator.weight_decay_schedule is not None and (
        decay or not isinstance(estimator.weight_decay_schedule, str)
    ):
        decay = as_schedule(estimator.weight_decay_schedule, decay, steps)
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


def penalty(alpha: float, l1: float, data: Data, sizes: GrowingBatchSize, epochs: int) -> Penalty | None:
    """l1 Σ|w|, and scikit-learn's ½ α Σw² / (sum of the sample weights of the batch), averaged over the batches.

    The latter equals scikit-learn's in every step where all batches have the same size and weight; on the mean over
    the epochs otherwise.
    """
    if alpha == 0:
        return Penalty(float(l1)) if l1 else None
    inverse = 0.0
    for size, count in sizes.periods(len(data.samples), epochs):
        whole, rest = divmod(len(data.samples), size)
        inverse += count / epochs * (whole / size + (1 / rest if rest else 0)) / (whole + (rest > 0))
    weight = 1.0 if data.sample_weight is None else float(data.sample_weight[data.samples].mean())
    return Penalty(float(l1), float(alpha) * inverse / weight)
