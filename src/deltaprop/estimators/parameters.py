"""What each constructor argument may be, and where it has an effect."""

from __future__ import annotations

from dataclasses import fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from .. import errors
from ..data import Encoding
from ..engines import ENGINES, MAX_THREADS, Engine
from ..functions import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    SCHEDULES,
    ActivationFunction,
    Initializer,
    Loss,
    Schedule,
)
from ..optimizers import OPTIMIZERS, Optimizer
from ..solvers import SOLVERS, Solver
from ..training import (
    CURVATURE_RATES,
    Callback,
    Checkpoint,
    EigenvalueRate,
    GrowingBatchSize,
    MomentumOnPlateau,
    Progress,
    Sampler,
)
from ..training.samplers import SAMPLERS


class UnusedArgumentWarning(UserWarning):
    """An argument was given that has no effect with the others."""


def at_least(low: float, kind: type = Real, open_low: bool = False) -> Interval:
    """A number from `low` on."""
    return Interval(kind, low, None, closed="neither" if open_low else "left")


#: The arguments of scikit-learn's own estimators, and what is allowed in addition.
SHARED: dict[str, list] = {
    "hidden_layer_sizes": ["array-like", at_least(1, Integral)],
    "activation": [StrOptions({*ACTIVATIONS, "logistic", "rbf"}), ActivationFunction, list, tuple],
    "solver": [StrOptions({*SOLVERS, *OPTIMIZERS}), Optimizer, Solver],
    "alpha": [at_least(0)],
    "batch_size": [StrOptions({"auto", "equal"}), at_least(1, Integral), GrowingBatchSize],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive", *SCHEDULES}), Schedule],
    "learning_rate_init": [at_least(0, open_low=True)],
    "power_t": [at_least(0)],
    "max_iter": [at_least(1, Integral), StrOptions({"auto"})],
    "shuffle": ["boolean"],
    "sampler": [StrOptions(set(SAMPLERS)), Sampler, None],
    "random_state": ["random_state"],
    "tol": [at_least(0)],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="left")],
    "nesterovs_momentum": ["boolean"],
    "momentum_plateau": [at_least(1, Integral), MomentumOnPlateau, None],
    "early_stopping": ["boolean"],
    "best_epoch": [StrOptions({"first", "last"})],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [at_least(0, open_low=True)],
    "n_iter_no_change": [at_least(1, Integral), Options(Real, {np.inf})],
    "max_fun": [at_least(1, Integral)],
    # from here on deltaprop's own
    "max_seconds": [at_least(0, open_low=True), None],
    "l1": [at_least(0)],
    "init": [StrOptions({"auto", "data", "sklearn", *INITIALIZERS}), Initializer, list, tuple],
    "coefs_init": [list, tuple, None],
    "intercepts_init": [list, tuple, None],
    "dropout": [Interval(Real, 0, 1, closed="left"), list, tuple],
    "dropout_schedule": [StrOptions(set(SCHEDULES)), None],
    "normalization": [StrOptions({"batch", "layer"}), None],
    "residual": ["boolean"],
    "weight_decay": [at_least(0)],
    "weight_decay_schedule": [StrOptions(set(SCHEDULES)), Schedule, None],
    "rate_factors": [dict, np.ndarray, None],
    "decay_factors": [dict, np.ndarray, None],
    "adapt_rate": [StrOptions(set(CURVATURE_RATES)), Callback, None],
    "clip_norm": [at_least(0, open_low=True), None],
    "n_ensemble": [at_least(1, Integral)],
    "ensemble": [StrOptions({"independent", "shared"})],
    "scoring": [str, callable, None],
    "scale_inputs": ["boolean", StrOptions({"auto", "decorrelate"}), None],
    "periodic_embedding": ["boolean"],
    "input_factors": ["boolean"],
    "parametric_activation": ["boolean"],
    "output_activation": [StrOptions({*ACTIVATIONS, "logistic"}), ActivationFunction],
    "preprocessing": [StrOptions({"table"}), Encoding, None],
    "callbacks": [list, tuple, None],
    "progress": ["boolean", StrOptions({"auto"}), Progress],
    "diagnostics": ["boolean"],
    "engine": [StrOptions(set(ENGINES)), type(Engine)],
    "precision": [StrOptions({"float32", "tf32", "bf16"})],
    "threads": [Interval(Integral, 1, MAX_THREADS, closed="both"), None],
    "dtype": [StrOptions({"float32", "float64"}), None],
    "checkpoint": [str, Path, Checkpoint, None],
    "resume": ["boolean"],
}
CLASSIFIER: dict[str, list] = SHARED | {
    "loss": [StrOptions({"log_loss", "hinge", "perceptron", "squared_error"}), Loss, tuple],
    "class_weight": [StrOptions({"balanced"}), dict, list, None],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "target_values": ["array-like", StrOptions({"curvature"}), None],
    "calibrate": ["boolean"],
}
REGRESSOR: dict[str, list] = SHARED | {
    "loss": [StrOptions({name for name, loss in LOSSES.items() if not loss.classification}), Loss, tuple],
    "scale_targets": ["boolean", None],
    "clamp_outputs": ["boolean"],
}

_SHARED = "max_iter shuffle batch_size random_state warm_start verbose callbacks dtype class_weight scale_inputs engine"
#: The arguments of the single-layer estimators, but for the learning rate.
SINGLE_LAYER: dict[str, list] = {name: CLASSIFIER[name] for name in _SHARED.split()} | {
    "max_iter": [at_least(1, Integral)],
    "batch_size": [StrOptions({"auto"}), at_least(1, Integral)],
    "init": [StrOptions(set(INITIALIZERS)), Initializer],
}


