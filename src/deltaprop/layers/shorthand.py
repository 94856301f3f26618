"""Layers by name: what a list of layers may contain."""

from collections.abc import Iterable
from typing import Any

from ..errors import InputError, short
from ..functions.activations import ACTIVATIONS, ActivationFunction
from .activation import Activation
from .base import Layer
from .softmax import Softmax


def as_layers(owner: str, values: Iterable[Any]) -> tuple[Layer, ...]:
    """A tuple of layers from layers, names of activations, ``"softmax"`` and activation functions."""
    if isinstance(values, (str, Layer)) or not isinstance(values, Iterable):
        raise InputError(
            f"{owner}: layers is {short(values)}, expected a list of layers; put it in brackets."
        )
    return tuple(_as_layer(owner, value) for value in values)


def _as_layer(owner: str, value: Any) -> Layer:
    if isinstance(value, Layer):
        return value
    if isinstance(value, ActivationFunction) or (isinstance(value, str) and value in ACTIVATIONS):
        return Activation(value)
    if isinstance(value, str) and value == "softmax":
        return Softmax()
    names = ", ".join([*ACTIVATIONS, "softmax"])
    raise InputError(
        f"{owner}: layers contain {short(value)}, expected layers or names among {names}; for example Dense(32)."
    )
