"""Plain gradient descent: straight down the slope."""

from dataclasses import dataclass
from typing import ClassVar

from .base import Optimizer, Rate


@dataclass(frozen=True)
class SGD(Optimizer):
    """θ ← θ − α g, with g over one batch of samples: stochastic gradient descent.

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0 and λ ≥ 0, the latter by keyword only: see `Optimizer`.

    Source: Robbins and Monro, *A Stochastic Approximation Method* (1951).

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0, 2.0])
    >>> SGD(0.1).step(theta, np.array([10.0, 0.0]), {}, k=0)
    >>> print(theta)
    [0. 2.]
    """

    operation = "gradient_descent"

    learning_rate: Rate = 0.01

    def update(self, theta, grad, state, alpha, k):
        theta -= alpha * grad


@dataclass(frozen=True)
class GradientDescent(SGD):
    """θ ← θ − α g, with g over all samples: one step per epoch ("batch learning").

    Stable on a quadratic bowl while α < 2/λ_max of its Hessian. Parameters as of `SGD`.
    """

    operation = "gradient_descent"
    full_batch: ClassVar[bool] = True

    learning_rate: Rate = 0.1