def _of(field: str, *more: str) -> tuple[Any, str]:
    """Where an argument is used that sets this field of optimizers by name."""
    names = [*more, *(name for name, rule in OPTIMIZERS.items() if hasattr(rule, field))]
    words = f"solver={', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
    return lambda s, e: s in names, words


def _stochastic(s: str, e: Any) -> bool:
    return s not in SOLVERS and s != "solver object"


def _by_name(s: str, e: Any) -> bool:
    return _stochastic(s, e) and s != "object"


def _mini_batches(s: str, e: Any) -> bool:
    return _stochastic(s, e) and s != "gradient_descent"


#: Where an argument is used: a test of (solver's name, estimator), and the words that say so.
_USED: dict[str, tuple[Any, str]] = {
    "alpha": (lambda s, e: s != "bayesian_lm", "other solvers ('bayesian_lm' finds it itself)"),
    "batch_size": (_mini_batches, "solvers that take mini-batches"),
    "shuffle": (_mini_batches, "solvers that take mini-batches"),
    "sampler": (_stochastic, "first-order solvers"),
    "learning_rate": (
        lambda s, e: s == "sgd" or (_by_name(s, e) and e.learning_rate not in ("invscaling", "adaptive")),
        "solver='sgd' (with other optimizers by name: a schedule's name or object)",
    ),
    "learning_rate_init": (
        lambda s, e: (
            _by_name(s, e)
            and not isinstance(e.learning_rate, Schedule)
            and not (e.adapt_rate == "eigenvalue" or isinstance(e.adapt_rate, EigenvalueRate))
        ),
        "optimizers given by name, without a schedule object or adapt_rate='eigenvalue'",
    ),
    "power_t": (
        lambda s, e: s == "sgd" and e.learning_rate == "invscaling",
        "learning_rate='invscaling', solver='sgd'",
    ),
    "momentum": _of("momentum", "sgd"),
    "nesterovs_momentum": (lambda s, e: s == "sgd" and e.momentum > 0, "solver='sgd' with momentum > 0"),
    "beta_1": _of("beta1"),
    "beta_2": _of("beta2"),
    "epsilon": _of("epsilon"),
    "max_fun": (lambda s, e: s == "lbfgs", "solver='lbfgs'"),
    "clip_norm": (_stochastic, "first-order solvers"),
    "weight_decay": (_stochastic, "first-order solvers"),
    "weight_decay_schedule": (
        lambda s, e: (
            _stochastic(s, e) and (e.weight_decay > 0 or isinstance(e.weight_decay_schedule, Schedule))
        ),
        "first-order solvers, by name with weight_decay > 0",
    ),
    "rate_factors": (_stochastic, "first-order solvers"),
    "decay_factors": (_stochastic, "first-order solvers"),
    "adapt_rate": (_stochastic, "first-order solvers"),
    "momentum_plateau": (_stochastic, "first-order solvers"),
    "n_iter_no_change": (
        lambda s, e: s != "lbfgs" or e.early_stopping,
        "other solvers, or early_stopping=True",
    ),
    "validation_fraction": (lambda s, e: e.early_stopping, "early_stopping=True"),
    "engine": (
        lambda s, e: _stochastic(s, e) or e.engine == "numpy",
        "first-order solvers (full-batch ones take the compiled core where they can, or engine='numpy')",
    ),
    "dropout_schedule": (lambda s, e: np.any(np.asarray(e.dropout) != 0), "dropout > 0"),
    "label_smoothing": (lambda s, e: e.loss == "log_loss", "loss='log_loss'"),
    "calibrate": (
        lambda s, e: getattr(e.loss, "output_map", e.loss) in ("log_loss", "softmax", "sigmoid"),
        "losses with probabilities",
    ),
    "ensemble": (lambda s, e: e.n_ensemble > 1, "n_ensemble > 1"),
    "resume": (lambda s, e: e.checkpoint is not None, "a checkpoint"),
    "scale_inputs": (lambda s, e: e.preprocessing is None, "preprocessing=None"),
}


#: Of these, the arguments that do not depend on the solver.
_OF_OTHER_ARGUMENTS = (
    "validation_fraction",
    "dropout_schedule",
    "label_smoothing",
    "calibrate",
    "ensemble",
    "resume",
)


def warn_of_unused(estimator: Any, validated: bool) -> None:
    """Warn of arguments that differ from their defaults but have no effect; `validated`: with validation data."""
    owner, solver = type(estimator).__name__, estimator.solver
    kind = solver if isinstance(solver, str) else "solver object" if isinstance(solver, Solver) else "object"
    defaults: dict[str, Any] = {f.name: f.default for f in fields(estimator)}
    for name, (used, where) in _USED.items():
        if name not in defaults or used(kind, estimator):
            continue
        value, default = getattr(estimator, name), defaults[name]
        if value is not default and not np.array_equal(value, default):
            others = name in _OF_OTHER_ARGUMENTS
            beside = "the other arguments" if others else f"solver={solver!r}"
            errors.warn(
                f"{owner}: {name}={errors.short(value)} has no effect with {beside}; it is for {where}.",
                UnusedArgumentWarning,
            )
    if getattr(estimator, "calibrate", False) and not validated:
        errors.warn(
            f"{owner}: calibrate=True has no effect without validation data; set early_stopping=True or give X_val and "
            "y_val to fit.",
            UnusedArgumentWarning,
        )
    if estimator.scoring is not None and not validated:
        errors.warn(
            f"{owner}: scoring={errors.short(estimator.scoring)} has no effect without validation data; "
            "set early_stopping=True or give X_val and y_val to fit.",
            UnusedArgumentWarning,
        )
