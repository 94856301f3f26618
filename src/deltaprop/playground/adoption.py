"""A network of one's own in the playground: the settings that describe it, and a run that begins with its weights."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np
from pydantic import ValidationError

from ..batching import batch
from ..errors import InputError, short
from ..functions.activations import ACTIVATIONS
from ..functions.losses import LOSSES, SquaredError
from ..layers import Activation, BatchNorm, Dense, Dropout, Layer, LayerNorm
from ..network import Network
from .build import network_of
from .data import EXTENT, Points
from .invalid import Invalid
from .problem import problem_of
from .run import Run
from .settings import MAX_SAMPLES, MAX_SEED, Settings

MAX_CLASSES = 4
FOR_VALUES = ("squared_error", "absolute_error", "huber")
CLASSES_BY_SQUARES = SquaredError(-1, 1)


class Adopted:
    """A network and samples of one's own, as the page shows them.

    Parameters
    ----------
    network : Network
        Two inputs; dense layers, each with the normalization, activation and dropout that the page offers.
    x : array of shape (n, 2)
    t : array of shape (n,) or (n, outputs)
        As for ``network.fit``; all samples are trained on.
    training : dict
        Settings of the training; those of the network and of the data follow from `network` and `t`.

    Attributes
    ----------
    run : Run
        Begins with the weights of the network.

    Raises
    ------
    InputError
        If the page cannot show the network or the samples.
    """

    def __init__(self, network: Network, x: Any, t: Any, training: dict[str, Any]):
        self.network = network
        _check(network)
        loss = _loss(network)
        points, classes = _points(network, x, t, loss)
        described = {
            "data": {"name": "blobs", "classes": classes} if classes else {"name": "plane"},
            "layers": _layers(network),
            "loss": loss,
            "seed": network.seed,
        }
        if double := sorted(training.keys() & described.keys()):
            raise InputError(
                f"watch: {double[0]} is given, but follows from the network and t; leave it out."
            )
        try:
            self.settings = Settings.model_validate(_penalties(network) | training | described)
        except ValidationError as error:
            raise Invalid(error, "settings") from error
        problem = problem_of(self.settings, points)
        own = network_of(self.settings, problem)
        _compare(own, network)
        own.theta, own.buffers[...] = network.theta, network.buffers
        self.run = Run(self.settings, problem, own)
        shown, given = (_rows(a, network.outputs) for a in (self.run.fit.trainer.data.t, network.encode(t)))
        if not np.array_equal(shown, given):
            raise InputError(
                "watch: t is not one class for each sample, as the page has it; give t as labels."
            )


def _check(network: Network) -> None:
    """Refuse what no settings describe."""
    if network.inputs != 2:
        raise InputError(
            f"watch: the network has {network.inputs} inputs, expected 2, the plane's; train others with net.fit."
        )
    if network.dtype != np.float32:
        raise InputError(
            f"watch: the network has dtype {network.dtype}, expected float32; make it anew, or train it with net.fit."
        )
    if network.seed > MAX_SEED:
        raise InputError(
            f"watch: the network has seed {short(network.seed)}, expected at most {MAX_SEED}; make it with another one."
        )


def _loss(network: Network) -> str:
    """The name of the network's loss."""
    for name, loss in LOSSES.items():
        if network.loss == loss or (name == "squared_error" and network.loss == CLASSES_BY_SQUARES):
            return name
    raise InputError(
        f"watch: the loss is {short(network.loss)}, expected one with its defaults; train others with net.fit."
    )


def _points(network: Network, x: Any, t: Any, loss: str) -> tuple[Points, int]:
    """The samples as points of the plane, and the number of classes, 0 for values."""
    x, t, _ = batch("watch", network, x, t, None)
    if len(x) > MAX_SAMPLES:
        raise InputError(
            f"watch: x has {len(x)} samples, expected at most {MAX_SAMPLES}; take a part of them."
        )
    x = np.asarray(x, np.float64)
    if (largest := np.abs(x).max()) > EXTENT:
        raise InputError(
            f"watch: x goes to {largest:.4g}, expected at most {EXTENT:g}, the edge of the page's plane; scale x."
        )
    values = loss in FOR_VALUES and network.loss != CLASSES_BY_SQUARES
    classes = 0 if values else max(network.outputs, 2)
    if classes > MAX_CLASSES:
        raise InputError(
            f"watch: there are {classes} classes, expected at most {MAX_CLASSES}; leave some out."
        )
    if t.ndim == 2:  # one-hot, or one output
        t = t.argmax(axis=1) if t.shape[1] > 1 else t[:, 0] > 0 if classes else t[:, 0]
    return Points(x, t.astype(np.float64), np.zeros(len(x), bool)), classes


def _layers(network: Network) -> list[dict[str, Any]]:
    """The hidden layers as `HiddenLayer` has them."""
    hidden: list[dict[str, Any]] = []
    for layer in network.config[:-1]:
        if isinstance(layer, Dense):
            hidden.append({"units": layer.units, "activation": "identity"})
        elif hidden and (part := _part(layer)):
            hidden[-1] |= part
        else:
            raise InputError(
                f"watch: the network has the layer {short(layer)}, expected Dense, BatchNorm, LayerNorm, a fixed "
                "activation or Dropout, beginning with Dense; train others with net.fit."
            )
    return hidden


def _part(layer: Layer) -> dict[str, Any]:
    """What a layer adds to the hidden layer that it belongs to; nothing if the page does not offer it."""
    match layer:
        case BatchNorm():
            return {"normalization": "batch"}
        case LayerNorm():
            return {"normalization": "layer"}
        case Dropout(rate=float(rate)):
            return {"dropout": rate}
        case Activation(function=function):
            names = [name for name, known in ACTIVATIONS.items() if known == function]
            return {"activation": names[0]} if names else {}
    return {}


def _penalties(network: Network) -> dict[str, Any]:
    return {} if network.penalty is None else {"l1": network.penalty.l1, "l2": network.penalty.l2}


def _compare(own: Network, network: Network) -> None:
    """Refuse a network that is not the one which the page makes of the settings, the initial weights aside."""
    layers, wanted = _computing(network), _computing(own)
    for layer, known in zip_longest(layers, wanted):
        if layer != known:
            raise InputError(
                f"watch: the network has {layer or 'nothing'} where the page has {known or 'nothing'}; expected hidden "
                "layers of Dense, BatchNorm or LayerNorm, an activation and Dropout, in this order and with their "
                "defaults, then Dense; train others with net.fit."
            )
    if network.loss != own.loss:
        raise InputError(
            f"watch: the network has the loss {short(network.loss)}, the page {short(own.loss)}; train it with net.fit."
        )


def _rows(t: np.ndarray, outputs: int) -> np.ndarray:
    """Encoded targets, (n, outputs)."""
    return np.eye(outputs)[t] if t.ndim == 1 else t


def _computing(network: Network) -> list[Layer]:
    """The layers that compute something, without what concerns only the initial weights."""
    identity = Activation(ACTIVATIONS["identity"])
    layers = [layer for layer in network.config if layer != identity]
    return [replace(a, init=None, bias_init=None) if isinstance(a, Dense) else a for a in layers]
