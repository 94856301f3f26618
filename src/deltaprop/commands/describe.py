"""A network in rows and columns, for tables and drawings."""

from __future__ import annotations

from ..layers import Activation
from ..network import Network


def layer_rows(network: Network) -> list[tuple[str, str, int, int]]:
    """Position, layer, outputs and parameters of each layer.

    Examples
    --------
    >>> layer_rows(Network([Dense(3), "relu", Dense(1)], inputs=2))[0]
    ('0', 'Dense(units=3)', 3, 9)
    """
    rows, width = [], network.inputs
    for i, layer in enumerate(network.config):
        width = layer.width(width)
        size = sum(block.size for block in network.layout if block.name.split(".")[0] == str(i))
        rows.append((str(i), str(layer), width, size))
    return rows


def columns(network: Network) -> list[tuple[int, str]]:
    """Units and label of the input and of each layer of units, with what follows it under its name.

    Examples
    --------
    >>> columns(Network([Dense(3), "relu", Dense(1)], inputs=2))
    [(2, 'input'), (3, 'Dense\\nReLU'), (1, 'Dense')]
    """
    found, width = [(network.inputs, "input")], network.inputs
    for layer in network.config:
        width = layer.width(width)
        name = type(layer.function if isinstance(layer, Activation) else layer).__name__
        if layer.has_units:
            found.append((width, name))
        else:
            found[-1] = (width, f"{found[-1][1]}\n{name}")
    return found
