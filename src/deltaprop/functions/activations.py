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
    "GELU",
    "ActivationFunction",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "ScaledTanh",
    "Sigmoid",
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
}


def as_activation(value: Any) -> ActivationFunction:
    """The activation function of that name, or the given object itself.

    Examples
    --------
    >>> as_activation("leaky_relu")
    LeakyReLU(alpha=0.01)
    """
    return choose("Activation", "function", value, ACTIVATIONS, ActivationFunction)
