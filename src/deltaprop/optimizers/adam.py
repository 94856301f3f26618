"""Adam and AdamW: momentum and a rate for each parameter, both freed of their bias towards zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..functions.schedules import Schedule
from .base import Optimizer, State


def _init(theta: np.ndarray) -> State:
    return {"m": np.zeros_like(theta), "s": np.zeros_like(theta), "faded": np.ones(2)}


def _step(
    theta: np.ndarray,
    grad: np.ndarray,
    state: State,
    alpha: float | np.ndarray,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> None:
    """One step of Adam; every argument is a value at this step."""
    m, s, faded = state["m"], state["s"], state["faded"]
    m *= beta1
    m += (1 - beta1) * grad
    s *= beta2
    s += (1 - beta2) * np.square(grad)
    faded *= (beta1, beta2)  # what is left in m and s of their start at zero
    m_weight, s_weight = 1 - float(faded[0]), 1 - float(faded[1])
    theta -= (alpha / m_weight) * m / (np.sqrt(s) / s_weight**0.5 + epsilon)


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²;  θ ← θ − α m̂ / (√ŝ + ε).

    m and s begin at zero and are therefore too small at first: m̂ = m / (1 − p₁) and ŝ = s / (1 − p₂) are the
    true weighted means, where p₁ and p₂ are the products of all β₁ and β₂ so far (β₁ᵏ⁺¹ and β₂ᵏ⁺¹ if they are
    constant).

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0; about the largest change of a parameter in one step.
    beta1, beta2 : float or Schedule
        In [0, 1): the means of g and g² reach back about 1/(1 − β) steps.
    epsilon : float or Schedule
        ε > 0, outside the root as in PyTorch.

    Notes
    -----
    The state is ``m`` and ``s``, of theta's shape and dtype, and ``faded`` = (p₁, p₂), float64.

    Source: Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015), algorithm 1.

    Examples
    --------
    The first step has the size of the learning rate, whatever the scale of the gradient:

    >>> import numpy as np
    >>> rule, theta = Adam(0.1), np.zeros(3)
    >>> rule.step(theta, np.array([1e-3, 1.0, -1e3]), rule.init(theta), k=0)
    >>> print(theta.round(5))
    [-0.1 -0.1  0.1]
    """

    learning_rate: float | Schedule = 1e-3
    beta1: float | Schedule = 0.9
    beta2: float | Schedule = 0.999
    epsilon: float | Schedule = 1e-8

    def __post_init__(self):
        super().__post_init__()
        self.check("beta1", "beta2")
        self.check("epsilon", high=np.inf, open_low=True)

    def init(self, theta):
        return _init(theta)

    def step(self, theta, grad, state, k, rate_scale=1.0):
        alpha = self.rate(theta, k, rate_scale)
        _step(theta, grad, state, alpha, *(self.value(name, k) for name in ("beta1", "beta2", "epsilon")))


@dataclass(frozen=True)
class AdamW(Optimizer):
    """θ ← θ − α λ θ, then Adam's step: weight decay decoupled from the gradient's statistics.

    A penalty ½ λ Σθ² in the loss would enter m and s, and Adam would divide it by √ŝ: weights with large
    gradients would hardly decay. As in PyTorch the decay is multiplied by the learning rate, and acts on
    every entry of theta.

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon : float or Schedule
        As for `Adam`.
    weight_decay : float or Schedule
        λ ≥ 0.

    Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019), algorithm 2.
    """

    learning_rate: float | Schedule = 1e-3
    beta1: float | Schedule = 0.9
    beta2: float | Schedule = 0.999
    epsilon: float | Schedule = 1e-8
    weight_decay: float | Schedule = 0.01

    def __post_init__(self):
        super().__post_init__()
        self.check("beta1", "beta2")
        self.check("epsilon", high=np.inf, open_low=True)
        self.check("weight_decay", high=np.inf)

    def init(self, theta):
        return _init(theta)

    def step(self, theta, grad, state, k, rate_scale=1.0):
        alpha = self.rate(theta, k, rate_scale)
        theta *= 1 - alpha * self.value("weight_decay", k)
        _step(theta, grad, state, alpha, *(self.value(name, k) for name in ("beta1", "beta2", "epsilon")))
