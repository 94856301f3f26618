"""The loss of an estimator: scikit-learn's names, deltaprop's objects, or a pair of functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import short
from ..functions import LOSSES, Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy, as_loss


@dataclass(frozen=True)
class ValueAndDelta(Loss):
    """A loss from two functions of (z, t), both arrays of shape (n, outputs).

    `error` gives that of each sample, (n,), and `sensitivity` delta = ∂error/∂z, (n, outputs).
    """

    error: Callable[[np.ndarray, np.ndarray], np.ndarray]
    sensitivity: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def value(self, z, t):
        return self.error(z, t)

    def delta(self, z, t):
        return self.sensitivity(z, t).astype(z.dtype, copy=False)

    def curvature(self, z, t, v):
        raise NotImplementedError(
            "a loss from two functions has no curvature; derive a class from Loss to give one"
        )


def as_estimator_loss(owner: str, value: Any) -> Loss:
    """The loss object for the argument `loss`: a name, a `Loss`, or the pair (value, delta)."""
    if not isinstance(value, tuple):
        return as_loss(value)
    if len(value) != 2 or not all(callable(f) for f in value):
        raise ValueError(
            f"{owner}: loss is {short(value)}, expected a pair of functions (value, delta), each of (z, t); "
            f"or one of {', '.join(LOSSES)}."
        )
    return ValueAndDelta(*value)


def of_classes(owner: str, value: Any, one_of_many: bool, label_smoothing: float = 0.0) -> Loss:
    """A classifier's loss; the log-loss is softmax's where classes exclude each other, else the logistic's."""
    if isinstance(value, str) and value == "log_loss":
        return (SoftmaxCrossEntropy if one_of_many else SigmoidCrossEntropy)(float(label_smoothing))
    return as_estimator_loss(owner, value)
