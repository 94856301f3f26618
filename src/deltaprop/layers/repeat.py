"""The inputs once for each member of an ensemble."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Count
from .base import Layer


@dataclass(frozen=True)
class Repeat(Layer):
    """z = (x, x, …, x).   d_x = Σ d_z over the members

    What follows works on groups of columns, one for each member of an ensemble: `GroupedDense`, and every layer that
    takes each column alone. The compiled core does not copy x.

    Parameters
    ----------
    members : int
        Number of groups.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Network
    >>> print(Network([Repeat(2)], inputs=2).forward(np.array([[1.0, 2.0]])))
    [[1. 2. 1. 2.]]
    """

    operation = "repeat"
    integers = ("members",)

    members: Count

    def width(self, d_in):
        return self.members * d_in

    def forward(self, p, x, cache):
        return np.tile(x, self.members)

    def backward(self, p, cache, d_z, grad):
        return self._sum(d_z)

    def jvp(self, p, d_p, cache, d_x):
        return np.tile(d_x, self.members)

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        return self._sum(r_d_z)

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        return self._sum(h_z)

    def _sum(self, d_z):
        return d_z.reshape(len(d_z), self.members, -1).sum(axis=1)
