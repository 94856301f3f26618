"""Plain gradient descent: straight down the slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..functions.schedules import Schedule
from .base import Optimizer


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    """θ ← θ − α g, with g over all samples: one step an epoch ("batch learning").

    Stable on a quadratic bowl while α < 2/λ_max of its Hessian.

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0, 2.0])
    >>> GradientDescent(0.1).step(theta, np.array([10.0, 0.0]), {}, k=0)
    >>> print(theta)
    [0. 2.]
    """

    full_batch: ClassVar[bool] = True

    learning_rate: float | Schedule = 0.1

    def step(self, theta, grad, state, k, rate_scale=1.0):
        theta -= self.rate(theta, k, rate_scale) * grad


@dataclass(frozen=True)
class SGD(Optimizer):
    """θ ← θ − α g, with g over one batch of samples: stochastic gradient descent.

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0.

    Source: Robbins and Monro, *A Stochastic Approximation Method* (1951).
    """

    learning_rate: float | Schedule = 0.01

    def step(self, theta, grad, state, k, rate_scale=1.0):
        theta -= self.rate(theta, k, rate_scale) * grad
