"""Losses: each has its output map, its value and its delta = ∂e/∂z, all in fused, stable forms.

Classical learners differ only in delta: H(z) − t for the perceptron, z − t for ADALINE and regression, σ(z) − t for
logistic units, softmax(z) − t for classes. z, t and v have shape (n, d), one sample per row; values are per sample,
shape (n,): the network takes their mean.
"""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ..bounds import Bounds, Fraction, Number
from ..errors import InputError, choose
from .activations import Sigmoid, Step
from .loss import ElementwiseLoss, Loss, PiecewiseLinearLoss, exp, softmax, softmax_jacobian
from .scores import accuracy

__all__ = [
    "LOSSES",
    "AbsoluteError",
    "Hinge",
    "Huber",
    "PerceptronLoss",
    "Poisson",
    "Quantile",
    "SigmoidCrossEntropy",
    "SoftmaxCrossEntropy",
    "SquaredError",
    "as_loss",
]

_sigmoid = Sigmoid().f
_step = Step().f


def _smoothed(t: np.ndarray, smoothing: float, classes: int) -> np.ndarray:
    """Targets mixed with equal probabilities of all classes."""
    return t if smoothing == 0 else (1 - smoothing) * t + smoothing / classes


@dataclass(frozen=True)
class SquaredError(ElementwiseLoss):
    """e = ½ Σ_j (z_j − t_j)².  delta = z − t.  (Widrow–Hoff's delta.)

    Parameters
    ----------
    off, on : float
        Where targets are class labels, t_j is `on` in the column of the class and `off` in the others. After an output
        activation choose values within its range, such as ±1 for the scaled tanh, see `curvature_points`.

    Examples
    --------
    >>> import numpy as np
    >>> z, t = np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]])
    >>> print(SquaredError().value(z, t), SquaredError().delta(z, t))
    [2.] [[2. 0.]]
    >>> print(SquaredError(-1, 1).rows(np.array([2, 0]), outputs=3, dtype=float))
    [[-1. -1.  1.]
     [ 1. -1. -1.]]
    """

    operation = "squared_error"

    off: Number = 0.0
    on: Number = 1.0

    def __post_init__(self):
        super().__post_init__()
        if not self.off < self.on:
            raise InputError(f"SquaredError: on is {self.on}, expected more than off, {self.off}; swap them.")

    def __repr__(self):
        values = "" if (self.off, self.on) == (0, 1) else f"off={self.off}, on={self.on}"
        return f"{type(self).__name__}({values})"

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
    """y = softmax(z);  e = −Σ_j t_j log y_j = log Σ_k e^(z_k) − Σ_j t_j z_j.  delta = y − t.

    Targets are class labels, or rows of probabilities that sum to 1.

    Parameters
    ----------
    label_smoothing : float
        s in [0, 1): t is replaced by (1 − s) t + s / d, a mixture with equal probabilities of all d classes.

    Sources: Bridle, *Probabilistic interpretation of feedforward classification network outputs* (1990); Szegedy and
    others, *Rethinking the Inception Architecture* (2016), §7, for label smoothing.
    """

    operation = "softmax_cross_entropy"
    output_map = "softmax"
    classification = True
    numbers = ("label_smoothing",)

    label_smoothing: Fraction = 0.0

    def value(self, z, t):
        z, t = z - z.max(axis=1, keepdims=True), _smoothed(t, self.label_smoothing, t.shape[1])
        return np.log(np.exp(z).sum(axis=1)) - (t * z).sum(axis=1)

    def delta(self, z, t):
        return softmax(z) - _smoothed(t, self.label_smoothing, t.shape[1])

    def curvature(self, z, t, v):
        return softmax_jacobian(softmax(z), v)

    def curvature_diagonal(self, z, t):
        y = softmax(z)
        return y * (1 - y)

    def curvature_factor(self, z, t):
        y = softmax(z)  # diag(y) − y yᵀ = S Sᵀ with S = diag(√y) − y √yᵀ, since Σ y = 1
        root = np.sqrt(y)
        return root[:, :, None] * np.eye(y.shape[1], dtype=y.dtype) - y[:, :, None] * root[:, None, :]

    def labels(self, z):
        return z.argmax(axis=1)

    def score(self, z, t, sample_weight=None):
        label = t if t.ndim == 1 else t.argmax(axis=1)
        return accuracy(z.argmax(axis=1), label, sample_weight)

    def check_rows(self, t):
        sums = np.asarray(np.sum(t, axis=1, dtype=np.float64))
        allowed = (t >= 0).all(axis=1) & (np.abs(sums - 1) < 1e-3)
        one = t.shape[1] == 1
        remedy = "use sigmoid_cross_entropy for one output" if one else "give class labels or one-hot rows"
        self._require(allowed, sums, "rows of probabilities that sum to 1", remedy)
        return t / sums[:, None]  # value and delta belong together only where the sum is 1 to the last bit


