"""What an optimizer is: frozen hyper-parameters, a state beside them, and one step over vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import number
from ..functions.schedules import Schedule

State = dict[str, np.ndarray]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A first-order rule: from θ and g = ∂E/∂θ to the next θ.

    Every hyper-parameter is a number or a `Schedule` of the step. The object holds no state, so it can be
    used for several networks at once; what must be remembered between steps is in the dict that `init` makes.

    In the formulas α is the learning rate at step k times `rate_scale`.

    Attributes
    ----------
    full_batch : bool
        Whether each step wants the gradient over all samples.
    """

    full_batch: ClassVar[bool] = False

    learning_rate: float | Schedule

    def __post_init__(self):
        self.check("learning_rate", high=np.inf)

    def init(self, theta: np.ndarray) -> State:
        """The state before the first step: arrays of theta's shape and dtype unless the rule says else."""
        return {}

    @abstractmethod
    def step(
        self, theta: np.ndarray, grad: np.ndarray, state: State, k: int, rate_scale: float | np.ndarray = 1.0
    ) -> None:
        """Change `theta` and `state` in place; `grad` is left as it is.

        Parameters
        ----------
        theta, grad : ndarray of shape (p,)
            Parameters and gradient, of one dtype: float32 or float64. All arithmetic is in that dtype.
        state : dict
            From `init`, then from the step before.
        k : int
            Number of the step, from 0: what the schedules are asked for.
        rate_scale : float or ndarray of shape (p,)
            Factor on the learning rate; a vector gives every parameter a rate of its own.
        """

    def value(self, name: str, k: int) -> float:
        """The hyper-parameter `name` at step k, as a Python float: it leaves the dtype of arrays as it is.

        Examples
        --------
        >>> from deltaprop.functions import Linear
        >>> from deltaprop.optimizers import Momentum
        >>> Momentum(0.1, momentum=Linear(0.5, 0.9, steps=20)).value("momentum", k=10)
        0.7
        """
        value = getattr(self, name)
        return value.rate(k) if isinstance(value, Schedule) else float(value)

    def rate(self, theta: np.ndarray, k: int, rate_scale: float | np.ndarray) -> float | np.ndarray:
        """α = learning_rate(k) · rate_scale: a Python float, or a vector of theta's dtype."""
        learning_rate = self.value("learning_rate", k)
        if np.ndim(rate_scale) == 0:
            return learning_rate * float(rate_scale)
        return learning_rate * np.asarray(rate_scale, theta.dtype)

    def check(self, *names: str, high: float = 1.0, open_low: bool = False) -> None:
        """Refuse hyper-parameters outside [0, high) or (0, high); of a schedule its first value."""
        for name in names:
            value = getattr(self, name)
            first = value.rate(0) if isinstance(value, Schedule) else value
            number(type(self).__name__, name, first, low=0, high=high, open_low=open_low, open_high=True)
