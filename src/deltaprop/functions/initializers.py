"""Initializers: how the weights of a layer begin. Biases begin at zero.

A unit with m inputs adds m terms, so the spread of its weights decides whether signals grow or shrink from
layer to layer. With m = d_in and n = d_out:

==================  ====================================  =============================
LeCun               Var w = 1/m                           scaled tanh, inputs of unit variance
Glorot (Xavier)     Var w = 2/(m + n)                     tanh, sigmoid, linear
He (Kaiming)        Var w = 2/((1 + slope²) m)            ReLU, leaky ReLU, GELU
orthogonal          wᵀw = gain² I                         deep linear and tanh networks
==================  ====================================  =============================

The normal and the uniform form of a name have the same variance; the uniform on (−c, c) has c = √(3 Var w).

Numbers are drawn in float64 and rounded to the wanted type, so one seed means the same weights in every
precision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..errors import choose, number
from .activations import ACTIVATIONS, GELU, ActivationFunction, LeakyReLU, ReLU, ScaledTanh


class Initializer(ABC):
    """The distribution of a weight matrix before training."""

    @abstractmethod
    def sample(
        self, rng: np.random.Generator, shape: tuple[int, int], dtype: DTypeLike = np.float32
    ) -> np.ndarray:
        """Draw a weight matrix.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness.
        shape : (int, int)
            (d_out, d_in): a row for each unit.
        dtype : dtype
            Type of the result.

        Returns
        -------
        w : ndarray of shape (d_out, d_in)
        """


def _normal(
    rng: np.random.Generator, variance: float, shape: tuple[int, int], dtype: DTypeLike
) -> np.ndarray:
    return (np.sqrt(variance) * rng.standard_normal(shape)).astype(dtype)


def _uniform(
    rng: np.random.Generator, variance: float, shape: tuple[int, int], dtype: DTypeLike
) -> np.ndarray:
    limit = np.sqrt(3 * variance)
    return rng.uniform(-limit, limit, shape).astype(dtype)


@dataclass(frozen=True)
class LeCunNormal(Initializer):
    """w ~ N(0, 1/d_in): inputs of unit variance give pre-activations of unit variance.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.6, eq. 16.
    """

    def sample(self, rng, shape, dtype=np.float32):
        return _normal(rng, 1 / shape[1], shape, dtype)


@dataclass(frozen=True)
class LeCunUniform(Initializer):
    """w ~ U(−c, c), c = √(3/d_in): the variance of `LeCunNormal`."""

    def sample(self, rng, shape, dtype=np.float32):
        return _uniform(rng, 1 / shape[1], shape, dtype)


@dataclass(frozen=True)
class GlorotNormal(Initializer):
    """w ~ N(0, 2/(d_in + d_out)): a compromise between keeping the variance forward and keeping it backward.

    Source: Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural networks*
    (2010), eq. 12.
    """

    def sample(self, rng, shape, dtype=np.float32):
        return _normal(rng, 2 / (shape[0] + shape[1]), shape, dtype)


@dataclass(frozen=True)
class GlorotUniform(Initializer):
    """w ~ U(−c, c), c = √(6/(d_in + d_out)).

    Source: Glorot and Bengio (2010), eq. 16, the "normalized initialization".

    Examples
    --------
    >>> import numpy as np
    >>> w = GlorotUniform().sample(np.random.default_rng(0), (20, 30))
    >>> w.shape, w.dtype, bool(abs(w).max() < (6 / 50) ** 0.5)
    ((20, 30), dtype('float32'), True)
    """

    def sample(self, rng, shape, dtype=np.float32):
        return _uniform(rng, 2 / (shape[0] + shape[1]), shape, dtype)


@dataclass(frozen=True)
class HeNormal(Initializer):
    """w ~ N(0, g²/d_in), g² = 2/(1 + slope²): makes up for the half of the signal that a ReLU cuts off.

    Parameters
    ----------
    slope : float
        Slope of the activation for z < 0: 0 for ReLU, alpha for leaky ReLU, 1 for the identity.

    Source: He, Zhang, Ren, Sun, *Delving Deep into Rectifiers* (2015), eqs. 10 and 15.
    """

    slope: float = 0.0

    def __post_init__(self):
        number("HeNormal", "slope", self.slope, low=0)

    def sample(self, rng, shape, dtype=np.float32):
        return _normal(rng, 2 / (1 + self.slope**2) / shape[1], shape, dtype)


@dataclass(frozen=True)
class HeUniform(Initializer):
    """w ~ U(−c, c), c = √(6/((1 + slope²) d_in)): the variance of `HeNormal`."""

    slope: float = 0.0

    def __post_init__(self):
        number("HeUniform", "slope", self.slope, low=0)

    def sample(self, rng, shape, dtype=np.float32):
        return _uniform(rng, 2 / (1 + self.slope**2) / shape[1], shape, dtype)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Orthonormal columns times `gain` (rows, where d_out < d_in): w keeps the length of every vector it can.

    Q of the QR decomposition of a normal matrix, its signs set by R's diagonal so that Q is uniform over the
    orthogonal matrices: wᵀw = gain² I where d_out ≥ d_in, wwᵀ = gain² I otherwise.

    Parameters
    ----------
    gain : float
        Every singular value of w; > 0. √2 suits ReLU.

    Source: Saxe, McClelland, Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks* (2014).

    Examples
    --------
    >>> import numpy as np
    >>> w = Orthogonal(gain=2.0).sample(np.random.default_rng(0), (5, 3), np.float64)
    >>> bool(np.allclose(w.T @ w, 4 * np.eye(3)))
    True
    """

    gain: float = 1.0

    def __post_init__(self):
        number("Orthogonal", "gain", self.gain, low=0, open_low=True)

    def sample(self, rng, shape, dtype=np.float32):
        q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
        q *= np.where(np.diag(r) < 0, -1, 1)
        return np.ascontiguousarray(self.gain * (q if shape[0] >= shape[1] else q.T), dtype)


