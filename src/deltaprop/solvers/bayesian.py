"""Levenberg–Marquardt with Bayesian regularization: the weight decay is found from the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..bounds import NonNegative, Positive
from ..errors import LARGEST, InputError
from ..functions import Penalty, SquaredError
from .base import Point, State
from .levenberg_marquardt import EPSILON, TINY, LevenbergMarquardt

if TYPE_CHECKING:
    from .normal_equations import NormalEquations
    from .objective import Objective

#: Steps in a row in which nothing has changed, after which the solver is done.
PATIENCE = 5

#: Smallest l2, relative to the largest entry of the diagonal of G; and how much of that diagonal is added to it for
#: parameters without a penalty, so that G can be inverted.
SMALL = 1e-9


@dataclass(frozen=True)
class BayesianLevenbergMarquardt(LevenbergMarquardt):
    """Levenberg–Marquardt on E = data + ½ Σ l2 w², with l2 chosen anew in every step so that the evidence is largest.

    The weights w of layer c are taken to be normal with variance 1/α_c, the residuals r of N samples with k outputs to
    be normal with variance 1/β; a sample of weight 2 counts as two. With the Gauss–Newton matrix G of E::

        γ_c = (number of w) − l2_c Σ_w (G⁻¹)_ww      α_c = γ_c / Σ w²      l2_c = α_c / (β N)
        β = (N k − γ) / Σ r²  for the squared error,  β = 1 for losses that are negative log-likelihoods

    γ_c is the number of weights of the layer that the data determine, γ their sum and the number of all other
    parameters, such as biases, which are left to the data: the effective number of parameters. A layer has a decay of
    its own because a single one would depend on the units of inputs and outputs (MacKay, *framework*, §5).

    No validation data are needed, so that all samples are for training. The l2 that were found are the penalty of the
    network afterwards (those of the last epoch, also where early stopping brings back earlier weights). The history
    shows them and ``effective_parameters``: where that stays far below the number of parameters, the network is large
    enough.

    Parameters
    ----------
    decay : float
        l2 of the first step, relative to the mean of the layer's diagonal of G; > 0. A large one begins with a simple
        function.
    evidence_tolerance : float
        Done when in each of the last five steps neither the loss nor γ has changed by more than this, relatively; ≥ 0.

    Notes
    -----
    The other parameters are those of `LevenbergMarquardt`, of which `tolerance`, `step_tolerance` and `decrease` do not
    end the fit: with the next l2 the loss may fall again.

    Sources: MacKay, *Bayesian interpolation* and *A practical Bayesian framework for backpropagation networks* (1992);
    Foresee and Hagan, *Gauss–Newton approximation to Bayesian learning* (1997).

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, (60, 1))
    >>> t = np.sin(3 * x) + 0.3 * rng.standard_normal(x.shape)
    >>> net = Network([Dense(20), "tanh", Dense(1)], inputs=1, dtype="float64")
    >>> history = net.fit(x, t, optimizer=BayesianLevenbergMarquardt(), epochs=200, progress=False)
    >>> net.theta.size, bool(history.last["effective_parameters"] < 30)
    (61, True)
    """

    monotone: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("damping", "effective_parameters", "l2")
    layer_columns: ClassVar[tuple[str, ...]] = ("l2",)

    decay: Positive = field(default=10.0, kw_only=True)
    evidence_tolerance: NonNegative = field(default=1e-2, kw_only=True)

    def initial(self, network):
        """As `LevenbergMarquardt.init`; ``l2``, ``effective_parameters``, and ``steady``, how often nothing changed."""
        layers = sum(block.penalized for block in network.layout)
        more = {"effective_parameters": np.zeros(1), "l2": np.zeros(layers), "steady": np.zeros(1, np.int64)}
        return self.init(network.theta) | more

    def check(self, network, samples):
        super().check(network, samples)
        if not any(block.penalized for block in network.layout):
            raise InputError(
                f"{self.name}: the network has no weights, expected a layer such as Dense; add one."
            )

    def restored(self, network, state):
        if state["l2"].any():
            network.penalty = Penalty(l2=tuple(state["l2"]))

    def step(self, objective, point, state):
        equations, effective = objective.normal_equations(point.theta), state["effective_parameters"]
        before = effective[0]
        self._choose_decay(objective, point, state, equations)
        objective.penalty = Penalty(l2=tuple(state["l2"]))
        equations.decay = objective.decay
        point = Point(point.theta, *objective(point.theta))
        there, reason = self.descend(objective, point, state, equations)
        small, gain = self.evidence_tolerance, point.value - there.value
        steady = gain <= small * abs(point.value) and abs(effective[0] - before) <= small * effective[0]
        steady = steady and reason != "damping"
        state["steady"][:] = state["steady"] + 1 if steady else 0
        if reason:  # the next l2 may allow a step again
            state["damping"][:] = 0
        return there, "evidence" if state["steady"][0] >= PATIENCE else ""

    def _choose_decay(
        self, objective: Objective, point: Point, state: State, equations: NormalEquations
    ) -> None:
        """Write the l2 of largest evidence, given G at the present weights, and the effective number of parameters."""
        l2, parts, samples = state["l2"], objective.weights, objective.weight.sum()
        diagonal = equations.diagonal() - equations.decay
        largest = max(float(diagonal.max()), TINY)
        if not l2.any():
            curvature = [diagonal[part].mean() for part in parts]
            l2[:] = self.decay * np.maximum(curvature, SMALL * largest)
            state["effective_parameters"][:] = point.theta.size
            return
        floor = SMALL * np.maximum(diagonal, SMALL * largest) * (equations.decay == 0)
        factored = equations.damped(floor)
        if factored is None:
            return
        inverse = factored.inverse_diagonal()
        sizes = np.array([part.stop - part.start for part in parts])
        determined = np.clip(sizes - l2 * [inverse[part].sum() for part in parts], EPSILON, sizes)
        effective = determined.sum() + point.theta.size - sizes.sum()
        beta = 1.0
        if isinstance(objective.network.loss, SquaredError):
            loss = point.value - objective.penalty_value(point.theta)
            beta = max(samples * objective.t.shape[1] - effective, 1) / max(2 * samples * loss, TINY)
        squares = [max(point.theta[part] @ point.theta[part], TINY) for part in parts]
        limit = min(largest / SMALL, LARGEST)
        l2[:] = np.clip(determined / squares / (beta * samples), SMALL * largest, limit)
        state["effective_parameters"][:] = effective
