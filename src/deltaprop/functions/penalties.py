"""Penalties on the size of the weights."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Bounded, NonNegative


@dataclass(frozen=True)
class Penalty(Bounded):
    """P(w) = l1 Σ|w| + ½ l2 Σw², added to the mean loss of a batch.

    Acts on weights only, not on biases nor on the gains of normalization. The L1 part drives small weights to
    exactly zero, the L2 part shrinks each in proportion to its size.

    Parameters
    ----------
    l1, l2 : float
        Strengths, in units of the loss; ≥ 0 or `InputError`.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([[3.0, -1.0]])
    >>> Penalty(l2=0.1).value(w)
    0.5
    >>> print(Penalty(l1=1.0, l2=0.5).gradient(w))
    [[ 2.5 -1.5]]
    """

    l1: NonNegative = 0.0
    l2: NonNegative = 0.0

    def value(self, w: np.ndarray) -> float:
        """P(w), summed in float64. An array of any shape."""
        absolute, squared = np.sum(np.abs(w), dtype=np.float64), np.sum(np.square(w), dtype=np.float64)
        return float(self.l1 * absolute + 0.5 * self.l2 * squared)

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """∂P/∂w = l1 sign(w) + l2 w, with sign(0) = 0. Shape and dtype of w."""
        return self.l1 * np.sign(w) + self.l2 * w

    def curvature(self, w: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(∂²P/∂w²) v = l2 v. Shape and dtype of v."""
        return self.l2 * v
