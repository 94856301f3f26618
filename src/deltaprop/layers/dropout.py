"""Dropout: in training, each activation is dropped with a given probability."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np

from ..bounds import Bounds
from ..errors import InputError
from ..functions.schedule import Schedule, Scheduled
from .base import Layer


@dataclass(frozen=True)
class Dropout(Scheduled, Layer):
    """a = x ⊙ m,  m = 0 with probability `rate`, else 1 / (1 − rate).   d_x = d_a ⊙ m

    Outside training a = x. The mask is a pure function of (seed, step, layer): every engine draws the same one.

    Parameters
    ----------
    rate : float or Schedule
        Probability that an activation is dropped, in [0, 1); a schedule counts the steps of a fit.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, *Dropout* (2014), §4; masks by Philox: Salmon,
    Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3* (2011).
    """

    operation = "dropout"
    integers = ("index",)
    rescales = True

    rate: Annotated[float | Schedule, Bounds(low=0, high=1, open_high=True)]

    def rates(self, k: np.ndarray) -> np.ndarray:
        """The rates of the steps k, an array; refused where a schedule leaves [0, 1)."""
        rates = (
            self.rate.curve(k.astype(np.float64))
            if isinstance(self.rate, Schedule)
            else np.full(k.shape, self.rate)
        )
        outside = ~((rates >= 0) & (rates < 1))
        if outside.any():
            step, rate = k[outside][0], rates[outside][0]
            raise InputError(
                f"Dropout: rate is {rate:g} in step {step}, expected a number in [0, 1); change the schedule."
            )
        return rates

    def forward(self, p, x, cache):
        cache.mask = self._mask(p.index, x, cache) if cache.training and self.rate != 0 else None
        return _masked(x, cache)

    def backward(self, p, cache, d_a, grad):
        return _masked(d_a, cache)

    def jvp(self, p, d_p, cache, d_x):
        return _masked(d_x, cache)

    def r_backward(self, p, r_p, cache, d_a, r_d_a, r_grad):
        return _masked(r_d_a, cache)

    def backward_diagonal(self, p, cache, d_a, h_a, h_grad, gauss_newton):
        return _masked(_masked(h_a, cache), cache)

    def _mask(self, index, x, cache):
        # Element (r, j) of the batch takes the 32-bit lane r·d + j of the stream that belongs to (seed, layer, step).
        step = cache.step
        if hasattr(step, "lanes"):  # of a compiled program, which has checked the rates of all its steps
            rate, draw = self.value("rate", step), step.lanes
        else:
            rate, draw = float(self.rates(np.array([step]))[0]), partial(lanes, step)
        kept = draw(cache.seed, index, x.size).reshape(x.shape) >= rate * 2**32 // 1
        return kept.astype(x.dtype) * (1 / (1 - rate))


def lanes(step: int, seed: int, index: int, count: int) -> np.ndarray:
    """The first `count` 32-bit numbers of the stream (seed, layer, step), uint32."""
    key = np.array([seed, index], np.uint64)  # not a tuple: it would pass through float64
    philox = np.random.Philox(key=key, counter=(0, step, 0, 0))
    return philox.random_raw((count + 1) // 2).astype("<u8").view("<u4")[:count]


def _masked(v, cache):
    return v if cache.mask is None else v * cache.mask
