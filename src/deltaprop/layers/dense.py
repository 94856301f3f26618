"""The fully connected layer: every output unit weighs every input."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ..bounds import Count
from ..errors import InputError, choose, short
from ..functions.data_initializers import DATA_INITIALIZERS, ThroughData, UnitVariance
from ..functions.initializers import INITIALIZERS, Initializer, suited
from ..serialization import LEFT_OUT_IF_OPAQUE
from .base import Layer


def check_initializers(layer: Any, *switches: str) -> None:
    """Check the `switches`, and put the initializers that are named in place of their names."""
    owner = type(layer).__name__
    for name in switches:
        if not isinstance(value := getattr(layer, name), bool):
            raise InputError(f"{owner}: {name} is {short(value)}, expected True or False; choose one.")
    named = INITIALIZERS | DATA_INITIALIZERS
    for name in ("init", "bias_init"):
        if (value := getattr(layer, name)) is not None:
            object.__setattr__(layer, name, choose(owner, name, value, named, Initializer))
    if layer.bias_init is not None and not layer.bias:
        raise InputError(f"{owner}: bias_init is given, expected None with bias=False; leave one out.")


def short_repr(self: Any) -> str:
    """The layer with the arguments that differ from their defaults."""
    default = {f.name: f.default for f in fields(self)}
    given = [f"{name}={value!r}" for name, value in vars(self).items() if value != default[name]]
    return f"{type(self).__name__}({', '.join(given)})"


@dataclass(frozen=True)
class Dense(Layer):
    """z = x wᵀ + b.   d_w = d_zᵀ x,  d_b = Σ d_z,  d_x = d_z w.   w: (units, d_in), b: (units,)

    Parameters
    ----------
    units : int
        Number of outputs.
    init : str or Initializer, optional
        How w is drawn. Default: the one that suits the activation that follows (He for ReLU, Glorot for sigmoids and
        for the output, LeCun for the scaled tanh). "unit_variance" takes effect by `Network.initialize_from_data`.
    bias : bool
        Whether there is a b.
    bias_init : str or Initializer, optional
        How b is drawn: as one column of w would be. Default: zeros. "through_data": by `Network.initialize_from_data`.

    Source: Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors* (1986), eq. 1; Nielsen,
    *Neural Networks and Deep Learning*, ch. 2, BP1–BP4 for `backward`.

    Examples
    --------
    >>> from deltaprop import Network
    >>> Network([Dense(3)], inputs=2).layers[0]
    Dense(units=3): w (3, 2), b (3,)
    """

    operation = "dense"
    integers = ("units", "w", "b", "slot")
    has_units = True

    units: Count
    init: Any = field(default=None, metadata=LEFT_OUT_IF_OPAQUE)
    bias: bool = True
    bias_init: Any = field(default=None, metadata=LEFT_OUT_IF_OPAQUE)

    def __post_init__(self):
        super().__post_init__()
        check_initializers(self, "bias")

    __repr__ = short_repr

    def width(self, d_in):
        return self.units

    def shapes(self, d_in):
        w, b = (self.units, d_in), (self.units,)
        return {"w": w, "b": b} if self.bias else {"w": w}

    def initialize(self, p, rng, following):
        shape, dtype = p.w.shape, p.w.dtype
        p.w = (suited(following) if self.init is None else self.init).sample(rng, shape, dtype)
        if self.bias:
            p.b = 0 if self.bias_init is None else self.bias_init.sample(rng, shape, dtype)[:, 0]

    def initialize_from_data(self, p, x, rng):
        if isinstance(self.init, UnitVariance):
            p.w = self.init.scaled(p.w, x)
        if isinstance(self.bias_init, ThroughData):
            p.b = self.bias_init.biases(x @ p.w.T, rng)

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

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        r_grad.w = r_d_z.T @ cache.x + d_z.T @ cache.r_input
        if self.bias:
            r_grad.b = r_d_z.sum(axis=0)
        return r_d_z @ p.w + d_z @ r_p.w

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        h_grad.w = h_z.T @ np.square(cache.x)
        if self.bias:
            h_grad.b = h_z.sum(axis=0)
        return h_z @ np.square(p.w)
