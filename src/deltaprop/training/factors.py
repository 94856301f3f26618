"""Factors on the rate and the decay of each parameter, from the arguments of `fit`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, finite, number, numeric, short
from ..layers.base import PARAMETERS

if TYPE_CHECKING:
    from ..layout import Block
    from ..network import Network


def as_factors(argument: str, value: Any, network: Network) -> np.ndarray | None:
    """A factor for each parameter, in theta's dtype; None where `value` is None.

    `argument` is "rate_factors" or "decay_factors". The factors of all dict entries that name a parameter multiply.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return _checked(argument, value, network)
    factors = np.ones_like(network.theta)
    for name, factor in value.items():
        for block in _named(argument, name, network):
            factors[block.slice] *= network.dtype.type(_factor(argument, name, factor, block))
    return factors


def _checked(argument: str, value: Any, network: Network) -> np.ndarray:
    factors = finite("fit", argument, numeric("fit", argument, value))
    if factors.shape != network.theta.shape:
        raise InputError(
            f"fit: {argument} has shape {factors.shape}, expected {network.theta.shape} like theta; "
            "give one factor per parameter, or a dict by layer."
        )
    if (factors < 0).any():
        raise InputError(f"fit: {argument} has {factors.min()}, expected factors ≥ 0; change it.")
    return factors.astype(network.dtype)


def _named(argument: str, name: Any, network: Network) -> list[Block]:
    """The arrays of that layer, of that name such as "0.b", or of that name in any layer, such as "b"."""
    label = name if isinstance(name, str) else short(name)  # layers are numbered
    blocks = [b for b in network.layout if label in (b.name, b.name.rpartition(".")[0], b.parameter)]
    if not blocks and label not in PARAMETERS:
        names = ", ".join(b.name for b in network.layout)
        raise InputError(
            f"fit: {argument} names {short(name)}, expected a layer or one of {names}; see network.layout."
        )
    return blocks


def _factor(argument: str, name: Any, factor: Any, block: Block) -> float:
    if isinstance(factor, str) and factor == "fan_in":
        if not block.penalized:
            raise InputError(
                f"fit: {argument}[{short(name)}] is 'fan_in' for {block.name}, expected it for weights only; give a "
                "number, or name weights, such as 'w'."
            )
        return block.shape[-1] ** (-0.5 if argument == "rate_factors" else 0.5)
    number("fit", f"{argument}[{short(name)}]", factor, low=0)
    return float(factor)
