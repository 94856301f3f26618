"""A network as a diagram of its units."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..layers import Activation
from ..network import Network
from ..style import LIGHT, Palette, styled

MOST = 9  # units of a column that are drawn


def network_diagram(
    network: Network | Sequence[tuple[int, str]], *, ax: Axes | None = None, palette: Palette = LIGHT
) -> Axes:
    """The layers of a network as columns of units, each with its number of units and its name.

    Parameters
    ----------
    network : Network, or sequence of (int, str)
        A network, or the units and label of each column. Wide layers are abbreviated.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> from deltaprop import Dense
    >>> ax = network_diagram(Network([Dense(3), "relu", Dense(1)], inputs=2))
    >>> [text.get_text() for text in ax.texts]
    ['2', 'input', '3', 'Dense\\nReLU', '1', 'Dense']
    """
    columns = _columns(network) if isinstance(network, Network) else network
    ax = styled(ax, palette, max(3.6, 1.45 * len(columns)), 3.4, grid="")
    heights = [_heights(units) for units, _ in columns]
    for x, (left, right) in enumerate(pairwise(heights)):
        edges = [[(x, y0), (x + 1, y1)] for y0 in left for y1 in right]
        ax.add_collection(LineCollection(edges, colors=palette.faint, linewidths=0.5, zorder=1))
    for x, (units, label) in enumerate(columns):
        color = palette.color(1 if x == len(columns) - 1 else 0 if x else 7)
        ax.scatter(np.full(len(heights[x]), x), heights[x], s=75, color=color, zorder=3, linewidths=0)
        if units > MOST:
            ax.text(x, 0, "⋮", ha="center", va="center", fontsize=14, color=palette.ink, zorder=4)
        ax.text(x, -MOST / 2 - 0.5, f"{units:,}", ha="center", va="top", fontsize=11, color=palette.ink)
        below = -MOST / 2 - 1.45
        ax.text(x, below, label, ha="center", va="top", fontsize=8.5, color=palette.ink, parse_math=False)
    ax.set(xlim=(-0.6, len(columns) - 0.4), ylim=(-MOST / 2 - 2.6, MOST / 2 + 0.3))
    ax.set_axis_off()
    return ax


def _columns(network: Network) -> list[tuple[int, str]]:
    """Units and label of the input and of each layer of units, followed by the layers that act on it."""
    found, width = [(network.inputs, "input")], network.inputs
    for layer in network.config:
        width = layer.width(width)
        name = type(layer.function if isinstance(layer, Activation) else layer).__name__
        if layer.has_units:
            found.append((width, name))
        else:
            found[-1] = (width, f"{found[-1][1]}\n{name}")
    return found


def _heights(units: int) -> np.ndarray:
    """Vertical positions of a column's units; a wide one leaves its middle free for dots."""
    if units <= MOST:
        return (units - 1) / 2 - np.arange(units)
    places = (MOST - 1) / 2 - np.arange(MOST)
    return places[places != 0]
