"""The residual connection: layers learn what to add to their input."""

from dataclasses import dataclass

from ..errors import InputError
from . import chain
from .base import Layer
from .shorthand import as_layers


@dataclass(frozen=True)
class Residual(Layer):
    """z = x + F(x),  F the wrapped layers in a row.   d_x = d_z + F′ᵀ d_z

    Parameters
    ----------
    layers : sequence of Layer, or names of activations
        F; its width must equal the width of its input.

    Source: He, Zhang, Ren, Sun, *Deep residual learning for image recognition* (2016), eq. 1.

    Examples
    --------
    >>> from deltaprop import Dense
    >>> Residual([Dense(8), "relu"]).width(8)
    8
    """

    operation = "branch"
    has_units = True

    layers: tuple[Layer, ...]

    def __post_init__(self):
        object.__setattr__(self, "layers", as_layers("Residual", self.layers))

    def wrapped(self):
        return self.layers

    def width(self, d_in):
        d_out = chain.width(self.layers, d_in)
        if d_out != d_in:
            raise InputError(
                f"Residual: layers give {d_out} outputs, expected as many as inputs: {d_in}; end them with "
                f"Dense({d_in})."
            )
        return d_in

    def initialize(self, p, rng, following):
        chain.initialize(p.inside, rng)

    def initialize_from_data(self, p, x, rng):
        chain.initialize_from_data(p.inside, x, rng)

    def forward(self, p, x, cache):
        return x + chain.forward(p.inside, x, cache.inside)

    def backward(self, p, cache, d_z, grad):
        return d_z + chain.backward(p.inside, cache.inside, d_z, grad.inside)

    def jvp(self, p, d_p, cache, d_x):
        return d_x + chain.jvp(p.inside, d_p.inside, cache.inside, d_x)

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        return r_d_z + chain.r_backward(p.inside, r_p.inside, cache.inside, r_d_z, r_grad.inside)

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        """See `Layer.backward_diagonal`; the product of the two paths, 2 F′ ∂²E/∂z², is left out as well."""
        return h_z + chain.backward_diagonal(p.inside, cache.inside, h_z, h_grad.inside, gauss_newton)

    def update_running_stats(self, p, cache):
        chain.update_running_stats(p.inside, cache.inside)
