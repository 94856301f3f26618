"""Levenberg–Marquardt: Gauss–Newton steps, shortened by damping until they lower the loss."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..bounds import NonNegative, Positive
from ..errors import InputError, short
from ..functions import SquaredError
from ..functions.loss import PiecewiseLinearLoss
from .base import Point, Solver, State
from .cost import Cost, refuse_if_large
from .normal_equations import Factored, NormalEquations

if TYPE_CHECKING:
    from ..network import Network

SCALINGS = ("identity", "marquardt")
EPSILON, TINY = float(np.finfo(np.float64).eps), float(np.finfo(np.float64).tiny)

#: A decrease, relative to the loss. Where the model has promised more, and no step lowers the loss, that is no
#: convergence.
MUCH = 0.01

#: Root mean square of the targets from which on a fit may take very long, or end far from them.
FAR_FROM_1 = 50.0

#: The damping at which a solver gives up.
LARGEST = 1e30


@dataclass(frozen=True)
class LevenbergMarquardt(Solver):
    """θ ← θ + p + a with (G + μ D) p = −g, where G = Σ s JᵀHJ / Σ s + the penalty's is the Gauss–Newton matrix of E.

    J = ∂z/∂θ and H = ∂²e/∂z² of each sample: for the squared error G = JᵀJ / n, for the cross-entropies it is the
    generalized Gauss–Newton matrix, which is Fisher's. A step is taken only where it lowers E. The damping μ follows
    the gain ratio ρ = (E(θ) − E(θ + p)) / (½ pᵀ(μ D p − g)), the decrease over the predicted one (Nielsen)::

        ρ > 0:  μ ← μ max(⅓, 1 − (2ρ − 1)³),  ν ← 2          otherwise:  μ ← μ ν,  ν ← 2 ν,  and try again.

    a is the geodesic acceleration, which lets the step follow a curved valley instead of its tangent:
    (G + μ D) a = −½ Σ s JᵀH z″ / Σ s with z″ the second derivative of the outputs along p. Where it is not small beside
    p, the step leaves the region where the model holds, and the damping is increased.

    J is never held as a whole: G is summed up over chunks of samples. Where there are fewer residuals than parameters,
    the equivalent system of the residuals' size is solved instead.

    Parameters
    ----------
    damping : float
        μ of the first step, relative to the largest diagonal entry of G for the "identity" scaling; > 0.
    scaling : {"identity", "marquardt"}
        D: the identity (Levenberg), or the largest diagonal of G seen so far, which makes the steps independent of
        the units of the parameters (Marquardt; Moré).
    acceleration : float
        Largest ‖a‖ relative to ½ ‖p‖; 0: a is left out.
    step_tolerance : float
        Done when ‖p‖ is at most this, relative to ‖θ‖; ≥ 0.
    decrease : float
        Done when the predicted decrease is at most this, relative to E; ≥ 0.
    max_memory, max_step_seconds : float
        In gigabytes and in seconds. A problem whose step would take more by `cost` is refused before the first one; the
        seconds follow from a short measurement of this machine.

    Sources: Levenberg, *A method for the solution of certain non-linear problems in least squares* (1944); Marquardt,
    *An algorithm for least-squares estimation of nonlinear parameters* (1963); Hagan and Menhaj, *Training feedforward
    networks with the Marquardt algorithm* (1994); Nielsen, *Damping parameter in Marquardt's method* (1999), eq. 2.4;
    Moré, *The Levenberg–Marquardt algorithm: implementation and theory* (1978), §6; Transtrum and Sethna, *Improvements
    to the Levenberg–Marquardt algorithm for nonlinear least-squares minimization* (2012), §4; Schraudolph, *Fast
    curvature matrix-vector products for second-order gradient descent* (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> net = Network([Dense(8), "tanh", Dense(1)], inputs=1, dtype="float64")
    >>> history = net.fit(x, np.sin(3 * x), optimizer=LevenbergMarquardt(), epochs=100, progress=False)
    >>> bool(history.last["train_loss"] < 1e-8)
    True
    """

    columns: ClassVar[tuple[str, ...]] = ("damping",)

    damping: Positive = 1e-3
    scaling: str = "identity"
    acceleration: NonNegative = 0.75
    tolerance: NonNegative = field(default=1e-9, kw_only=True)
    step_tolerance: NonNegative = field(default=1e-12, kw_only=True)
    decrease: NonNegative = field(default=10 * EPSILON, kw_only=True)
    max_memory: Positive = field(default=2.0, kw_only=True)
    max_step_seconds: Positive = field(default=10.0, kw_only=True)

    def __post_init__(self):
        super().__post_init__()
        if self.scaling not in SCALINGS:
            wanted = f"one of {', '.join(SCALINGS)}"
            raise InputError(f"{self.name}: scaling is {short(self.scaling)}, expected {wanted}; choose one.")

    def init(self, theta):
        """``damping`` μ (0: not chosen yet), ``growth`` ν, and ``scale``, the diagonal of D."""
        return {"damping": np.zeros(1), "growth": np.full(1, 2.0), "scale": np.zeros(theta.size)}

    def check(self, network, samples):
        super().check(network, samples)
        refuse_without_curvature(self.name, network)
        refuse_if_large(self, self.cost(network, samples))

    def cost(self, network: Network, samples: int) -> Cost:
        """The memory and the time that a step on that many samples takes, estimated."""
        return Cost.of_normal_equations(network, samples)

    def prepare(self, objective, state):
        size = float(np.sqrt(np.mean(np.square(objective.t))))
        if (
            isinstance(objective.network.loss, SquaredError)
            and size > FAR_FROM_1
            and not state["damping"].any()
        ):
            logging.getLogger("deltaprop").warning(
                f"{self.name}: the root mean square of the targets is {size:.3g}, far from what small weights give; "
                "standardize the targets, as MLPRegressor does, or set scaling='marquardt'."
            )

    def step(self, objective, point, state):
        if not np.abs(point.grad).max(initial=0.0) > self.tolerance:
            return point, "gradient"
        equations = objective.normal_equations(point.theta)
        return self.descend(objective, point, state, equations)

    def descend(
        self, objective: Any, point: Point, state: State, equations: NormalEquations
    ) -> tuple[Point, str]:
        """Increase the damping until the step lowers the loss."""
        scale, damping, growth = self._scale(equations, state), state["damping"], state["growth"]
        promised = 0.0  # the decrease that the first try has predicted
        while damping[0] * scale.min() < LARGEST:
            factored = equations.damped(damping * scale)
            if factored is not None:
                p = -factored.solve(point.grad)
                predicted = 0.5 * float(p @ (damping * scale * p - point.grad))
                promised = promised or predicted
                reason = self._too_small(point, p, predicted)
                if reason:  # where it is so only by the damping, after other steps have failed
                    return point, "damping" if promised > max(predicted, MUCH * abs(point.value)) else reason
                there = self._try(objective, point, p, factored)
                gain = (point.value - there.value) / predicted
                if gain > 0:
                    damping[0] = max(damping[0] * max(1 / 3, 1 - (2 * min(gain, 1) - 1) ** 3), TINY)
                    growth[0] = 2
                    return there, ""
            damping *= growth
            growth *= 2
        return point, "damping"

    def _too_small(self, point: Point, p: np.ndarray, predicted: float) -> str:
        """Why a step p with that predicted decrease is not worth taking; empty if it is."""
        if predicted <= self.decrease * abs(point.value):
            return "decrease"
        short = np.linalg.norm(p) <= self.step_tolerance * np.linalg.norm(point.theta)
        return "step" if short else ""

    def _try(self, objective: Any, point: Point, p: np.ndarray, factored: Factored) -> Point:
        """The end of the step; infinitely bad where its value or gradient is not finite, or it is bent too much."""
        theta = point.theta + p
        if self.acceleration:
            a = -0.5 * factored.solve(objective.bend(point.theta, p))
            if not 2 * np.linalg.norm(a) <= self.acceleration * np.linalg.norm(p):
                return point._replace(value=np.inf)
            theta += a
        there = Point(theta, *objective(theta))
        finite = np.isfinite(there.value) and np.isfinite(there.grad).all()
        return there if finite else there._replace(value=np.inf)

    def _scale(self, equations: NormalEquations, state: State) -> np.ndarray:
        """The diagonal of D; chooses μ before the first step."""
        diagonal, scale = equations.diagonal(), state["scale"]
        largest = max(float(diagonal.max(initial=0.0)), TINY)
        if self.scaling == "identity":
            scale[:] = 1
        else:  # parameters without any effect, such as weights of a constant 0, are damped as well
            np.maximum(scale, np.maximum(diagonal, EPSILON * largest), out=scale)
        if state["damping"][0] == 0:
            state["damping"][0] = self.damping * (largest if self.scaling == "identity" else 1)
        return scale


def refuse_without_curvature(solver: str, network: Network) -> None:
    """InputError where the Gauss–Newton matrix says nothing: the loss, or the penalty, has kinks."""
    wanted = "a loss with a second derivative"
    if isinstance(network.loss, PiecewiseLinearLoss):
        got = f"the network has the loss {network.loss}"
        raise InputError(f"{solver}: {got}, expected {wanted}; use squared_error, huber or a cross-entropy.")
    if network.penalty is not None and network.penalty.l1:
        got = f"the network has a penalty with l1={network.penalty.l1:g}"
        raise InputError(f"{solver}: {got}, expected one with l1=0; use l2, or a first-order optimizer.")
