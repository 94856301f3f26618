"""Penalties on the size of the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..bounds import Bounded, NonNegative
from ..errors import number


@dataclass(frozen=True)
class Penalty(Bounded):
    """P(w) = l1 Σ|w| + ½ l2 Σw², added to the mean loss of a batch.

    Acts on weights only, not on biases nor on the gains of normalization. The L1 part drives small weights to
    exactly zero, the L2 part shrinks each in proportion to its size.

    Parameters
    ----------
    l1 : float
        Strength, in units of the loss; ≥ 0 or `InputError`.
    l2 : float or tuple of float
        The same; a tuple has one for the weights of each layer that has some, in their order.

    Examples
    --------
    >>> import numpy as np
    >>> w = np.array([[3.0, -1.0]])
    >>> Penalty(l2=0.1).value(w)
    0.5
    >>> print(Penalty(l1=1.0, l2=0.5).gradient(w))
    [[ 2.5 -1.5]]
    >>> Penalty(l2=(0.1, 0.3)).of(1)
    Penalty(l1=0.0, l2=0.3)
    """

    l1: NonNegative = 0.0
    l2: float | tuple[float, ...] = 0.0

    def __post_init__(self):
        super().__post_init__()
        given: Any = self.l2.tolist() if isinstance(self.l2, np.ndarray) else self.l2
        several = isinstance(given, (tuple, list))
        for value in given if several else [given]:
            number("Penalty", "l2", value, low=0)
        object.__setattr__(self, "l2", tuple(map(float, given)) if several else float(given))

    def of(self, layer: int) -> Penalty:
        """The penalty on the weights of one layer, by its number among the layers that have weights."""
        return Penalty(self.l1, self.l2[layer]) if isinstance(self.l2, tuple) else self

    @property
    def _l2(self) -> float:
        if isinstance(self.l2, tuple):
            raise TypeError("the strength differs from layer to layer: take `of(layer)`")
        return self.l2

    def value(self, w: np.ndarray) -> float:
        """P(w), summed in float64. An array of any shape."""
        absolute, squared = np.sum(np.abs(w), dtype=np.float64), np.sum(np.square(w), dtype=np.float64)
        value: Any = self.l1 * absolute + 0.5 * self._l2 * squared
        return value.item()

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """∂P/∂w = l1 sign(w) + l2 w, with sign(0) = 0. Shape and dtype of w."""
        return self.l1 * np.sign(w) + self._l2 * w

    def curvature(self, w: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(∂²P/∂w²) v = l2 v. Shape and dtype of v."""
        return self._l2 * v
