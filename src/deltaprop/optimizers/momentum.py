"""Momentum: a velocity that remembers the past, damps the zigzag across a ravine and builds up along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..functions.schedules import Schedule
from .base import Optimizer


@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← γ v − α g;  θ ← θ + v.

    With constant α and γ these are PyTorch's steps (``SGD(lr, momentum)``), whose velocity is −v/α. When the
    rate changes they differ: here a lower rate acts on new gradients at once, on the velocity only as it
    fades.

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0.
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

    learning_rate: float | Schedule = 0.01
    momentum: float | Schedule = 0.9

    def __post_init__(self):
        super().__post_init__()
        self.check("momentum")

    def init(self, theta):
        return {"v": np.zeros_like(theta)}

    def step(self, theta, grad, state, k, rate_scale=1.0):
        alpha, gamma = self.rate(theta, k, rate_scale), self.value("momentum", k)
        v = state["v"]
        v *= gamma
        v -= alpha * grad
        theta += v


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """v ← γ v − α g;  θ ← θ + γ v − α g.

    Nesterov's rule takes the gradient at the point θ + γ v that momentum alone would reach. Here, as in
    PyTorch, θ *is* that look-ahead point, so that g = ∂E/∂θ as always (the form of Sutskever's thesis and of
    Bengio and others). With constant α and γ these are the steps of PyTorch's ``SGD(lr, momentum,
    nesterov=True)``.

    Parameters
    ----------
    learning_rate : float or Schedule
        α ≥ 0.
    momentum : float or Schedule
        γ in [0, 1).

    Sources: Sutskever, Martens, Dahl, Hinton, *On the importance of initialization and momentum in deep
    learning* (2013), eqs. 3–4; Bengio, Boulanger-Lewandowski, Pascanu, *Advances in optimizing recurrent
    networks* (2013), eq. 7.
    """

    learning_rate: float | Schedule = 0.01
    momentum: float | Schedule = 0.9

    def __post_init__(self):
        super().__post_init__()
        self.check("momentum")

    def init(self, theta):
        return {"v": np.zeros_like(theta)}

    def step(self, theta, grad, state, k, rate_scale=1.0):
        descent = self.rate(theta, k, rate_scale) * grad
        gamma, v = self.value("momentum", k), state["v"]
        v *= gamma
        v -= descent
        theta += gamma * v
        theta -= descent
