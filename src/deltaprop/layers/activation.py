"""The elementwise layer of any activation function."""

from dataclasses import dataclass
from typing import Any

from ..errors import choose
from ..functions.activations import ACTIVATIONS, ActivationFunction
from .base import Layer


@dataclass(frozen=True)
class Activation(Layer):
    """a = f(z).   d_z = d_a ⊙ f′(z)

    Parameters
    ----------
    function : str or ActivationFunction
        f, by name or as an object.

    Examples
    --------
    >>> Activation("leaky_relu")
    Activation(function=LeakyReLU(alpha=0.01))
    """

    operation = "activation"

    function: Any

    def __post_init__(self):
        object.__setattr__(
            self, "function", choose("Activation", "function", self.function, ACTIVATIONS, ActivationFunction)
        )

    def forward(self, p, x, cache):
        cache.z = x
        cache.a = self.function.f(x)
        return cache.a

    def backward(self, p, cache, d_a, grad):
        return d_a * self.function.df(cache.z, cache.a)

    def jvp(self, p, d_p, cache, d_x):
        return self.function.df(cache.z, cache.a) * d_x
