"""What Newton's and the Gauss–Newton method share: d = −B⁻¹ g with B made positive definite, and a line search."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bounds import NonNegative, Positive
from ..reductions import dot
from .base import Solver
from .cost import Cost, refuse_if_large
from .levenberg_marquardt import refuse_without_curvature
from .line_search import descend
from .normal_equations import NormalEquations

if TYPE_CHECKING:
    from ..network import Network

#: τ at which a method gives up, relative to the largest diagonal entry of B.
LARGEST = 1e12


@dataclass(frozen=True)
class CurvatureDescent(Solver):
    """θ ← θ + α d with (B + τ I) d = −g, where B is a matrix of second derivatives of E.

    τ is the smallest of β, 10 β, 100 β, … with which there is a Cholesky factor and the line search finds a lower
    value; α satisfies the strong Wolfe conditions, α = 1 is tried first.

    Parameters
    ----------
    shift : float
        β, relative to the largest diagonal entry of B; > 0.
    decrease : float
        Done when the predicted decrease −½ gᵀd is at most this, relative to |E|; ≥ 0.
    max_memory, max_step_seconds : float
        In gigabytes and in seconds. A problem whose step would take more by `cost` is refused before the first one.
    """

    shift: Positive = field(default=1e-8, kw_only=True)
    tolerance: NonNegative = field(default=1e-9, kw_only=True)
    decrease: NonNegative = field(default=10 * float(np.finfo(np.float64).eps), kw_only=True)
    max_memory: Positive = field(default=2.0, kw_only=True)
    max_step_seconds: Positive = field(default=10.0, kw_only=True)

    @abstractmethod
    def equations(self, objective: Any, theta: np.ndarray) -> NormalEquations:
        """B, to be solved with."""

    @abstractmethod
    def cost(self, network: Network, samples: int) -> Cost:
        """The memory and the time that a step on that many samples takes, estimated."""

    def init(self, theta):
        """Nothing is remembered."""
        return {}

    def check(self, network, samples):
        super().check(network, samples)
        refuse_without_curvature(self.name, network)
        refuse_if_large(self, self.cost(network, samples))

    def step(self, objective, point, state):
        if not np.abs(point.grad).max(initial=0.0) > self.tolerance:
            return point, "gradient"
        for d in self.directions(self.equations(objective, point.theta), point.grad):
            if -0.5 * dot(point.grad, d) <= self.decrease * abs(point.value):
                return point, "decrease"
            there = descend(objective, point, d)
            if there is not None:
                return there, ""
        return point, "stalled"

    def directions(self, equations: NormalEquations, grad: np.ndarray) -> Iterator[np.ndarray]:
        """−(B + τ I)⁻¹ g for each τ with which B + τ I is positive definite."""
        diagonal = equations.diagonal()
        scale = float(np.abs(diagonal).max()) or 1.0
        tau = self.shift * scale - min(float(diagonal.min()), 0.0)
        while tau < LARGEST * scale:
            factored = equations.damped(np.full(grad.size, tau))
            if factored is not None:
                yield -factored.solve(grad)
            tau *= 10
