"""AdaGrad and RMSProp: a rate for each parameter, smaller the larger its gradients have been."""

from dataclasses import dataclass

import numpy as np

from .base import Decay, Epsilon, Optimizer, Rate


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    """s ← s + g²;  θ ← θ − α g / (√s + ε).

    Parameters that seldom have a gradient keep a large rate; no rate ever rises again.

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0, the size of the first step of every parameter; λ ≥ 0, by keyword only: see `Optimizer`.
    epsilon : float or Schedule
        ε > 0, against division by zero.

    Source: Duchi, Hazan, Singer, *Adaptive Subgradient Methods* (2011), fig. 1 (diagonal form).
    """

    operation = "adagrad"
    vectors = ("s",)
    normalized = True
    numbers = (None, None, "epsilon")

    learning_rate: Rate = 0.01
    epsilon: Epsilon = 1e-10

    def update(self, theta, grad, state, alpha, k):
        s = state["s"]
        s += np.square(grad)
        theta -= alpha * grad / (np.sqrt(s) + self.value("epsilon", k))


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s ← ρ s + (1 − ρ) g²;  θ ← θ − α g / (√s + ε).

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0, about the size of a step; λ ≥ 0, by keyword only: see `Optimizer`.
    decay : float or Schedule
        ρ in [0, 1): the mean square reaches back about 1/(1 − ρ) steps.
    epsilon : float or Schedule
        ε > 0, against division by zero.

    Source: Tieleman and Hinton, *Neural Networks for Machine Learning*, lecture 6.5 (2012); ε as in PyTorch.
    """

    operation = "rmsprop"
    vectors = ("s",)
    normalized = True
    numbers = (None, "decay", "epsilon")

    learning_rate: Rate = 0.01
    decay: Decay = 0.99
    epsilon: Epsilon = 1e-8

    def update(self, theta, grad, state, alpha, k):
        rho, s = self.value("decay", k), state["s"]
        s *= rho
        s += (1 - rho) * np.square(grad)
        theta -= alpha * grad / (np.sqrt(s) + self.value("epsilon", k))
