"""A learned factor for each unit, such as the importance of an input."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import InputError, short
from .base import Layer


@dataclass(frozen=True)
class LearnedScale(Layer):
    """z = factor ⊙ x.   d_x = factor ⊙ d_z,  d_factor = Σ d_z ⊙ x.   factor: (d,)

    Parameters
    ----------
    init : {"ones", "signs"}
        The initial factors: 1, or 1 and −1 at random, which set the members of a batch ensemble apart.

    Source: Holzmüller, Grinsztajn, Steinwart, *Better by default* (2024), for inputs; Wen, Tran, Ba, *BatchEnsemble*
    (2020), for ensembles.

    Examples
    --------
    >>> from deltaprop import Network
    >>> Network([LearnedScale()], inputs=3).layers[0].factor
    array([1., 1., 1.], dtype=float32)
    """

    operation = "learned_scale"
    integers = ("factor", "slot")
    rescales = True

    init: Literal["ones", "signs"] = "ones"

    def __post_init__(self):
        if not isinstance(self.init, str) or self.init not in ("ones", "signs"):
            raise InputError(
                f"LearnedScale: init is {short(self.init)}, expected 'ones' or 'signs'; choose one."
            )

    def shapes(self, d_in):
        return {"factor": (d_in,)}

    def initialize(self, p, rng, following):
        p.factor = 1 if self.init == "ones" else rng.choice([-1, 1], p.factor.shape)

    def forward(self, p, x, cache):
        cache.x = x
        return p.factor * x

    def backward(self, p, cache, d_z, grad):
        grad.factor = (d_z * cache.x).sum(axis=0)
        return p.factor * d_z

    def jvp(self, p, d_p, cache, d_x):
        return p.factor * d_x + d_p.factor * cache.x

    def r_backward(self, p, r_p, cache, d_z, r_d_z, r_grad):
        r_grad.factor = (r_d_z * cache.x + d_z * cache.r_input).sum(axis=0)
        return p.factor * r_d_z + r_p.factor * d_z

    def backward_diagonal(self, p, cache, d_z, h_z, h_grad, gauss_newton):
        h_grad.factor = (h_z * np.square(cache.x)).sum(axis=0)
        return h_z * np.square(p.factor)
