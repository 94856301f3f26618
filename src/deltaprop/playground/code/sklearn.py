"""The parts of the program for scikit-learn, which has fewer choices than the page: the nearest it has."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...network import Network
from .drawing import drawn as drawn_as
from .notes import notes
from .pieces import called, source
from .subject import Subject, named_arrays

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def parts(subject: Subject) -> dict[str, Any]:
    arguments, differences = _arguments(subject)
    last = subject.stages[-1]
    shape = (1 if subject.classes == 2 else last.units, last.inputs)
    drawn = [*subject.drawn[:-1], drawn_as(last.initializer, shape)]
    alike = _alike(subject)
    return {
        "notes": [*notes(subject), *differences, *([] if alike else ["So `page()` is left out."])],
        "estimator": "MLPClassifier" if subject.classes else "MLPRegressor",
        "arguments": arguments,
        "alike": alike,
        "drawn": drawn,
        "arrays": _weights(subject.network),
        "began": _weights(subject.began) if subject.began and alike else None,
        "pieces": source(called("\n".join([*subject.formulas, *drawn]))),
    }


def _weights(network: Network) -> dict[str, np.ndarray]:
    return {name: array for name, array in named_arrays(network).items() if name[0] in "wb"}


def _activations(subject: Subject) -> list[str]:
    """The names of the activations in use, each once."""
    names = ["identity" if s.activation is None else s.activation.operation for s in subject.hidden]  # type: ignore[attr-defined]
    return list(dict.fromkeys(names))


def _alike(subject: Subject) -> bool:
    """Whether scikit-learn can compute what the network computes."""
    activations = _activations(subject)
    loss = {0: ("squared_error",), 2: ("sigmoid_cross_entropy",)}.get(
        subject.classes, ("softmax_cross_entropy",)
    )
    return (
        len(activations) <= 1
        and set(activations) <= ACTIVATIONS.keys()
        and all(stage.normalization is None for stage in subject.stages)
        and subject.loss in loss
    )


def _arguments(subject: Subject) -> tuple[dict[str, Any], list[str]]:
    """The arguments of the estimator, and what differs."""
    settings, activations = subject.settings, _activations(subject)
    known = [name for name in activations if name in ACTIVATIONS]
    differences = [f"scikit-learn has no {name}." for name in activations if name not in ACTIVATIONS]
    if len(activations) > 1:
        differences.append("scikit-learn has one activation for all hidden layers.")
    for what, there in {
        "normalization": any(stage.normalization for stage in subject.stages),
        "dropout": any(stage.dropout for stage in subject.stages),
        "L1 penalty": settings.l1,
        "clipping of gradients": settings.clip_norm is not None,
        "weight decay apart from the penalty": subject.weight_decay,
    }.items():
        if there:
            differences.append(f"scikit-learn has no {what}.")
    wanted = ("log loss", ("sigmoid_cross_entropy", "softmax_cross_entropy"))
    loss, losses = wanted if subject.classes else ("squared error", ("squared_error",))
    if subject.loss not in losses:
        differences.append(f"scikit-learn has the {loss} in place of {subject.loss}.")
    elif subject.classes == 2 and subject.loss == "softmax_cross_entropy":
        differences.append("scikit-learn has one output for two classes.")
    solver, more = _solver(subject, differences)
    differences.append("scikit-learn shuffles the samples in its own order.")
    arguments = {
        "hidden_layer_sizes": tuple(stage.units for stage in subject.hidden),
        "activation": ACTIVATIONS[known[0]] if known else "identity" if not activations else "tanh",
        "solver": solver,
        "alpha": settings.l2 * subject.batch_size,
        "batch_size": subject.batch_size,
        "learning_rate_init": settings.optimizer.learning_rate,
        **more,
    }
    if settings.order == "fixed":
        arguments["shuffle"] = False
    if settings.l2:
        differences.append("alpha is divided by the size of a batch, so it is the page's L2 times that size.")
    return arguments, differences


def _solver(subject: Subject, differences: list[str]) -> tuple[str, dict[str, Any]]:
    name, numbers = subject.settings.optimizer.name, subject.numbers
    schedule = subject.settings.optimizer.schedule
    if schedule == "inverse_scaling" and name in ("sgd", "momentum", "nesterov"):
        differences.append("invscaling counts the samples seen and changes the rate after each epoch.")
    elif schedule != "constant":
        differences.append(f"scikit-learn has no schedule {schedule} here; the rate is constant.")
    match name, numbers:
        case (("sgd" | "momentum" | "nesterov"), _):
            more: dict[str, Any] = {"momentum": numbers.get("momentum", 0.0)}
            more["nesterovs_momentum"] = name == "nesterov"
            if schedule == "inverse_scaling":
                more["learning_rate"] = "invscaling"
            return "sgd", more
        case (("adam" | "adamw"), {"beta1": beta1, "beta2": beta2, "epsilon": epsilon}):
            return "adam", {"beta_1": beta1, "beta_2": beta2, "epsilon": epsilon}
    differences.append(f"scikit-learn has no {name}; Adam takes its place.")
    return "adam", {}
