"""What a loss is: value, delta and output map, and how it reads targets."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ..bounds import Bounded
from ..errors import InputError, finite, numeric
from .activations import Sigmoid, Step
from .scores import accuracy, r2


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


def softmax_jacobian(y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """∂y/∂z times v, (diag(y) − y yᵀ) v, for y = softmax(z); symmetric."""
    return y * (v - (y * v).sum(axis=1, keepdims=True))


def exp(z: np.ndarray) -> np.ndarray:
    """y = e^z; infinite beyond the logarithm of the largest float."""
    with np.errstate(over="ignore"):
        return np.exp(z)


#: The output maps by name: what a loss makes of z for a prediction.
OUTPUT_MAPS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda z: z,
    "softmax": softmax,
    "sigmoid": Sigmoid().f,
    "exp": exp,
    "step": Step().f,
}


class Loss(Bounded, ABC):
    """e of one sample, as a function of the outputs' pre-activations z; E is its mean over samples.

    Attributes
    ----------
    classification : bool
        Whether targets are classes; decides the score (accuracy, or R²).
    off, on : float
        What a class label becomes in the rows of targets: `on` in its own column, `off` elsewhere.
    output_map : str
        Name of y(z) in `OUTPUT_MAPS`.
    members : int
        Number of groups of outputs that are networks of their own: see `MemberLoss`.
    single : Loss
        The loss of one of them.
    operation : str
        Name of the loss in the compiled core, if it has one; not inherited.
    numbers : tuple of str
        The field, if any, that the core needs.
    """

    classification: ClassVar[bool] = False
    off: float = 0.0
    on: float = 1.0
    output_map: ClassVar[str] = "identity"
    members: ClassVar[int] = 1
    numbers: ClassVar[tuple[str, ...]] = ()

    @property
    def single(self) -> "Loss":
        return self

    @abstractmethod
    def value(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """e of each sample, shape (n,)."""

    @abstractmethod
    def delta(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """∂e/∂z of each sample, shape (n, d)."""

    @abstractmethod
    def curvature(self, z: np.ndarray, t: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(∂²e/∂z²) v of each sample, shape (n, d)."""

    def curvature_diagonal(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """∂²e/∂z_j² of each sample, shape (n, d)."""
        return np.diagonal(self._curvature_matrix(z, t), axis1=1, axis2=2)

    def curvature_factor(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """S with S Sᵀ = ∂²e/∂z² of each sample, shape (n, d, r); negative curvature counts as 0.

        So the generalized Gauss–Newton matrix of a network is Σ Jᵀ S (Jᵀ S)ᵀ, J = ∂z/∂theta.

        Source: Schraudolph, *Fast curvature matrix-vector products for second-order gradient descent* (2002).
        """
        eigenvalues, vectors = np.linalg.eigh(self._curvature_matrix(z, t))
        return vectors * np.sqrt(np.maximum(eigenvalues, 0))[:, None, :]

    def _curvature_matrix(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """∂²e/∂z² of each sample, shape (n, d, d): `curvature` of the unit vectors."""
        units = np.eye(z.shape[1], dtype=z.dtype)
        return np.stack([self.curvature(z, t, np.broadcast_to(u, z.shape)) for u in units], axis=2)

    def residual(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """r with e = ½ Σ r², where the loss is such a sum of squares; refused otherwise."""
        raise InputError(
            f"{type(self).__name__}: residual is not defined, expected a sum of squares; "
            "use the squared_error loss with this method."
        )

    def weighted_mean(self, z: np.ndarray, t: np.ndarray, weight: np.ndarray | None) -> float:
        """Σ weight · e / Σ weight; 0 where all weights are 0."""
        if weight is None:
            return self.value(z, t).mean(dtype=np.float64).item()
        values = self.value(z, t) if weight.ndim == 1 else self.member_values(z, t)
        total = weight.sum()
        return np.where(total == 0, 0.0, values.ravel() @ weight.ravel() / (total + (total == 0))).item()

    def member_values(self, z: np.ndarray, t: np.ndarray) -> np.ndarray:
        """e of each sample and member, shape (n, members)."""
        return self.value(z, t)[:, np.newaxis]

    def predict(self, z: np.ndarray) -> np.ndarray:
        """The output map y(z), shape (n, d)."""
        return OUTPUT_MAPS[self.output_map](z)

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
            raise InputError(
                f"{type(self).__name__}: z has one column, expected a loss for classes; "
                "compare predict(x) with a threshold."
            )
        return np.where(z[:, 0] >= 0, self.on, self.off).astype(int)

    def score(self, z: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
        """Accuracy for classes, R² for values; t as `encode` returns it.

        The largest output must be the label's. Rows are yes/no answers, all of which must be right.
        """
        if not self.classification:
            return r2(self.predict(z), self.rows(t, z.shape[1], z.dtype), sample_weight)
        if t.ndim == 1:
            return accuracy(z.argmax(axis=1), t, sample_weight)
        return accuracy(z >= 0, t > (self.on + self.off) / 2, sample_weight)

    def encode(self, t: Any, outputs: int, dtype: np.dtype) -> np.ndarray:
        """Targets, checked once: class labels as (n,) integers, or (n, outputs) rows of `dtype`.

        Integers of shape (n,), or floats that are class labels, are labels where there are several outputs; losses that
        are not about one class of several take them as one-hot rows.

        Raises
        ------
        InputError
            If t is not numeric and finite, does not fit `outputs`, or lies outside what the loss is defined for.
        """
        name = type(self).__name__
        t = finite(name, "t", numeric(name, "t", t), dtype)
        if t.ndim == 1 and self._are_labels(t, outputs):
            return self._check_labels(t, outputs)
        rows = t[:, None] if t.ndim == 1 else t
        if rows.ndim != 2 or rows.shape[1] != outputs:
            labels = "class labels (n,)" if outputs > 1 else "(n,)"
            raise InputError(
                f"{name}: t has shape {t.shape}, expected (n, {outputs}) or {labels}; "
                "check the targets against the outputs of the network."
            )
        return self.check_rows(rows).astype(dtype)

    def rows(self, t: np.ndarray, outputs: int, dtype: np.dtype) -> np.ndarray:
        """Targets as the formulas take them: labels become rows with `on` in the label's column, `off` elsewhere."""
        if t.ndim == 2:
            return t
        if not isinstance(t, np.ndarray):  # another array type, whose compiler fuses this
            return np.where(t[:, np.newaxis] == np.arange(outputs), self.on, self.off).astype(dtype)
        rows = np.full((len(t), outputs), self.off, dtype)
        rows[np.arange(len(t)), t] = self.on
        return rows

    def check_rows(self, t: np.ndarray) -> np.ndarray:
        """Rows of targets; refused where they lie outside what the loss is defined for."""
        return t

    def _are_labels(self, t: np.ndarray, outputs: int) -> bool:
        if outputs == 1 or self.classification or t.dtype.kind in "bui":
            return outputs > 1
        return bool(np.isin(t, np.arange(outputs)).all())

    def _check_labels(self, t: np.ndarray, outputs: int) -> np.ndarray:
        t = t.astype(np.intp) if t.dtype.kind == "b" else t
        outside = (t != np.floor(t)) | (t < 0) | (t >= outputs)
        if outside.any():
            raise InputError(
                f"{type(self).__name__}: t has the class label {t[outside][0]}, expected integers in "
                f"[0, {outputs - 1}]; number the classes from 0, or give the network one output for each class."
            )
        return t.astype(np.intp, copy=False)

    def _require(self, allowed: np.ndarray, t: np.ndarray, wanted: str, remedy: str) -> np.ndarray:
        if not allowed.all():
            raise InputError(
                f"{type(self).__name__}: t has the value {t[~allowed][0]}, expected {wanted}; {remedy}."
            )
        return t


class ElementwiseLoss(Loss):
    """A sum over the outputs, each of which it takes alone: ∂²e/∂z² is diagonal."""

    def curvature_diagonal(self, z, t):
        return self.curvature(z, t, np.ones_like(z))

    def curvature_factor(self, z, t):
        root = np.sqrt(np.maximum(self.curvature_diagonal(z, t), 0))
        return root[:, :, None] * np.eye(z.shape[1], dtype=z.dtype)


class PiecewiseLinearLoss(ElementwiseLoss):
    """∂²e/∂z² = 0."""

    def curvature(self, z, t, v):
        return np.zeros_like(v)