@dataclass(frozen=True)
class SigmoidCrossEntropy(ElementwiseLoss):
    """y = σ(z);  e = −Σ_j [t_j log y_j + (1 − t_j) log(1 − y_j)].  delta = y − t.

    The stable form of a term is max(z, 0) − t z + log(1 + e^(−|z|)). One output is a yes/no question; several are
    independent ones (multi-label).

    Parameters
    ----------
    label_smoothing : float
        s in [0, 1): t_j is replaced by (1 − s) t_j + s / 2.
    """

    operation = "sigmoid_cross_entropy"
    output_map = "sigmoid"
    classification = True
    numbers = ("label_smoothing",)

    label_smoothing: Fraction = 0.0

    def value(self, z, t):
        t = _smoothed(t, self.label_smoothing, 2)
        return (np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))).sum(axis=1)

    def delta(self, z, t):
        return _sigmoid(z) - _smoothed(t, self.label_smoothing, 2)

    def curvature(self, z, t, v):
        y = _sigmoid(z)
        return y * (1 - y) * v

    def check_rows(self, t):
        return self._require((t >= 0) & (t <= 1), t, "numbers in [0, 1]", "code the two classes as 0 and 1")


@dataclass(frozen=True)
class Hinge(PiecewiseLinearLoss):
    """e = Σ_j max(0, 1 − t_j z_j), t_j = ±1.  delta_j = −t_j where t_j z_j < 1, else 0.

    Class labels become +1 in their own column and −1 elsewhere (one against the rest).
    """

    operation = "hinge"
    classification = True
    off, on = -1.0, 1.0

    def value(self, z, t):
        return np.maximum(0, 1 - t * z).sum(axis=1)

    def delta(self, z, t):
        return np.where(t * z < 1, -t, 0)

    def check_rows(self, t):
        return self._require(np.abs(t) == 1, t, "-1 or 1", "code the two classes as -1 and 1")


@dataclass(frozen=True)
class PerceptronLoss(PiecewiseLinearLoss):
    """y = H(z);  e = Σ_j (H(z_j) − t_j) z_j, t_j ∈ {0, 1}.  delta = H(z) − t: zero for a sample that is right.

    Source: Rosenblatt, *The perceptron* (1958); the criterion is Duda and Hart's (1973).
    """

    operation = "perceptron"
    output_map = "step"
    classification = True

    def value(self, z, t):
        return ((_step(z) - t) * z).sum(axis=1)

    def delta(self, z, t):
        return _step(z) - t

    def check_rows(self, t):
        return self._require((t == 0) | (t == 1), t, "0 or 1", "code the two classes as 0 and 1")


@dataclass(frozen=True)
class AbsoluteError(PiecewiseLinearLoss):
    """e = Σ_j |z_j − t_j|.  delta = sign(z − t).  Its minimum is the median."""

    operation = "absolute_error"

    def value(self, z, t):
        return np.abs(z - t).sum(axis=1)

    def delta(self, z, t):
        return np.sign(z - t)


@dataclass(frozen=True)
class Quantile(PiecewiseLinearLoss):
    """With r = t − z:  e = Σ_j q r where r ≥ 0, else (q − 1) r.  delta = −q where r > 0, 1 − q where r < 0.

    Its minimum is the q-quantile of the targets: a fraction q of them lies below the prediction. At r = 0, where e has
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

    operation = "quantile"
    numbers = ("level",)

    level: Annotated[float, Bounds(low=0, high=1, open_low=True, open_high=True)] = 0.5

    def value(self, z, t):
        r, q = t - z, self.level
        return np.maximum(q * r, (q - 1) * r).sum(axis=1)

    def delta(self, z, t):
        above, below = z.dtype.type(1 - self.level), z.dtype.type(-self.level)
        return np.where(z > t, above, np.where(z < t, below, z.dtype.type(0)))


@dataclass(frozen=True)
class Huber(ElementwiseLoss):
    """With r = z − t:  e = Σ_j ½ r² where |r| ≤ c, else c (|r| − ½ c).  delta = r, limited to ±c.

    Parameters
    ----------
    threshold : float
        c > 0, in the units of the target.

    Source: Huber, *Robust estimation of a location parameter* (1964).
    """

    operation = "huber"
    numbers = ("threshold",)

    threshold: Annotated[float, Bounds(low=0, high=1e18, open_low=True)] = 1.0  # its square is finite

    def value(self, z, t):
        r, c = np.abs(z - t), self.threshold
        return np.where(r <= c, 0.5 * np.square(np.minimum(r, c)), c * (r - 0.5 * c)).sum(axis=1)

    def delta(self, z, t):
        return np.clip(z - t, -self.threshold, self.threshold)

    def curvature(self, z, t, v):
        return np.where(np.abs(z - t) <= self.threshold, v, 0)


@dataclass(frozen=True)
class Poisson(ElementwiseLoss):
    """y = e^z, the expected count;  e = Σ_j y_j − t_j + t_j log(t_j / y_j), half the deviance.  delta = y − t.

    For z beyond the logarithm of the largest float, y and e are infinite, as the mathematics has it.

    Source: McCullagh and Nelder, *Generalized Linear Models* (1989), §2.3 (deviance).
    """

    operation = "poisson"
    output_map = "exp"

    def value(self, z, t):
        log_t = np.log(np.where(t > 0, t, 1))  # t log t → 0 as t → 0
        return (exp(z) - t + t * (log_t - z)).sum(axis=1)

    def delta(self, z, t):
        return exp(z) - t

    def curvature(self, z, t, v):
        return exp(z) * v

    def check_rows(self, t):
        return self._require(t >= 0, t, "counts ≥ 0", "use squared_error for targets that can be negative")


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
