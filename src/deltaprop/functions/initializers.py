"""Initializers: the distribution of a layer's weights and biases before training.

A unit with m inputs adds m terms, so the spread of its weights decides whether signals grow or shrink from layer to
layer. With m = d_in and n = d_out:

==================  ====================================  =============================
LeCun               Var w = 1/m                           scaled tanh, SELU, inputs of unit variance
Glorot (Xavier)     Var w = 2/(m + n)                     tanh, sigmoid, linear
He (Kaiming)        Var w = 2/((1 + slope²) m)            ReLU, leaky ReLU, GELU, ELU, SiLU, Mish
orthogonal          wᵀw = gain² I                         deep linear and tanh networks
==================  ====================================  =============================

The normal and the uniform form of a name have the same variance; the uniform on (−c, c) has c = √(3 Var w). Numbers are
drawn in float64 and rounded, so that one seed means the same weights in every precision.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from ..bounds import Bounded, NonNegative, Number, Positive
from ..errors import choose
from .activations import (
    ACTIVATIONS,
    ELU,
    GELU,
    SELU,
    ActivationFunction,
    LeakyReLU,
    Mish,
    ReLU,
    ScaledTanh,
    SiLU,
)

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LeCunNormal",
    "LeCunUniform",
    "Normal",
    "Orthogonal",
    "Small",
    "Uniform",
    "Zeros",
    "as_initializer",
    "suited",
]


class Initializer(Bounded, ABC):
    """The distribution of a weight matrix before training.

    Subclass it for one of your own: a frozen dataclass whose fields are numbers, strings or other such objects is
    kept in model files, any other is left out of them (loading needs the weights alone).
    """

    @abstractmethod
    def sample(
        self, rng: np.random.Generator, shape: tuple[int, int], dtype: DTypeLike = np.float32
    ) -> np.ndarray:
        """A weight matrix of shape (d_out, d_in), a row for each unit; `rng` is the only source of randomness."""


class _ByVariance(Initializer):
    """Entries drawn independently, with the variance that the layer's widths call for."""

    uniform: ClassVar[bool] = False

    @abstractmethod
    def variance(self, d_out: int, d_in: int) -> float:
        """Var w."""

    def sample(self, rng, shape, dtype=np.float32):
        variance = self.variance(*shape)
        if not self.uniform:
            return (np.sqrt(variance) * rng.standard_normal(shape)).astype(dtype)
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, shape).astype(dtype)


@dataclass(frozen=True)
class LeCunNormal(_ByVariance):
    """w ~ N(0, 1/d_in): inputs of unit variance give pre-activations of unit variance.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.6, eq. 16.
    """

    def variance(self, d_out, d_in):
        return 1 / d_in


@dataclass(frozen=True)
class LeCunUniform(LeCunNormal):
    """w ~ U(−c, c), c = √(3/d_in): the variance of `LeCunNormal`."""

    uniform = True


@dataclass(frozen=True)
class GlorotNormal(_ByVariance):
    """w ~ N(0, 2/(d_in + d_out)): a compromise between keeping the variance forward and keeping it backward.

    Source: Glorot, Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010), eq. 12.
    """

    def variance(self, d_out, d_in):
        return 2 / (d_out + d_in)


@dataclass(frozen=True)
class GlorotUniform(GlorotNormal):
    """w ~ U(−c, c), c = √(6/(d_in + d_out)).

    Source: Glorot and Bengio (2010), eq. 16, the "normalized initialization".

    Examples
    --------
    >>> import numpy as np
    >>> w = GlorotUniform().sample(np.random.default_rng(0), (20, 30))
    >>> w.shape, w.dtype, bool(abs(w).max() < (6 / 50) ** 0.5)
    ((20, 30), dtype('float32'), True)
    """

    uniform = True


@dataclass(frozen=True)
class HeNormal(_ByVariance):
    """w ~ N(0, g²/d_in), g² = 2/(1 + slope²): makes up for the half of the signal that a ReLU cuts off.

    Parameters
    ----------
    slope : float
        Slope of the activation for z < 0: 0 for ReLU, alpha for leaky ReLU, 1 for the identity.

    Source: He, Zhang, Ren, Sun, *Delving Deep into Rectifiers* (2015), eqs. 10 and 15.
    """

    slope: NonNegative = 0.0

    def variance(self, d_out, d_in):
        return 2 / (1 + self.slope**2) / d_in


