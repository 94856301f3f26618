"""Adam and AdamW: momentum and a rate for each parameter, both corrected for their bias towards zero."""

from dataclasses import dataclass, field

import numpy as np

from .base import Decay, Epsilon, Optimizer, Rate


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  s ← β₂ s + (1 − β₂) g²;  θ ← θ − α m̂ / (√ŝ + ε).

    m and s begin at zero and are therefore too small at first: m̂ = m / (1 − p₁) and ŝ = s / (1 − p₂) are the true
    weighted means, with p₁ and p₂ the products of all β₁ and β₂ so far (β₁ᵏ⁺¹ and β₂ᵏ⁺¹ if they are constant). The
    state is ``m`` and ``s``, of theta's shape and dtype, and ``faded`` = (p₁, p₂), float64.

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0, about the largest change of a parameter in one step; λ ≥ 0, by keyword only: see `Optimizer`.
    beta1, beta2 : float or Schedule
        In [0, 1): the means of g and g² reach back about 1/(1 − β) steps.
    epsilon : float or Schedule
        ε > 0, outside the root as in PyTorch.

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

    operation = "adam"
    vectors = ("m", "s")
    normalized = True
    numbers = ("beta1", "beta2", "epsilon")

    learning_rate: Rate = 1e-3
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    epsilon: Epsilon = 1e-8

    def init(self, theta):
        return super().init(theta) | {"faded": np.ones(2)}

    def update(self, theta, grad, state, alpha, k):
        beta1, beta2 = self.value("beta1", k), self.value("beta2", k)
        m, s, faded = state["m"], state["s"], state["faded"]
        m *= beta1
        m += (1 - beta1) * grad
        s *= beta2
        s += (1 - beta2) * np.square(grad)
        faded *= (beta1, beta2)  # what is left in m and s of their start at zero
        m_weight, s_weight = 1 - faded[0].item(), 1 - faded[1].item()
        theta -= (alpha / m_weight) * m / (np.sqrt(s) / s_weight**0.5 + self.value("epsilon", k))


@dataclass(frozen=True)
class AdamW(Adam):
    """`Adam` with weight decay by default: θ ← θ − α λ θ, then Adam's step. These are PyTorch's steps.

    Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019), algorithm 2.
    """

    operation = "adam"

    weight_decay: Rate = field(default=0.01, kw_only=True)
