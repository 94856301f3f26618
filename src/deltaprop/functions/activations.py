"""Activations: f, f′ and f″, elementwise.

Each class is one function of the literature. All three maps keep shape and dtype and are stable for any finite z; f′ is
computed from the cheaper of z and a = f(z).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..bounds import Bounded, NonNegative
from ..errors import choose

__all__ = [
    "ACTIVATIONS",
    "ELU",
    "GELU",
    "SELU",
    "ActivationFunction",
    "Identity",
    "LeakyReLU",
    "Mish",
    "ReLU",
    "ScaledTanh",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Step",
    "Tanh",
    "as_activation",
]


class ActivationFunction(Bounded, ABC):
    """a = f(z), with its first and second derivative.

    Attributes
    ----------
    operation : str
        Name of the function in the compiled core, if it has one; not inherited.
    numbers : tuple of str
        The field, if any, that the core needs.
    """

    numbers: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def f(self, z: np.ndarray) -> np.ndarray:
        """f(z)."""

    @abstractmethod
    def df(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """f′(z), where a = f(z) is known."""

    @abstractmethod
    def d2f(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """f″(z), where a = f(z) is known."""


class PiecewiseLinear(ActivationFunction):
    """f″ = 0."""

    def d2f(self, z, a):
        return np.zeros_like(z)


@dataclass(frozen=True)
class Identity(PiecewiseLinear):
    """f(z) = z.  f′ = 1.  f″ = 0."""

    operation = "identity"

    def f(self, z):
        return z

    def df(self, z, a):
        return np.ones_like(z)


@dataclass(frozen=True)
class Step(PiecewiseLinear):
    """Heaviside's step: f(z) = 1 if z ≥ 0 else 0.  f′ = f″ = 0: gradient descent learns nothing through it.

    Source: Rosenblatt's perceptron (1958), with H(0) = 1.
    """

    operation = "step"

    def f(self, z):
        return (z >= 0).astype(z.dtype)

    def df(self, z, a):
        return np.zeros_like(z)


@dataclass(frozen=True)
class Sigmoid(ActivationFunction):
    """f(z) = 1 / (1 + e⁻ᶻ).  f′ = a (1 − a).  f″ = a (1 − a) (1 − 2a).

    Examples
    --------
    >>> import numpy as np
    >>> print(Sigmoid().f(np.array([-1e4, 0.0, 1e4])))
    [0.  0.5 1. ]
    """

    operation = "sigmoid"

    def f(self, z):
        e = np.exp(-np.abs(z))  # never overflows
        return np.where(z >= 0, 1, e) / (1 + e)

    def df(self, z, a):
        return a * (1 - a)

    def d2f(self, z, a):
        return a * (1 - a) * (1 - 2 * a)


@dataclass(frozen=True)
class Tanh(ActivationFunction):
    """f(z) = tanh z.  f′ = 1 − a².  f″ = −2 a (1 − a²)."""

    operation = "tanh"

    def f(self, z):
        return np.tanh(z)

    def df(self, z, a):
        return 1 - a * a

    def d2f(self, z, a):
        return -2 * a * (1 - a * a)


@dataclass(frozen=True)
class ScaledTanh(ActivationFunction):
    """f(z) = A tanh(S z), A = 1.7159, S = 2/3.  With u = a/A:  f′ = A S (1 − u²).  f″ = −2 A S² u (1 − u²).

    f(±1) = ±1, and |f″| is largest near z = ±1: targets of ±1 lie where the unit is most non-linear.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.4.
    """

    operation = "scaled_tanh"
    amplitude = 1.7159
    slope = 2 / 3

    def f(self, z):
        return self.amplitude * np.tanh(self.slope * z)

    def df(self, z, a):
        u = a / self.amplitude
        return self.amplitude * self.slope * (1 - u * u)

    def d2f(self, z, a):
        u = a / self.amplitude
        return -2 * self.amplitude * self.slope**2 * u * (1 - u * u)


@dataclass(frozen=True)
class ReLU(PiecewiseLinear):
    """f(z) = max(z, 0).  f′ = 1 where z > 0, else 0.  f″ = 0."""

    operation = "relu"

    def f(self, z):
        return np.maximum(z, 0)

    def df(self, z, a):
        return (a > 0).astype(z.dtype)


@dataclass(frozen=True)
class LeakyReLU(PiecewiseLinear):
    """f(z) = z where z > 0, else α z.  f′ = 1 or α.  f″ = 0.

    Parameters
    ----------
    alpha : float
        Slope for z ≤ 0, at least 0.
    """

    operation = "leaky_relu"
    numbers = ("alpha",)

    alpha: NonNegative = 0.01

    def f(self, z):
        return np.where(z > 0, z, self.alpha * z)

    def df(self, z, a):
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(self.alpha))


@dataclass(frozen=True)
class GELU(ActivationFunction):
    """f(z) = z Φ(z).  f′ = Φ(z) + z φ(z).  f″ = (2 − z²) φ(z).

    Φ and φ are the standard normal's distribution function and density: the exact form, not tanh's approximation.

    Source: Hendrycks and Gimpel, *Gaussian Error Linear Units* (2016), eq. 1.
    """

    operation = "gelu"

    def f(self, z):
        return z * _normal_cdf(z)

    def df(self, z, a):
        return _normal_cdf(z) + z * _normal_pdf(z)

    def d2f(self, z, a):
        return (2 - np.square(np.clip(z, -100, 100))) * _normal_pdf(z)


class ExponentialTail(ActivationFunction):
    """f(z) = s z where z > 0, else s α (eᶻ − 1).  f′ = s, or a + s α.  f″ = 0, or a + s α."""

    scale: ClassVar[float] = 1.0
    alpha: float

    def f(self, z):
        return np.where(z > 0, self.scale * z, self.scale * self.alpha * np.expm1(np.minimum(z, 0)))

    def df(self, z, a):
        return np.where(a > 0, z.dtype.type(self.scale), a + self.scale * self.alpha)

    def d2f(self, z, a):
        return np.where(a > 0, z.dtype.type(0), a + self.scale * self.alpha)


@dataclass(frozen=True)
class ELU(ExponentialTail):
    """f(z) = z where z > 0, else α (eᶻ − 1).  f′ = 1, or a + α.  f″ = 0, or a + α.

    Parameters
    ----------
    alpha : float
        −α is the limit of f for z → −∞; at least 0.

    Source: Clevert, Unterthiner, Hochreiter, *Fast and accurate deep network learning by exponential linear units*
    (2016), eq. 15.
    """

    operation = "elu"
    numbers = ("alpha",)

    alpha: NonNegative = 1.0


@dataclass(frozen=True)
class SELU(ExponentialTail):
    """f(z) = λ z where z > 0, else λ α (eᶻ − 1).  f′ = λ, or a + λ α.  f″ = 0, or a + λ α.

    λ = 1.0507 and α = 1.6733 are such that weights of variance 1/d_in keep mean 0 and variance 1 from layer to layer.

    Source: Klambauer, Unterthiner, Mayr, Hochreiter, *Self-normalizing neural networks* (2017), eq. 2 and 14.
    """

    operation = "selu"
    scale = 1.0507009873554804934
    alpha: ClassVar[float] = 1.6732632423543772848  # type: ignore[reportIncompatibleVariableOverride]


@dataclass(frozen=True)
class Softplus(ActivationFunction):
    """f(z) = log(1 + eᶻ).  f′ = σ(z) = 1 − e⁻ᵃ.  f″ = σ(z) (1 − σ(z)) = (1 − e⁻ᵃ) e⁻ᵃ.

    Source: Dugas, Bengio, Bélisle, Nadeau, Garcia, *Incorporating second-order functional knowledge for better option
    pricing* (2001).
    """

    operation = "softplus"

    def f(self, z):
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    def df(self, z, a):
        return -np.expm1(-a)

    def d2f(self, z, a):
        return -np.expm1(-a) * np.exp(-a)


@dataclass(frozen=True)
class SiLU(ActivationFunction):
    """f(z) = z s, s = σ(z).  f′ = s + a (1 − s).  f″ = s (1 − s) (2 + z (1 − 2s)). Also known as swish.

    Source: Hendrycks and Gimpel, *Gaussian Error Linear Units* (2016); Elfwing, Uchibe, Doya (2018), eq. 12.
    """

    operation = "silu"

    def f(self, z):
        return z * _sigmoids(z)[0]

    def df(self, z, a):
        s, rest = _sigmoids(z)
        return s + a * rest

    def d2f(self, z, a):
        s, rest = _sigmoids(z)
        return s * rest * (2 + z * (rest - s))


@dataclass(frozen=True)
class Mish(ActivationFunction):
    """f(z) = z t, t = tanh(softplus(z)).  f′ = t + z g, g = t′ = σ(z) (1 − t²).  f″ = g (2 + z (1 − σ(z) (1 + 2t))).

    With e = e^z, t = e (e + 2) / (e (e + 2) + 2); in e^−z where z > 0, so that nothing overflows.

    Source: Misra, *Mish: a self regularized non-monotonic activation function* (2020), eq. 1.
    """

    operation = "mish"

    def f(self, z):
        return z * self._tanh(z)[0]

    def df(self, z, a):
        t, g = self._tanh(z)
        return t + z * g

    def d2f(self, z, a):
        (t, g), (s, rest) = self._tanh(z), _sigmoids(z)
        return g * (2 + z * (rest - 2 * t * s))

    def _tanh(self, z):
        """t and g."""
        e = np.exp(-np.abs(z))
        right = z > 0
        numerator = np.where(right, 1 + 2 * e, e * (2 + e))
        denominator = np.where(right, numerator + 2 * e * e, numerator + 2)
        g = 4 * e * (1 + e) * np.where(right, e, 1) / np.square(denominator)
        return numerator / denominator, g


def _sigmoids(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """σ(z) and 1 − σ(z) = σ(−z), both with a small relative error."""
    e = np.exp(-np.abs(z))
    large, small = 1 / (1 + e), e / (1 + e)
    return np.where(z >= 0, large, small), np.where(z >= 0, small, large)


def _normal_cdf(z: np.ndarray) -> np.ndarray:
    """Φ(z) = ½ erfc(−z/√2), accurate in both tails."""
    from scipy.special import erfc  # imported on use: keeps `import deltaprop` light

    return 0.5 * erfc(z * -(0.5**0.5))


def _normal_pdf(z: np.ndarray) -> np.ndarray:
    """φ(z) = e^(−z²/2) / √(2π); zero in any float beyond ±100, to which z is limited so that z² cannot overflow."""
    return np.exp(-0.5 * np.square(np.clip(z, -100, 100))) / (2 * np.pi) ** 0.5


ACTIVATIONS: dict[str, ActivationFunction] = {
    "identity": Identity(),
    "step": Step(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "scaled_tanh": ScaledTanh(),
    "relu": ReLU(),
    "leaky_relu": LeakyReLU(),
    "gelu": GELU(),
    "elu": ELU(),
    "selu": SELU(),
    "softplus": Softplus(),
    "silu": SiLU(),
    "mish": Mish(),
}


def as_activation(value: Any) -> ActivationFunction:
    """The activation function of that name, or the given object itself.

    Examples
    --------
    >>> as_activation("leaky_relu")
    LeakyReLU(alpha=0.01)
    """
    return choose("Activation", "function", value, ACTIVATIONS, ActivationFunction)
