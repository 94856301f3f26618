"""A fixed affine map of the inputs, such as from pixel bytes to standardized gray values."""

from dataclasses import dataclass

from ..bounds import Number
from .base import Layer


@dataclass(frozen=True)
class Scale(Layer):
    """z = factor · x + offset, nothing learned.   d_x = factor · d_z

    As a first layer it lets a network take raw bytes: ``Scale(1 / 255)``.

    Parameters
    ----------
    factor, offset : float
        Fixed, the same for every unit.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Network
    >>> print(Network([Scale(1 / 255)], inputs=2).predict(np.array([[0, 255]], dtype=np.uint8)))
    [[0. 1.]]
    """

    operation = "scale"
    numbers = ("factor", "offset")

    factor: Number = 1.0
    offset: Number = 0.0

    def forward(self, p, x, cache):
        return x * self.factor + self.offset

    def backward(self, p, cache, d_z, grad):
        return d_z * self.factor

    def jvp(self, p, d_p, cache, d_x):
        return d_x * self.factor

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        return r_d_z * self.factor

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        return h_z * self.factor**2
