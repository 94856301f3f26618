"""RMSProp: AdaGrad with an exponentially decaying mean of squares."""

from dataclasses import dataclass

import numpy as np

from .base import Decay, Epsilon, Optimizer, Rate


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s ← ρ s + (1 − ρ) g²;  θ ← θ − α g / (√s + ε).

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0; about the size of a step.
    decay : float or Schedule
        ρ in [0, 1): the mean square reaches back about 1/(1 − ρ) steps.
    epsilon : float or Schedule
        ε > 0, against division by zero.
    weight_decay : float or Schedule
        λ ≥ 0: see `Optimizer`.

    Source: Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5 (2012); ε outside the
    root, as in PyTorch.
    """

    operation = "rmsprop"
    vectors = ("s",)
    numbers = (None, "decay", "epsilon")

    learning_rate: Rate = 0.01
    decay: Decay = 0.99
    epsilon: Epsilon = 1e-8

    def update(self, theta, grad, state, alpha, k):
        rho, s = self.value("decay", k), state["s"]
        s *= rho
        s += (1 - rho) * np.square(grad)
        theta -= alpha * grad / (np.sqrt(s) + self.value("epsilon", k))
