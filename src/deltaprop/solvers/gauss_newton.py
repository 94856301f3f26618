"""The Gauss–Newton method."""

from __future__ import annotations

from dataclasses import dataclass

from .cost import Cost
from .curvature_descent import CurvatureDescent


@dataclass(frozen=True)
class GaussNewton(CurvatureDescent):
    """θ ← θ + α d with (G + τ I) d = −g, where G = Σ s JᵀHJ / Σ s + the penalty's is the Gauss–Newton matrix of E.

    J = ∂z/∂θ and H = ∂²e/∂z² of each sample, as in `LevenbergMarquardt`, which shortens a step by damping where this
    method follows a fixed direction. G is the Hessian without the curvature of the network itself, and is never
    indefinite; it is singular where there are fewer residuals than parameters, or where some have the same effect.

    Parameters
    ----------
    shift, decrease, max_memory, max_step_seconds : float
        As for `CurvatureDescent`.

    Sources: Nocedal and Wright, *Numerical Optimization* (2006), §10.3; Schraudolph, *Fast curvature matrix-vector
    products for second-order gradient descent* (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> net = Network([Dense(4), "tanh", Dense(1)], inputs=1, dtype="float64")
    >>> history = net.fit(x, np.sin(3 * x), optimizer=GaussNewton(), epochs=200, progress=False)
    >>> bool(history.last["train_loss"] < 1e-6)
    True
    """

    def cost(self, network, samples):
        return Cost.of_normal_equations(network, samples)

    def equations(self, objective, theta):
        return objective.normal_equations(theta)