@dataclass(frozen=True)
class HeUniform(HeNormal):
    """w ~ U(−c, c), c = √(6/((1 + slope²) d_in)): the variance of `HeNormal`."""

    uniform = True


@dataclass(frozen=True)
class Small(_ByVariance):
    """w ~ N(0, scale²/d_in): inputs of unit variance give outputs with standard deviation `scale`.

    For the layer before a softmax: the probabilities begin near 1/classes and the loss near log(classes), so that no
    early step is spent on unlearning confident mistakes. scale ≥ 0.
    """

    scale: NonNegative = 0.01

    def variance(self, d_out, d_in):
        return self.scale**2 / d_in


@dataclass(frozen=True)
class Normal(_ByVariance):
    """w ~ N(0, std²), whatever the width of the layer."""

    std: NonNegative

    def variance(self, d_out, d_in):
        return self.std**2


@dataclass(frozen=True)
class Uniform(Initializer):
    """w ~ U(−limit, limit), whatever the width of the layer."""

    limit: NonNegative

    def sample(self, rng, shape, dtype=np.float32):
        return rng.uniform(-self.limit, self.limit, shape).astype(dtype)


@dataclass(frozen=True)
class Constant(Initializer):
    """w = value. For biases; hidden units with equal weights stay equal throughout training.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> Network([Dense(2, bias_init=Constant(0.1))], inputs=3).layers[0].b
    array([0.1, 0.1], dtype=float32)
    """

    value: Number

    def sample(self, rng, shape, dtype=np.float32):
        return np.full(shape, self.value, dtype)


@dataclass(frozen=True)
class Zeros(Initializer):
    """w = 0. For biases and single-layer networks; hidden units that start equal stay equal."""

    def sample(self, rng, shape, dtype=np.float32):
        return np.zeros(shape, dtype)


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """Orthonormal columns times `gain` (rows, where d_out < d_in): w keeps the length of every vector it can.

    Q of the QR decomposition of a normal matrix, its signs set by R's diagonal so that Q is uniform over the
    orthogonal matrices: wᵀw = gain² I where d_out ≥ d_in, wwᵀ = gain² I otherwise.

    Parameters
    ----------
    gain : float
        Every singular value of w; > 0. √2 suits ReLU.

    Source: Saxe, McClelland, Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks* (2014).

    Examples
    --------
    >>> import numpy as np
    >>> w = Orthogonal(gain=2.0).sample(np.random.default_rng(0), (5, 3), np.float64)
    >>> bool(np.allclose(w.T @ w, 4 * np.eye(3)))
    True
    """

    gain: Positive = 1.0

    def sample(self, rng, shape, dtype=np.float32):
        q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
        q *= np.where(np.diag(r) < 0, -1, 1)
        return np.ascontiguousarray(self.gain * (q if shape[0] >= shape[1] else q.T), dtype)


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


def as_initializer(value: Any) -> Initializer:
    """The initializer of that name, or the given object itself.

    Raises
    ------
    InputError
        If `value` is neither; the message lists the names.

    Examples
    --------
    >>> as_initializer("he_normal")
    HeNormal(slope=0.0)
    """
    return choose("Initializer", "name", value, INITIALIZERS, Initializer)


def suited(following: str | ActivationFunction | None) -> Initializer:
    """The initializer that suits the activation a layer feeds, given by its name or as the object.

    He for ReLU, leaky ReLU (with its slope), GELU, ELU, SiLU and Mish; LeCun for the scaled tanh and SELU; Glorot for
    everything else: tanh, sigmoid, softplus, an output layer (None), softmax.

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
        case ReLU() | GELU() | ELU() | SiLU() | Mish():
            return HeNormal()
        case ScaledTanh() | SELU():
            return LeCunNormal()
        case _:
            return GlorotUniform()
