"""First-order rules over vectors: from the parameters and their gradient to the next parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import choose
from ..functions.schedules import Schedule
from .adagrad import AdaGrad
from .adam import Adam, AdamW
from .base import Optimizer
from .clipping import clip_norm, clip_value
from .gradient_descent import SGD, GradientDescent
from .momentum import Momentum, Nesterov
from .rmsprop import RMSProp

OPTIMIZERS: dict[str, Optimizer] = {
    "gradient_descent": GradientDescent(),
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(),
    "adagrad": AdaGrad(),
    "rmsprop": RMSProp(),
    "adam": Adam(),
    "adamw": AdamW(),
}

#: Every optimizer that a file may name: see `deltaprop.functions.from_spec`.
OPTIMIZER_CLASSES = (GradientDescent, SGD, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW)


def as_optimizer(value: Any, learning_rate: float | Schedule | None = None) -> Optimizer:
    """The optimizer of that name, or the given object itself; with another `learning_rate` if given.

    Raises
    ------
    InputError
        If `value` is neither; the message lists the names.

    Examples
    --------
    >>> as_optimizer("momentum", learning_rate=0.05)
    Momentum(learning_rate=0.05, momentum=0.9)
    """
    optimizer = choose("Optimizer", "name", value, OPTIMIZERS, Optimizer)
    return optimizer if learning_rate is None else replace(optimizer, learning_rate=learning_rate)


__all__ = [
    "OPTIMIZERS",
    "OPTIMIZER_CLASSES",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "as_optimizer",
    "clip_norm",
    "clip_value",
]
