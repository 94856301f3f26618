"""The fully connected layer: every output unit weighs every input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..functions.initializers import Initializer, as_initializer, suited
from .base import Layer, check_units


@dataclass(frozen=True)
class Dense(Layer):
    """z = x wᵀ + b.   d_w = d_zᵀ x,  d_b = Σ d_z,  d_x = d_z w.   w: (units, d_in), b: (units,)

    Parameters
    ----------
    units : int
        Number of outputs.
    init : str or Initializer, optional
        How w is drawn. Default: the one that suits the activation that follows (He for ReLU, Glorot for sigmoids and
        for the output, LeCun for the scaled tanh). b starts at zero.
    bias : bool
        Whether there is a b.

    Source: Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors* (1986), eq. 1; Nielsen,
    *Neural Networks and Deep Learning*, ch. 2, BP1–BP4 for `backward`.

    Examples
    --------
    >>> from deltaprop import Network
    >>> Network([Dense(3)], inputs=2).layers[0]
    Dense(units=3): w (3, 2), b (3,)
    """

    units: int
    init: Any = None
    bias: bool = True

    def __post_init__(self):
        check_units("Dense", self.units)
        if not isinstance(self.bias, bool):
            raise InputError(f"Dense: bias is {self.bias!r}, expected True or False; choose one of the two.")
        if self.init is not None:
            object.__setattr__(self, "init", as_initializer(self.init, "Dense", "init"))

    def __repr__(self):
        init = f", init={self.init}" if self.init is not None else ""
        return f"Dense(units={self.units}{init}{'' if self.bias else ', bias=False'})"

    def width(self, d_in):
        return self.units

    def shapes(self, d_in):
        w, b = (self.units, d_in), (self.units,)
        return {"w": w, "b": b} if self.bias else {"w": w}

    def initialize(self, p, rng, following):
        init: Initializer = self.init if self.init is not None else suited(following)
        p.w = init.sample(rng, p.w.shape, p.w.dtype)
        if self.bias:
            p.b = 0

    def forward(self, p, x, cache):
        cache.x = x
        z = x @ p.w.T
        return z + p.b if self.bias else z

    def backward(self, p, cache, d_z, grad):
        grad.w = d_z.T @ cache.x
        if self.bias:
            grad.b = d_z.sum(axis=0)
        return d_z @ p.w

    def jvp(self, p, d_p, cache, d_x):
        d_z = d_x @ p.w.T + cache.x @ d_p.w.T
        return d_z + d_p.b if self.bias else d_z
