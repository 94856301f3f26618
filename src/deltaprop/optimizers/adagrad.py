"""AdaGrad: a rate for each parameter, smaller the more it has already been moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..functions.schedules import Schedule
from .base import Optimizer


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

    Source: Duchi, Hazan, Singer, *Adaptive Subgradient Methods* (2011), fig. 1 (diagonal form).
    """

    learning_rate: float | Schedule = 0.01
    epsilon: float | Schedule = 1e-10

    def __post_init__(self):
        super().__post_init__()
        self.check("epsilon", high=np.inf, open_low=True)

    def init(self, theta):
        return {"s": np.zeros_like(theta)}

    def step(self, theta, grad, state, k, rate_scale=1.0):
        alpha, epsilon = self.rate(theta, k, rate_scale), self.value("epsilon", k)
        s = state["s"]
        s += np.square(grad)
        theta -= alpha * grad / (np.sqrt(s) + epsilon)
