"""AdaGrad: a rate for each parameter, smaller the more it has already been moved."""

from dataclasses import dataclass

import numpy as np

from .base import Epsilon, Optimizer, Rate


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """s ← s + g²;  θ ← θ − α g / (√s + ε).

    Parameters that seldom have a gradient keep a large rate; no rate ever rises again.

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0; the size of the first step of every parameter.
    epsilon : float or Schedule
        ε > 0, against division by zero.
    weight_decay : float or Schedule
        λ ≥ 0: see `Optimizer`.

    Source: Duchi, Hazan, Singer, *Adaptive Subgradient Methods* (2011), fig. 1 (diagonal form).
    """

    operation = "adagrad"
    vectors = ("s",)
    numbers = (None, None, "epsilon")

    learning_rate: Rate = 0.01
    epsilon: Epsilon = 1e-10

    def update(self, theta, grad, state, alpha, k):
        s = state["s"]
        s += np.square(grad)
        theta -= alpha * grad / (np.sqrt(s) + self.value("epsilon", k))
