"""A schedule: a hyper-parameter as a pure function of the step.

k counts the steps of a fit from 0; every length is a number of steps too (steps per epoch × epochs). Beyond its length
a schedule stays at its last value. What depends on the validation loss is a callback of training instead.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from ..bounds import Bounded, NonNegative


@dataclass(frozen=True)
class Schedule(Bounded, ABC):
    """A hyper-parameter as a function of the step. Subclass it for one of your own: `curve` is all it needs."""

    @overload
    def rate(self, k: float) -> float: ...
    @overload
    def rate(self, k: ArrayLike) -> float | np.ndarray: ...
    def rate(self, k):
        """The value at step k ≥ 0: a float for a number, a float64 array of the same shape for an array."""
        if hasattr(k, "rate_of"):  # a step of a compiled program, which has the values of all its schedules
            return k.rate_of(self)
        with np.errstate(over="ignore", invalid="ignore"):  # a rate that is not finite ends the fit
            value = self.curve(np.asarray(k, np.float64))
        return float(value) if np.ndim(value) == 0 else value

    @abstractmethod
    def curve(self, k: np.ndarray) -> np.ndarray:
        """The formula, for a float64 array k of any shape."""


@dataclass(frozen=True)
class ConstantRate(Schedule):
    """rate(k) = value."""

    value: NonNegative

    def curve(self, k):
        return np.full_like(k, self.value)


class Scheduled(Bounded):
    """A dataclass some of whose numbers may be schedules, of which the first value is checked."""

    def value(self, name: str, k: int) -> float:
        """The hyper-parameter `name` at step k, as a Python float, which leaves the dtype of arrays as it is.

        Examples
        --------
        >>> from deltaprop.functions import Linear
        >>> from deltaprop.optimizers import Momentum
        >>> Momentum(0.1, momentum=Linear(0.5, 0.9, steps=20)).value("momentum", k=10)
        0.7
        """
        value = getattr(self, name)
        return value.rate(k) if isinstance(value, Schedule) else float(value)

    def _at_start(self, value: Any) -> Any:
        return value.rate(0) if isinstance(value, Schedule) else value
