"""What goes on in the layers of a network: norms of gradients, and distributions of activations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from .. import errors
from ..engines.diagnostics import activations
from ..errors import InputError, short
from ..network import Network
from ..style import LIGHT, Palette, styled
from .curves import Band, curves

if TYPE_CHECKING:
    from ..training.history import History

QUANTITIES = {
    "gradient_norm": "‖∂E/∂θ‖ of a step",
    "update_ratio": "‖Δθ‖ / ‖θ‖ of a step",
    "dead": "fraction of units",
    "saturated": "fraction of units",
}


def layer_curves(
    history: History,
    quantity: str = "gradient_norm",
    *,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """One quantity of each layer over the epochs of a run, a line for each layer.

    Parameters
    ----------
    history : History
    quantity : {"gradient_norm", "update_ratio", "dead", "saturated"}
        See `History`. Norms and ratios have a logarithmic axis, fractions of units one in percent.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the history has no such quantity.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((50, 2))
    >>> history = Network([Dense(3), "tanh", Dense(1)], inputs=2).fit(x, x[:, 0], epochs=3)
    >>> [line.get_label() for line in layer_curves(history).lines]
    ['layer 0', 'layer 2']
    """
    layers = _layers("layer_curves", history, quantity)
    series = {f"layer {layer}": history[f"{quantity}_{layer}"] for layer in layers}
    fraction = quantity in ("dead", "saturated")
    options: dict[str, Any] = {"log": not fraction, "percent": fraction, "palette": palette}
    ax = curves(history["epoch"].astype(int), series, QUANTITIES[quantity], ax=ax, **options)
    if fraction:
        largest = max((np.nanmax(values, initial=0.0) for values in series.values()), default=0.0)
        ax.set_ylim(0, max(0.1, 1.1 * largest))
    return ax


def gradient_norms(
    runs: History | Mapping[str, Any],
    *,
    epoch: int = 1,
    band: Band = "range",
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """Norms of the layers' gradients: of one run over the epochs, or of several over the layers.

    Parameters
    ----------
    runs : History, or mapping of str to History or to a sequence of History
        Of one run, a line for each layer over the epochs. Of several, a line for each over their layers with weights,
        from the inputs to the outputs; that of a sequence, one for each seed, is their mean, with a band.
    epoch : int
        The epoch whose norms are compared, from 1; only for several runs.
    band : {"range", "interval"}
        As for `curves`.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a run has no such epoch.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> x = np.random.default_rng(0).standard_normal((50, 2))
    >>> def train(function):
    ...     return Network([Dense(4), function, Dense(4), function, Dense(1)], inputs=2).fit(x, x[:, 0], epochs=1)
    >>> ax = gradient_norms({name: train(name) for name in ("sigmoid", "relu")})
    >>> ax.get_xlabel(), ax.lines[0].get_xdata().tolist()
    ('layer with weights, from the inputs', [1, 2, 3])
    """
    if not isinstance(runs, Mapping):
        return layer_curves(runs, ax=ax, palette=palette)
    norms = {}
    for name, run in runs.items():
        histories = run if isinstance(run, (list, tuple)) else [run]
        for history in histories:
            _layers("gradient_norms", history, "gradient_norm")
            errors.number("gradient_norms", "epoch", epoch, low=1, high=len(history), integer=True)
        norms[name] = np.stack([history["gradient_norm"][epoch - 1] for history in histories])
    places = {name: np.arange(1, values.shape[1] + 1) for name, values in norms.items()}
    label = f"‖∂E/∂θ‖ of a step, epoch {epoch}"
    return curves(
        places,
        norms,
        label,
        xlabel="layer with weights, from the inputs",
        log=True,
        band=band,
        ax=ax,
        palette=palette,
    )


def activation_histograms(
    source: Network | Mapping[str, Any],
    x: Any = None,
    *,
    xlabel: str = "activation a",
    bins: int = 60,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """Histograms in rows: of each activation layer of a network, or of one layer after each epoch.

    The rows share the bins, and each is as high as its most frequent bin allows, so that shapes are compared. The first
    and the last bin also take the 0.1 % of the values beyond them.

    Parameters
    ----------
    source : Network, or mapping of str to array
        A network, whose layers are the rows, from the inputs to the outputs; or the names and numbers of the rows, from
        top to bottom, such as ``RecordActivations.layer(name)``.
    x : array of shape (n, inputs)
        The samples that pass through the network.
    xlabel : str
    bins : int
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no activation to be shown.

    Source: Glorot, Bengio, *Understanding the difficulty of training deep feedforward networks* (2010), figure 6.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(30), "tanh", Dense(30), "tanh", Dense(1)], inputs=5)
    >>> ax = activation_histograms(net, np.random.default_rng(0).standard_normal((200, 5)))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['layer 1, Tanh', 'layer 3, Tanh']
    """
    errors.number("activation_histograms", "bins", bins, low=1, integer=True)
    rows = activations(source, x) if isinstance(source, Network) else source
    numbers = {name: np.sort(np.asarray(each, float).ravel()) for name, each in rows.items()}
    numbers = {name: each[np.isfinite(each)] for name, each in numbers.items()}
    everything = np.concatenate(list(numbers.values()) or [np.zeros(0)])
    if not everything.size:
        raise InputError(
            "activation_histograms: source has no activations, expected at least one finite number; use a network with "
            "activation layers."
        )
    low, high = np.percentile(everything, [0.1, 99.9])
    edges = np.linspace(low, high, bins + 1) if low < high else np.linspace(low - 0.5, high + 0.5, bins + 1)
    ax = styled(ax, palette, 4.8, 1.0 + 0.55 * len(numbers), grid="x")
    for i, each in enumerate(numbers.values()):
        counts = _counts(each, edges)
        top = i - 0.9 * counts / (counts.max() or 1.0)
        ax.stairs(top, edges, baseline=i, fill=True, color=palette.color(0), alpha=0.35, linewidth=0)
        ax.stairs(top, edges, baseline=i, color=palette.color(0), linewidth=1.0)
    ax.set_yticks(range(len(numbers)), list(numbers), parse_math=False)
    ax.set(xlim=edges[[0, -1]], ylim=(len(numbers) - 0.9, -1.0), xlabel=xlabel)
    ax.tick_params(axis="y", length=0)
    return ax


def _counts(ordered: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The fraction of each bin, for ordered numbers or equidistant quantiles of them."""
    if not ordered.size:
        return np.zeros(len(edges) - 1)
    below = np.interp(edges, ordered, np.linspace(0, 1, len(ordered)))
    below[0], below[-1] = 0.0, 1.0
    return np.diff(below)


def _layers(function: str, history: History, quantity: str) -> list[str]:
    """The numbers of the layers that a history has this quantity of."""
    layers = [
        column.rpartition("_")[2] for column in history.columns if column.rpartition("_")[0] == quantity
    ]
    if quantity not in QUANTITIES or not layers:
        known = [name for name in QUANTITIES if any(c.rpartition("_")[0] == name for c in history.columns)]
        raise InputError(
            f"{function}: quantity is {short(quantity)}, which the history has not, expected one of "
            f"{', '.join(known) or 'none'}; choose one of them."
        )
    return layers
