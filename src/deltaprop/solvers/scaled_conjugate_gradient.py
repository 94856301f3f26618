"""Scaled conjugate gradient: conjugate directions with a step length from the curvature instead of a line search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ..bounds import NonNegative, Positive
from ..reductions import dot
from .base import Point, Solver, State
from .levenberg_marquardt import refuse_without_curvature

#: Δ where E is not finite: the step is then divided by five.
NOT_FINITE = -3.0


@dataclass(frozen=True)
class ScaledConjugateGradient(Solver):
    """θ ← θ + α d with α = −gᵀd / δ and δ = dᵀ∇²E d + λ ‖d‖², along conjugate directions d.

    λ ≥ 0 takes the place of a line search: it is raised until δ > 0, and from step to step follows how well the
    quadratic model has predicted E, by Δ = 2 δ (E(θ) − E(θ + α d)) / (gᵀd)²::

        Δ > 0: the step is taken        Δ ≥ ¾: λ ← λ / 4        Δ < ¼: λ ← λ + δ (1 − Δ) / ‖d‖²

    A step that does not lower E is never taken: with the new λ a shorter one is tried. The next direction is
    d ← −g₊ + β d with β = g₊ᵀ(g₊ − g) / −gᵀd; after every p steps, p being the number of parameters, it is −g₊.

    The curvature ∇²E d is an exact Hessian-vector product, where Møller takes a difference of two gradients, at the
    same expense. Memory is that of a few vectors, however large the network.

    Parameters
    ----------
    scale : float
        λ of the first step; > 0.
    decrease : float
        Done when the predicted decrease (gᵀd)² / 2δ is at most this, relative to |E|; ≥ 0.

    Source: Møller, *A scaled conjugate gradient algorithm for fast supervised learning* (1993), with the exact product
    of Pearlmutter, *Fast exact multiplication by the Hessian* (1994).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from deltaprop import Dense, Network
    >>> x, t = load_iris(return_X_y=True)
    >>> net = Network([Dense(4), "tanh", Dense(3)], inputs=4, loss="softmax_cross_entropy", seed=0)
    >>> history = net.fit(x - x.mean(0), t, optimizer=ScaledConjugateGradient(), epochs=100, progress=False)
    >>> bool(history.last["train_loss"] < 0.05)
    True
    """

    columns: ClassVar[tuple[str, ...]] = ("scale",)

    scale: Positive = 1e-6
    tolerance: NonNegative = field(default=1e-6, kw_only=True)
    decrease: NonNegative = field(default=10 * float(np.finfo(np.float64).eps), kw_only=True)

    def init(self, theta):
        """``scale`` λ, the next ``direction`` d (0: −g), and ``steps`` since d was last −g."""
        return {
            "scale": np.full(1, self.scale),
            "direction": np.zeros(theta.size),
            "steps": np.zeros(1, np.int64),
        }

    def check(self, network, samples):
        super().check(network, samples)
        refuse_without_curvature(self.name, network)

    def step(self, objective, point, state):
        if not np.abs(point.grad).max(initial=0.0) > self.tolerance:
            return point, "gradient"
        d, scale, steps = state["direction"], state["scale"], state["steps"]
        if not dot(point.grad, d) ** 2 > 0:  # the first step, or a direction across the slope
            d[:], steps[:] = -point.grad, 0
        slope, squares = dot(point.grad, d), dot(d, d)
        curvature = dot(d, objective.hvp(point.theta, d))
        if not np.isfinite(curvature):
            return point, "stalled"
        if curvature + scale[0] * squares <= 0:
            scale[0] = -2 * curvature / squares  # which makes delta = -curvature
        reason = "decrease"
        while (delta := curvature + scale[0] * squares) * self.decrease * abs(point.value) < slope**2 / 2:
            theta = point.theta - slope / delta * d
            there = Point(theta, *objective(theta))
            finite = np.isfinite(there.value) and np.isfinite(there.grad).all()
            gain = 2 * delta * (point.value - there.value) / slope**2 if finite else NOT_FINITE
            reason = "decrease" if finite else "damping"
            if gain >= 0.75:
                scale /= 4
            elif gain < 0.25:
                scale += delta * (1 - gain) / squares
            if gain > 0:
                self._turn(point, there, slope, state)
                return there, ""
        if steps[0]:  # the direction may be bad: begin anew
            d[:] = 0
            return self.step(objective, point, state)
        return point, reason

    def _turn(self, point: Point, there: Point, slope: float, state: State) -> None:
        """The next direction."""
        d, steps = state["direction"], state["steps"]
        steps += 1
        if steps[0] % d.size == 0:
            d[:], steps[:] = 0, 0
        else:
            d *= dot(there.grad, there.grad - point.grad) / -slope
        d -= there.grad
