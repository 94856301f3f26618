"""The Hessian by finite differences of the gradient: an independent check of the exact one."""

from __future__ import annotations

import numpy as np

from .operators import Curvature


class FiniteDifferences(Curvature):
    """∂²E/∂theta² v ≈ (∂E/∂theta(theta + h v) − ∂E/∂theta(theta − h v)) / 2h.

    The error is of order h² and, by rounding, ε / h; with ‖h v‖ = ε^⅓ (1 + ‖theta‖), about ε^⅔ of the largest entry,
    10 digits. A kink of an activation or loss within the step spoils it.

    Parameters
    ----------
    network, x, t, sample_weight, training, step, layer
        As for `Hessian`.

    Source: Nocedal and Wright, *Numerical Optimization* (2006), §8.1; *Efficient BackProp*, §7.1.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> from deltaprop.curvature import Hessian
    >>> net = Network([Dense(4), "tanh", Dense(1)], inputs=2)
    >>> x, t = [[1.0, 0.0], [0.0, 2.0]], [0.0, 1.0]
    >>> bool(np.allclose(FiniteDifferences(net, x, t).dense(), Hessian(net, x, t).dense(), atol=1e-8))
    True
    """

    def _product(self, direction: np.ndarray) -> np.ndarray:
        length, theta = np.linalg.norm(direction), self.network.theta.copy()
        if length == 0:
            return np.zeros_like(direction)
        h = np.cbrt(np.finfo(theta.dtype).eps) * (1 + np.linalg.norm(theta)) / length
        return (self._gradient(theta + h * direction) - self._gradient(theta - h * direction)) / (2 * h)

    def _gradient(self, theta: np.ndarray) -> np.ndarray:
        """∂E/∂theta at other weights."""
        net = self.network.copy()
        net.theta = theta
        return net.evaluator.gradient(self.x, self.t, self.sample_weight, **self.mode)[1]
