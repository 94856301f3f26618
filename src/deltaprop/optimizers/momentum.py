"""Momentum: a velocity that averages past gradients, damps the zigzag across a ravine and builds up along it."""

from dataclasses import dataclass
from typing import ClassVar

from .base import Decay, Optimizer, Rate


@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← γ v − α g;  θ ← θ + v.

    With constant α and γ these are PyTorch's steps (``SGD(lr, momentum)``), whose velocity is −v/α. When the rate
    changes they differ: here a lower rate acts on new gradients at once, on the velocity only as it fades.

    Parameters
    ----------
    learning_rate, weight_decay : float or Schedule
        α ≥ 0 and λ ≥ 0, the latter by keyword only: see `Optimizer`.
    momentum : float or Schedule
        γ in [0, 1). A steady gradient is followed 1/(1 − γ) times faster.

    Source: Rumelhart, Hinton, Williams, *Learning representations by back-propagating errors* (1986), eq. 9.

    Examples
    --------
    >>> import numpy as np
    >>> rule, theta = Momentum(0.1, momentum=0.5), np.array([1.0])
    >>> state = rule.init(theta)
    >>> for k in range(2):
    ...     rule.step(theta, np.array([1.0]), state, k)
    >>> print(state["v"], theta)
    [-0.15] [0.75]
    """

    operation = "momentum"
    vectors = ("v",)
    numbers = ("momentum", None, None)
    looks_ahead: ClassVar[bool] = False

    learning_rate: Rate = 0.01
    momentum: Decay = 0.9

    def update(self, theta, grad, state, alpha, k):
        descent, gamma, v = alpha * grad, self.value("momentum", k), state["v"]
        v *= gamma
        v -= descent
        if self.looks_ahead:
            theta += gamma * v
            theta -= descent
        else:
            theta += v


@dataclass(frozen=True)
class Nesterov(Momentum):
    """v ← γ v − α g;  θ ← θ + γ v − α g.

    Nesterov's rule takes the gradient at the point θ + γ v that momentum alone would reach. Here, as in PyTorch's
    ``SGD(lr, momentum, nesterov=True)``, θ *is* that look-ahead point, so that g = ∂E/∂θ as always. Parameters as of
    `Momentum`.

    Sources: Sutskever, Martens, Dahl, Hinton, *On the importance of initialization and momentum in deep learning*
    (2013), eqs. 3–4; Bengio, Boulanger-Lewandowski, Pascanu, *Advances in optimizing recurrent networks* (2013), eq. 7.
    """

    operation = "nesterov"
    looks_ahead: ClassVar[bool] = True