@dataclass(frozen=True)
class Normal(Initializer):
    """w ~ N(0, std²), whatever the width of the layer."""

    std: float

    def __post_init__(self):
        number("Normal", "std", self.std, low=0)

    def sample(self, rng, shape, dtype=np.float32):
        return _normal(rng, self.std**2, shape, dtype)


@dataclass(frozen=True)
class Uniform(Initializer):
    """w ~ U(−limit, limit), whatever the width of the layer."""

    limit: float

    def __post_init__(self):
        number("Uniform", "limit", self.limit, low=0)

    def sample(self, rng, shape, dtype=np.float32):
        return rng.uniform(-self.limit, self.limit, shape).astype(dtype)


@dataclass(frozen=True)
class Zeros(Initializer):
    """w = 0. Right for a single layer; hidden units that all begin alike stay alike for ever."""

    def sample(self, rng, shape, dtype=np.float32):
        return np.zeros(shape, dtype)


@dataclass(frozen=True)
class Small(Initializer):
    """w ~ N(0, scale²/d_in): inputs of unit variance give outputs with standard deviation `scale`.

    For the layer before a softmax: the probabilities begin near 1/classes and the loss near log(classes), so
    that no early step is spent on unlearning confident mistakes.

    Parameters
    ----------
    scale : float
        Standard deviation of the layer's first outputs; ≥ 0.
    """

    scale: float = 0.01

    def __post_init__(self):
        number("Small", "scale", self.scale, low=0)

    def sample(self, rng, shape, dtype=np.float32):
        return _normal(rng, self.scale**2 / shape[1], shape, dtype)


INITIALIZERS: dict[str, Initializer] = {
    "lecun_normal": LeCunNormal(),
    "lecun_uniform": LeCunUniform(),
    "glorot_normal": GlorotNormal(),
    "glorot_uniform": GlorotUniform(),
    "xavier_normal": GlorotNormal(),
    "xavier_uniform": GlorotUniform(),
    "he_normal": HeNormal(),
    "he_uniform": HeUniform(),
    "kaiming_normal": HeNormal(),
    "kaiming_uniform": HeUniform(),
    "orthogonal": Orthogonal(),
    "zeros": Zeros(),
    "small": Small(),
}

INITIALIZER_CLASSES = (
    LeCunNormal,
    LeCunUniform,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Orthogonal,
    Normal,
    Uniform,
    Zeros,
    Small,
)


def as_initializer(value: Any, owner: str = "Initializer", argument: str = "name") -> Initializer:
    """The initializer of that name, or the given object itself; refused as the `argument` of its `owner`.

    Raises
    ------
    InputError
        If `value` is neither; the message lists the names.

    Examples
    --------
    >>> as_initializer("he_normal")
    HeNormal(slope=0.0)
    """
    return choose(owner, argument, value, INITIALIZERS, Initializer)


def suited(following: str | ActivationFunction | None) -> Initializer:
    """The initializer that suits the activation a layer feeds, given by its name or as the object.

    He for ReLU, leaky ReLU (with its slope) and GELU; LeCun for the scaled tanh; Glorot for everything else:
    tanh, sigmoid, an output layer (None), softmax.

    Examples
    --------
    >>> suited("relu"), suited(LeakyReLU(0.2)), suited(None)
    (HeNormal(slope=0.0), HeNormal(slope=0.2), GlorotUniform())
    """
    if isinstance(following, str):
        following = ACTIVATIONS.get(following)
    match following:
        case LeakyReLU(alpha=slope):
            return HeNormal(slope)
        case ReLU() | GELU():
            return HeNormal()
        case ScaledTanh():
            return LeCunNormal()
        case _:
            return GlorotUniform()
