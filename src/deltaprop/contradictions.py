"""Warnings about combinations of layers, loss and targets that compute, but cannot learn what they should."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from .functions.activations import Sigmoid
from .functions.losses import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy
from .layers import Activation, Layer, Softmax

if TYPE_CHECKING:
    from .network import Network

#: Pre-activations, of both signs, at which the range of an activation is sampled; also at the largest of the dtype.
_SIZES = np.logspace(-3, 9, 500)


def warn_of_output(layers: tuple[Layer, ...], loss: Loss, outputs: int) -> None:
    """Warn when the output layer contradicts the loss."""
    if (contradiction := _of_output(layers, loss, outputs)) is not None:
        logging.getLogger("deltaprop").warning("Network: %s.", contradiction)


def warn_of_targets(network: Network, t: np.ndarray) -> None:
    """Warn of class labels for a loss that is not about one class of several, and of targets out of reach."""
    if t.ndim == 1 and (
        not network.loss.classification or isinstance(network.loss.single, SigmoidCrossEntropy)
    ):
        logging.getLogger("deltaprop").warning(
            "fit: %s takes the class labels as one-hot rows; give rows of shape (n, %d) if they are not classes.",
            *(network.loss, network.outputs),
        )
    loss, last = network.loss.single, network.config[-1] if network.config else None
    if not isinstance(last, Activation) or isinstance(loss, SoftmaxCrossEntropy):
        return  # softmax: any probabilities follow from large enough differences of z
    if _of_output(network.config, loss, network.outputs) is not None:
        return
    with np.errstate(all="ignore"):
        z = np.append(_SIZES, np.finfo(network.dtype).max)
        y = loss.predict(last.function.f(np.concatenate([-z, z]))[:, np.newaxis])
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    least, most = (loss.off, loss.on) if t.ndim == 1 else (float(t.min()), float(t.max()))
    if least < low - 1e-6 or most > high + 1e-6:
        logging.getLogger("deltaprop").warning(
            "fit: the outputs after %s lie in [%.3g, %.3g], but the targets in [%.3g, %.3g]; remove the activation, "
            "or scale the targets.",
            *(last.function, low, high, least, most),
        )


def _of_output(layers: tuple[Layer, ...], loss: Loss, outputs: int) -> str | None:
    loss, outputs = loss.single, outputs // loss.members
    last = layers[-1] if layers else None
    softmax, sigmoid = isinstance(loss, SoftmaxCrossEntropy), isinstance(loss, SigmoidCrossEntropy)
    if outputs == 1 and (softmax or isinstance(last, Softmax)):
        return "softmax over one output is always 1; use sigmoid_cross_entropy, or one output for each class"
    if softmax and isinstance(last, Softmax):
        return "softmax_cross_entropy applies softmax itself; remove the softmax layer before it"
    if sigmoid and isinstance(last, Activation) and isinstance(last.function, Sigmoid):
        return "sigmoid_cross_entropy applies the sigmoid itself; remove the sigmoid activation before it"
    return None
