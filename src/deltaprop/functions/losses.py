"""Losses: each owns its output map, its value and its delta = ∂E/∂z: the fused, stable forms are the only forms.

The one idea of the field stands here in one column: a learner is its delta at the output.

==========================  ==================================================
perceptron                  delta = H(z) − t
ADALINE, regression         delta = z − t
logistic units              delta = σ(z) − t
softmax + cross-entropy     delta = y − t
==========================  ==================================================

All formulas take rows: z, t and v have shape (n, d), a row a sample; values are per sample, shape (n,). The mean over
samples is the network's business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, choose, finite, number, numeric, representable
from .activations import Sigmoid, Step
from .scores import accuracy, r2

_sigmoid = Sigmoid().f
_step = Step().f


def softmax(z: np.ndarray) -> np.ndarray:
    """y_j = e^(z_j) / Σ_k e^(z_k), a row at a time, shifted by the row's maximum (which does not change it).

    Examples
    --------
    >>> import numpy as np
    >>> print(softmax(np.array([[1e4, 1e4], [0.0, 1e4]])))
    [[0.5 0.5]
     [0.  1. ]]
    """
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Loss(ABC):
    """E of one sample, as a function of the outputs' pre-activations z.

    Attributes
    ----------
    classification : bool
        Whether targets are classes; decides the score (accuracy, or R²).
    off, on : float
        What a class label becomes in the rows of targets: `on` in its own column, `off` elsewhere.
    """

    classification = False
    off, on = 0.0, 1.0

    @abstractmethod
    def value(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """E of each sample, shape (n,)."""

    @abstractmethod
    def delta(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """∂E/∂z of each sample, shape (n, d)."""

    @abstractmethod
    def curvature(self, z: np.ndarray, t: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(∂²E/∂z²) v of each sample, shape (n, d)."""

    def residual(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """r with E = ½ Σ r², where the loss is such a sum of squares; refused otherwise."""
        name = type(self).__name__
        raise InputError(
            f"{name}: residual is not defined, expected a sum of squares; use the squared_error loss with "
            "this method."
        )

    def predict(self, z: np.ndarray) -> np.ndarray:
        """The output map y(z), shape (n, d)."""
        return z

    def labels(self, z: np.ndarray) -> np.ndarray:
        """Class labels, shape (n,): the largest of several outputs; one output is on where z ≥ 0.

        Raises
        ------
        InputError
            For one output of a loss that is not about classes: where to cut is the caller's choice.
        """
        if z.shape[1] > 1:
            return z.argmax(axis=1)
        if not self.classification:
            got = "is one value a sample"
            raise InputError(
                f"{type(self).__name__}: z {got}, expected a loss for classes; compare predict(x) with a "
                "threshold."
            )
        return np.where(z[:, 0] >= 0, self.on, self.off).astype(int)

    def score(self, z: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
        """Accuracy for classes, R² for values; t as `encode` returns it.

        Labels are one class of several, and the largest output must be theirs. Rows are yes/no answers, each output's
        own, and all answers of a sample must be right.
        """
        if not self.classification:
            return r2(self.predict(z), self.rows(t, z.shape[1], z.dtype), sample_weight)
        if t.ndim == 1:
            return accuracy(z.argmax(axis=1), t, sample_weight)
        middle = (self.on + self.off) / 2
        return accuracy(z >= 0, t > middle, sample_weight)

    def encode(self, t: Any, outputs: int, dtype: np.dtype) -> np.ndarray:
        """Targets, checked once: class labels as (n,) integers, or (n, outputs) rows of `dtype`.

        Raises
        ------
        InputError
            If t is not numeric and finite, does not fit `outputs`, or lies outside what the loss is defined for.
        """
        name = type(self).__name__
        t = representable(name, "t", finite(name, "t", numeric(name, "t", t)), np.dtype(dtype))
        if t.ndim == 1 and self._are_labels(t, outputs):
            return self._check_labels(t, outputs)
        rows = t[:, None] if t.ndim == 1 else t
        if rows.ndim != 2 or rows.shape[1] != outputs:
            wanted = f"(n, {outputs})" + (" or class labels (n,)" if outputs > 1 else " or (n,)")
            raise InputError(
                f"{name}: t has shape {t.shape}, expected {wanted}; check the targets against the outputs of "
                "the network."
            )
        return self.check_rows(rows).astype(dtype)

    def rows(self, t: np.ndarray, outputs: int, dtype: np.dtype) -> np.ndarray:
        """Targets as the formulas take them: labels become rows with `on` in the label's column, `off` elsewhere."""
        if t.ndim == 2:
            return t
        rows = np.full((len(t), outputs), self.off, dtype)
        rows[np.arange(len(t)), t] = self.on
        return rows

    def check_rows(self, t: np.ndarray) -> np.ndarray:
        """Rows of targets; refused where they lie outside what the loss is defined for."""
        return t

    def _are_labels(self, t: np.ndarray, outputs: int) -> bool:
        return outputs > 1 and (self.classification or t.dtype.kind in "bui")

    def _check_labels(self, t: np.ndarray, outputs: int) -> np.ndarray:
        t = t.astype(np.intp) if t.dtype.kind == "b" else t
        outside = (t != np.floor(t)) | (t < 0) | (t >= outputs)
        if outside.any():
            raise InputError(
                f"{type(self).__name__}: t has the class label {t[outside][0]}, expected integers in [0, "
                f"{outputs - 1}]; number the classes from 0, or give the network one output for each class."
            )
        return t.astype(np.intp, copy=False)

    def _check_within(self, t: np.ndarray, allowed: np.ndarray, wanted: str, remedy: str) -> np.ndarray:
        if not allowed.all():
            raise InputError(
                f"{type(self).__name__}: t has the value {t[~allowed][0]}, expected {wanted}; {remedy}."
            )
        return t


@dataclass(frozen=True)
class SquaredError(Loss):
    """E = ½ Σ_j (z_j − t_j)².  delta = z − t.  (Widrow–Hoff's delta.)

    Examples
    --------
    >>> import numpy as np
    >>> z, t = np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]])
    >>> print(SquaredError().value(z, t), SquaredError().delta(z, t))
    [2.] [[2. 0.]]
    """

    def value(self, z, t):
        return 0.5 * np.square(z - t).sum(axis=1)

    def delta(self, z, t):
        return z - t

    def curvature(self, z, t, v):
        return v

    def residual(self, z, t):
        return z - t


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """y = softmax(z);  E = −Σ_j t_j log y_j = log Σ_k e^(z_k) − Σ_j t_j z_j.  delta = y − t.

    Targets are class labels, or rows of probabilities that sum to 1.

    Source: Bridle, *Probabilistic interpretation of feedforward classification network outputs* (1990).
    """

    classification = True

    def value(self, z, t):
        z = z - z.max(axis=1, keepdims=True)
        return np.log(np.exp(z).sum(axis=1)) - (t * z).sum(axis=1)

    def delta(self, z, t):
        return softmax(z) - t

    def curvature(self, z, t, v):
        y = softmax(z)
        return y * (v - (y * v).sum(axis=1, keepdims=True))

    def predict(self, z):
        return softmax(z)

    def labels(self, z):
        return z.argmax(axis=1)

    def score(self, z, t, sample_weight=None):
        label = t if t.ndim == 1 else t.argmax(axis=1)
        return accuracy(z.argmax(axis=1), label, sample_weight)

    def check_rows(self, t):
        sums = np.asarray(np.sum(t, axis=1, dtype=np.float64))
        allowed = (t >= 0).all(axis=1) & (np.abs(sums - 1) < 1e-3)
        wanted = "rows of probabilities that sum to 1"
        remedy = (
            "give class labels or one-hot rows"
            if t.shape[1] > 1
            else "use sigmoid_cross_entropy for one output"
        )
        self._check_within(sums, allowed, wanted, remedy)
        return t / sums[:, None]  # value and delta belong together only where the sum is 1 to the last bit


@dataclass(frozen=True)
class SigmoidCrossEntropy(Loss):
    """y = σ(z);  E = −Σ_j [t_j log y_j + (1 − t_j) log(1 − y_j)].  delta = y − t.

    The stable form of a term is max(z, 0) − t z + log(1 + e^(−|z|)). One output is a yes/no question; several are
    independent ones (multi-label).
    """

    classification = True

    def value(self, z, t):
        return (np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)

    def delta(self, z, t):
        return _sigmoid(z) - t

    def curvature(self, z, t, v):
        y = _sigmoid(z)
        return y * (1 - y) * v

    def predict(self, z):
        return _sigmoid(z)

    def check_rows(self, t):
        return self._check_within(
            t, (t >= 0) & (t <= 1), "numbers in [0, 1]", "code the two classes as 0 and 1"
        )


@dataclass(frozen=True)
class Hinge(Loss):
    """E = Σ_j max(0, 1 − t_j z_j), t_j = ±1.  delta_j = −t_j where t_j z_j < 1, else 0.

    Class labels become +1 in their own column and −1 elsewhere (one against the rest).
    """

    classification = True
    off, on = -1.0, 1.0

    def value(self, z, t):
        return np.maximum(0, 1 - t * z).sum(axis=1)

    def delta(self, z, t):
        return np.where(t * z < 1, -t, 0)

    def curvature(self, z, t, v):
        return np.zeros_like(v)

    def check_rows(self, t):
        return self._check_within(t, np.abs(t) == 1, "-1 or 1", "code the two classes as -1 and 1")


@dataclass(frozen=True)
class PerceptronLoss(Loss):
    """y = H(z);  E = Σ_j (H(z_j) − t_j) z_j, t_j ∈ {0, 1}.  delta = H(z) − t: zero for a sample that is right.

    Source: Rosenblatt, *The perceptron* (1958); the criterion is Duda and Hart's (1973).
    """

    classification = True

    def value(self, z, t):
        return ((_step(z) - t) * z).sum(axis=1)

    def delta(self, z, t):
        return _step(z) - t

    def curvature(self, z, t, v):
        return np.zeros_like(v)

    def predict(self, z):
        return _step(z)

    def check_rows(self, t):
        return self._check_within(t, (t == 0) | (t == 1), "0 or 1", "code the two classes as 0 and 1")


@dataclass(frozen=True)
class AbsoluteError(Loss):
    """E = Σ_j |z_j − t_j|.  delta = sign(z − t).  Its minimum is the median."""

    def value(self, z, t):
        return np.abs(z - t).sum(axis=1)

    def delta(self, z, t):
        return np.sign(z - t)

    def curvature(self, z, t, v):
        return np.zeros_like(v)


@dataclass(frozen=True)
class Quantile(Loss):
    """With r = t − z:  E = Σ_j q r where r ≥ 0, else (q − 1) r.  delta = −q where r > 0, 1 − q where r < 0.

    Its minimum is the q-quantile of the targets: a fraction q of them lies below the prediction. At r = 0, where E has
    a kink, delta is 0. For q = ½ it is half the absolute error.

    Parameters
    ----------
    level : float
        q in (0, 1); the default is the median.

    Source: Koenker and Bassett, *Regression Quantiles* (1978), eq. 1.1 (the "check" or pinball loss).

    Examples
    --------
    >>> import numpy as np
    >>> z, t = np.array([[0.0], [0.0]]), np.array([[2.0], [-2.0]])
    >>> print(Quantile(0.9).value(z, t), Quantile(0.9).delta(z, t).ravel())
    [1.8 0.2] [-0.9  0.1]
    """

    level: float = 0.5

    def __post_init__(self):
        number("Quantile", "level", self.level, low=0, high=1, open_low=True, open_high=True)

    def value(self, z, t):
        r, q = t - z, float(self.level)  # a float64 scalar would widen r
        return np.maximum(q * r, (q - 1) * r).sum(axis=1)

    def delta(self, z, t):
        above, below = z.dtype.type(1 - self.level), z.dtype.type(-self.level)
        return np.where(z > t, above, np.where(z < t, below, z.dtype.type(0)))

    def curvature(self, z, t, v):
        return np.zeros_like(v)


@dataclass(frozen=True)
class Huber(Loss):
    """With r = z − t:  E = Σ_j ½ r² where |r| ≤ c, else c (|r| − ½ c).  delta = r, limited to ±c.

    Parameters
    ----------
    threshold : float
        c > 0, in the units of the target.

    Source: Huber, *Robust estimation of a location parameter* (1964).
    """

    threshold: float = 1.0

    def __post_init__(self):
        number("Huber", "threshold", self.threshold, low=0, open_low=True)

    def value(self, z, t):
        r, c = np.abs(z - t), float(self.threshold)  # a float64 scalar would widen r
        return np.where(r <= c, 0.5 * np.square(np.minimum(r, c)), c * (r - 0.5 * c)).sum(axis=1)

    def delta(self, z, t):
        c = float(self.threshold)
        return np.clip(z - t, -c, c)

    def curvature(self, z, t, v):
        return np.where(np.abs(z - t) <= self.threshold, v, 0)


@dataclass(frozen=True)
class Poisson(Loss):
    """y = e^z, the expected count;  E = Σ_j y_j − t_j + t_j log(t_j / y_j), half the deviance.  delta = y − t.

    For z beyond the logarithm of the largest float, y and E are infinite, as the mathematics has it.

    Source: McCullagh and Nelder, *Generalized Linear Models* (1989), §2.3 (deviance).
    """

    def value(self, z, t):
        log_t = np.log(np.where(t > 0, t, 1))  # t log t → 0 as t → 0
        return (self.predict(z) - t + t * (log_t - z)).sum(axis=1)

    def delta(self, z, t):
        return self.predict(z) - t

    def curvature(self, z, t, v):
        return self.predict(z) * v

    def predict(self, z):
        with np.errstate(over="ignore"):
            return np.exp(z)

    def check_rows(self, t):
        return self._check_within(
            t, t >= 0, "counts ≥ 0", "use squared_error for targets that can be negative"
        )


LOSSES: dict[str, Loss] = {
    "squared_error": SquaredError(),
    "softmax_cross_entropy": SoftmaxCrossEntropy(),
    "sigmoid_cross_entropy": SigmoidCrossEntropy(),
    "hinge": Hinge(),
    "perceptron": PerceptronLoss(),
    "absolute_error": AbsoluteError(),
    "quantile": Quantile(),
    "huber": Huber(),
    "poisson": Poisson(),
}


def as_loss(value: Any) -> Loss:
    """The loss of that name, or the given object itself.

    Examples
    --------
    >>> as_loss("huber")
    Huber(threshold=1.0)
    """
    return choose("Network", "loss", value, LOSSES, Loss)
