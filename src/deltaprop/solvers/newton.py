"""Newton's method with the exact Hessian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cost import Cost
from .curvature_descent import CurvatureDescent
from .normal_equations import ByParameters


@dataclass(frozen=True)
class Newton(CurvatureDescent):
    """θ ← θ + α d with (∇²E + τ I) d = −g: Newton's method, for small networks.

    The Hessian ∇²E is exact, formed by a Hessian-vector product with each unit vector. A multiple of the identity is
    added to it, a tiny one where it is positive definite, which is rare far from a minimum. Close to a minimum with a
    positive definite Hessian the convergence is quadratic but for that multiple: each step doubles the number of
    correct digits.

    Parameters
    ----------
    shift, decrease, max_memory, max_step_seconds : float
        As for `CurvatureDescent`.

    Source: Nocedal and Wright, *Numerical Optimization* (2006), algorithms 3.2 and 3.3 (Cholesky with added multiple
    of the identity).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.functions import Penalty
    >>> x, t = load_iris(return_X_y=True)
    >>> net = Network([Dense(3)], inputs=4, loss="softmax_cross_entropy", penalty=Penalty(l2=1e-3))
    >>> history = net.fit(x, t, optimizer=Newton(), epochs=50, progress=False)
    >>> history.status, len(history) < 15
    ('converged', True)
    """

    def cost(self, network, samples):
        return Cost.of_hessian(network, samples)

    def equations(self, objective, theta):
        return ByParameters(objective.hessian(theta), np.zeros(theta.size))
