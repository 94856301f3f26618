"""The parts of the program for deltaprop."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import numpy as np

from ...functions.initializers import INITIALIZERS
from ...functions.losses import LOSSES
from ...functions.schedule import Schedule
from ...network import Network
from .notes import notes
from .pieces import called, source
from .subject import Stage, Subject


def parts(subject: Subject) -> dict[str, Any]:
    settings, network, rule = subject.settings, subject.network, subject.rule
    used = {type(view.layer).__name__ for view in network.layers} - {"Activation"} | {"Network"}
    loss = next((quoted(name) for name, value in LOSSES.items() if value == network.loss), None)
    data = settings.data.model_dump(exclude_defaults=True, exclude={"table"})
    rate = rule.learning_rate
    return {
        "notes": notes(subject),
        "pieces": source(called("\n".join(subject.formulas))),
        "exact": not subject.changes
        and not subject.first
        and not subject.run.fit.position
        and subject.run.epoch,
        "classes": sorted(used | ({"Penalty"} if network.penalty else set())),
        "layers": [text for stage in subject.stages for text in _layers(stage)],
        "loss": loss or repr(network.loss),
        "loss_class": "" if loss else type(network.loss).__name__,
        "penalty": _arguments({"l1": settings.l1, "l2": settings.l2}),
        "rule": type(rule).__name__,
        "optimizer": construct(rule),
        "schedules": sorted(_schedules(rate)),
        "drawn_data": ""
        if subject.from_table or subject.problem.edited
        else _arguments({"name": settings.data.name} | data),
        "places": _places(network),
        "began": subject.began and _places(subject.began),
    }


def _places(network: Network) -> dict[int, dict[str, np.ndarray]]:
    """The arrays of the layers that have some."""
    return {i: view.arrays for i, view in enumerate(network.layers) if view.arrays}


def _layers(stage: Stage) -> list[str]:
    """One line for each layer of a stage."""
    layer: Any = stage.dense.layer
    init = "" if layer.init is None else f", init={_initializer(layer.init)}"
    lines = [f"Dense({stage.units}{init})"]
    if stage.normalization is not None:
        lines.append(f"{type(stage.normalization.layer).__name__}()")
    if stage.activation is not None:
        lines.append(quoted(stage.activation.operation))  # type: ignore[attr-defined]
    if stage.dropout is not None:
        lines.append(f"Dropout({stage.rate})")
    return lines


def _initializer(value: Any) -> str:
    return next(quoted(name) for name, known in INITIALIZERS.items() if known == value)


def construct(value: Any) -> str:
    """The call that makes a dataclass of numbers and others like it; what has its default is left out.

    >>> from deltaprop.functions.schedules import Cosine
    >>> from deltaprop.optimizers import Adam
    >>> construct(Adam(Cosine(0.1, 500), beta1=0.8))
    'Adam(learning_rate=Cosine(initial=0.1, steps=500), beta1=0.8)'
    """
    if not hasattr(value, "__dataclass_fields__"):
        return repr(value)
    given = {
        f.name: getattr(value, f.name)
        for f in fields(value)
        if f.name == "learning_rate" or f.default is MISSING or getattr(value, f.name) != f.default
    }
    return f"{type(value).__name__}({', '.join(f'{name}={construct(v)}' for name, v in given.items())})"


def _schedules(value: Any) -> set[str]:
    """The classes of a schedule and of those within it."""
    if not isinstance(value, Schedule):
        return set()
    return {type(value).__name__}.union(*(_schedules(getattr(value, f.name)) for f in fields(value)))


def _arguments(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={quoted(v) if isinstance(v, str) else v}" for name, v in values.items())


def quoted(name: str) -> str:
    return f'"{name}"'
