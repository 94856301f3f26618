"""The elementwise layer of any activation function."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import choose
from ..functions.activations import ACTIVATIONS, ActivationFunction
from .base import Cache, Layer, View


class ActivationLayer(Layer):
    """a = a(z), elementwise, by an activation function."""

    function: Any

    def __post_init__(self):
        owner = type(self).__name__
        function = choose(owner, "function", self.function, ACTIVATIONS, ActivationFunction)
        object.__setattr__(self, "function", function)

    @abstractmethod
    def slope(self, p: View, cache: Cache, /) -> np.ndarray:
        """∂a/∂z of each sample and unit."""

    def backward(self, p, cache, d_a, grad):
        return d_a * self.slope(p, cache)


@dataclass(frozen=True)
class Activation(ActivationLayer):
    """a = f(z).   d_z = d_a ⊙ f′(z).

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
    integers = ("function",)
    numbers = ("function", "flat")

    function: Any

    def slope(self, p, cache):
        return self.function.df(cache.z, cache.a)

    def forward(self, p, x, cache):
        cache.z = x
        cache.a = self.function.f(x)
        return cache.a

    def jvp(self, p, d_p, cache, d_x):
        return self.slope(p, cache) * d_x

    def r_backward(self, p, r_p, cache, d_a, r_d_a, r_grad):
        z, a = cache.z, cache.a
        return r_d_a * self.function.df(z, a) + d_a * self.function.d2f(z, a) * cache.r_input

    def backward_diagonal(self, p, cache, d_a, h_a, h_grad, gauss_newton):
        z, a = cache.z, cache.a
        h_z = h_a * np.square(self.function.df(z, a))
        return h_z if gauss_newton else h_z + d_a * self.function.d2f(z, a)
