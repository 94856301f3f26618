"""What went wrong, where, and what to try: the message of a fit that diverged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import batching
from .run import Run

if TYPE_CHECKING:
    from ..network import Network

#: Training has diverged when an epoch's loss exceeds this multiple of the first epoch's (or of 1, if that is larger).
MULTIPLE = 1e4


def exploded(first: float, loss: float) -> bool:
    """Whether an epoch's training loss, though finite, has grown by more than `MULTIPLE`."""
    return float(loss) > MULTIPLE * max(float(first), 1.0)


def explain_explosion(run: Run) -> str:
    """The message for a loss that has exploded."""
    first, last = run.history.first["train_loss"], run.history.last["train_loss"]
    grown = f"the training loss is {last:.4g}, in the first epoch it was {first:.4g}."
    return f"Diverged in epoch {run.epoch + 1}: {grown}"


def explain(run: Run, batch: np.ndarray) -> str:
    """Name the first thing that is not finite, when the loss of the last step's samples (or a weight) is not."""
    with np.errstate(all="ignore"):
        what = _bad_weights(run.network) or _bad_values(run, batch)
    return f"Diverged in epoch {run.epoch + 1} at step {run.step - 1} of the fit: {what} not finite."


def remedy(run: Run, loss: float) -> str:
    """What to try, given the loss of the weights that are kept."""
    if not np.isfinite(loss):
        return (
            "The loss of the weights kept is not finite either: scale the inputs and the targets, "
            "or begin with smaller weights."
        )
    return (
        f"The learning rate was {run.learning_rate:.4g}, which is probably too large: try a tenth of it, "
        "gradients clipped to a norm of 1 (clip_norm), or standardized inputs and targets."
    )


def _bad_weights(network: Network) -> str:
    for block in network.layout:
        if not np.isfinite(block.of(network.theta)).all():
            return f"the weights {block.name} of layer {block.name.rpartition('.')[0]} are"
    return ""


def _bad_values(run: Run, batch: np.ndarray) -> str:
    """The first layer whose output for the batch is not finite, found by a forward pass in training mode."""
    network = run.network
    x = batching.take(run.data.x, batch, network.dtype)
    for position, (p, cache) in enumerate(
        zip(network.layers, network.new_cache(True, run.step - 1), strict=True)
    ):
        x = p.layer.forward(p, x, cache)
        if not np.isfinite(x).all():
            return f"the outputs of layer {position}, {p.layer}, are"
    return "the loss is"
