"""First-order rules over vectors: from the parameters and their gradient to the next parameters."""

from dataclasses import replace
from typing import Any

from ..errors import choose
from ..functions.schedules import Schedule
from .adam import Adam, AdamW
from .adaptive import AdaGrad, RMSProp
from .base import Optimizer
from .clipping import clip_norm, clip_value
from .delta_bar_delta import DeltaBarDelta
from .momentum import Momentum, Nesterov
from .sgd import SGD, GradientDescent

__all__ = [
    "OPTIMIZERS",
    "OPTIMIZER_CLASSES",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "DeltaBarDelta",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "as_optimizer",
    "clip_norm",
    "clip_value",
]

OPTIMIZERS: dict[str, Optimizer] = {
    "gradient_descent": GradientDescent(),
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(),
    "adagrad": AdaGrad(),
    "rmsprop": RMSProp(),
    "adam": Adam(),
    "adamw": AdamW(),
    "delta_bar_delta": DeltaBarDelta(),
}

#: The optimizers that a file may name: see `deltaprop.serialization.from_spec`.
OPTIMIZER_CLASSES = tuple(type(rule) for rule in OPTIMIZERS.values())


def as_optimizer(value: Any, learning_rate: float | Schedule | None = None) -> Optimizer:
    """The optimizer of that name, or the given object itself; with another `learning_rate` if given.

    Raises
    ------
    InputError
        If `value` is neither; the message lists the names.

    Examples
    --------
    >>> as_optimizer("sgd", learning_rate=0.05)
    SGD(learning_rate=0.05, weight_decay=0.0)
    """
    optimizer = choose("Optimizer", "name", value, OPTIMIZERS, Optimizer)
    return optimizer if learning_rate is None else replace(optimizer, learning_rate=learning_rate)
