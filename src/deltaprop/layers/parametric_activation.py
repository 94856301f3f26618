"""An activation that each unit applies to the degree that it has learned."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .activation import ActivationLayer


@dataclass(frozen=True)
class ParametricActivation(ActivationLayer):
    """a = z + slope ⊙ (f(z) − z).   d_z = d_a ⊙ (1 + slope ⊙ (f′(z) − 1)),  d_slope = Σ d_a ⊙ (f(z) − z).   slope: (d,)

    With slope 1, the initial one, a = f(z); with slope 0 the unit is linear. ReLU gives the parametric ReLU, whose
    α is 1 − slope.

    Parameters
    ----------
    function : str or ActivationFunction
        f, by name or as an object.

    Source: He, Zhang, Ren, Sun, *Delving Deep into Rectifiers* (2015), eq. 1; Holzmüller, Grinsztajn, Steinwart,
    *Better by default* (2024), for any f.
    """

    operation = "parametric_activation"
    integers = ("function", "slope", "slot")
    numbers = ("function",)

    function: Any

    def shapes(self, d_in):
        return {"slope": (d_in,)}

    def initialize(self, p, rng, following):
        p.slope = 1

    def slope(self, p, cache):
        return 1 + p.slope * self._bend(cache)

    def forward(self, p, x, cache):
        cache.z = x
        cache.f = self.function.f(x)
        return x + p.slope * (cache.f - x)

    def backward(self, p, cache, d_a, grad):
        grad.slope = (d_a * (cache.f - cache.z)).sum(axis=0)
        return super().backward(p, cache, d_a, grad)

    def jvp(self, p, d_p, cache, d_x):
        return self.slope(p, cache) * d_x + d_p.slope * (cache.f - cache.z)

    def r_backward(self, p, r_p, cache, d_a, r_d_a, r_grad):
        r_z, bend = cache.r_input, self._bend(cache)
        r_grad.slope = (r_d_a * (cache.f - cache.z) + d_a * bend * r_z).sum(axis=0)
        r_slope = r_p.slope * bend + p.slope * self.function.d2f(cache.z, cache.f) * r_z
        return r_d_a * (1 + p.slope * bend) + d_a * r_slope

    def backward_diagonal(self, p, cache, d_a, h_a, h_grad, gauss_newton):
        h_grad.slope = (h_a * np.square(cache.f - cache.z)).sum(axis=0)
        h_z = h_a * np.square(self.slope(p, cache))
        return h_z if gauss_newton else h_z + d_a * p.slope * self.function.d2f(cache.z, cache.f)

    def _bend(self, cache):
        """f′(z) − 1."""
        return self.function.df(cache.z, cache.f) - 1
