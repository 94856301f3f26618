"""What an optimizer is: frozen hyper-parameters, a state beside them, and one step over vectors."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import numpy as np

from ..bounds import Bounds
from ..functions.schedule import Schedule, Scheduled

State = dict[str, np.ndarray]
Rate = Annotated[float | Schedule, Bounds(low=0)]
Decay = Annotated[float | Schedule, Bounds(low=0, high=1, open_high=True)]
Epsilon = Annotated[float | Schedule, Bounds(low=0, open_low=True)]


@dataclass(frozen=True)
class Optimizer(Scheduled, ABC):
    """A first-order rule: from θ and g = ∂E/∂θ to the next θ, with decoupled weight decay:

        θ ← θ − α λ θ, then the step of the rule.

    λ acts on every entry of theta and stays out of the rule's state. A penalty ½ λ Σw² in the loss differs: it is part
    of g, so a rule that divides by the size of g would divide the penalty as well.

    Every hyper-parameter is a number or a `Schedule` of the step. The state is not in the object but in the dict that
    `init` makes, so that one object serves several networks.

    Parameters
    ----------
    learning_rate : float or Schedule
        ≥ 0. In the formulas α is its value at step k times `rate_scale`.
    weight_decay : float or Schedule
        λ ≥ 0, by keyword only.

    Attributes
    ----------
    full_batch : bool
        Whether each step needs the gradient over all samples.
    normalized : bool
        Whether the gradient is divided by its size, so that a step does not grow with it.
    operation : str
        Name of the rule in the compiled core, if it has one; not inherited.
    vectors : tuple of str
        Entries of the state that have theta's shape and dtype; they start at zero unless `init` says otherwise.
    numbers : tuple of str or None
        The fields that are the core's β₁, β₂ (both in [0, 1)) and ε (> 0).

    Source: Loshchilov and Hutter, *Decoupled Weight Decay Regularization* (2019), §2.
    """

    full_batch: ClassVar[bool] = False
    normalized: ClassVar[bool] = False
    vectors: ClassVar[tuple[str, ...]] = ()
    numbers: ClassVar[tuple[str | None, str | None, str | None]] = (None, None, None)

    learning_rate: Rate
    weight_decay: Rate = field(default=0.0, kw_only=True)

    def init(self, theta: np.ndarray) -> State:
        """The state before the first step."""
        return {name: np.zeros_like(theta) for name in self.vectors}

    def step(
        self,
        theta: np.ndarray,
        grad: np.ndarray,
        state: State,
        k: int,
        rate_scale: float | np.ndarray = 1.0,
        decay_scale: float | np.ndarray = 1.0,
    ) -> None:
        """Change `theta` and `state` in place; `grad` is left as it is.

        Parameters
        ----------
        theta, grad : ndarray of shape (p,)
            Parameters and gradient, of one dtype: float32 or float64. All arithmetic is in that dtype.
        state : dict
            From `init`, then from the step before.
        k : int
            Number of the step, from 0: the argument of the schedules.
        rate_scale, decay_scale : float or ndarray of shape (p,)
            Factors on the learning rate and on λ; a vector gives every parameter a rate or a decay of its own.
        """
        alpha = self.rate(theta, k, rate_scale)
        decay = self.value("weight_decay", k)
        if self.weight_decay != 0:
            theta *= 1 - alpha * _scaled(decay, decay_scale, theta.dtype)
        self.update(theta, grad, state, alpha, k)

    @abstractmethod
    def update(
        self, theta: np.ndarray, grad: np.ndarray, state: State, alpha: float | np.ndarray, k: int
    ) -> None:
        """The step of the rule itself, without weight decay; arguments as of `step`, alpha the rate at step k."""

    def rate(self, theta: np.ndarray, k: int, rate_scale: float | np.ndarray) -> float | np.ndarray:
        """α = learning_rate(k) · rate_scale: a Python float, or a vector of theta's dtype."""
        return _scaled(self.value("learning_rate", k), rate_scale, theta.dtype)


def _scaled(value: float, scale: float | np.ndarray, dtype: np.dtype) -> float | np.ndarray:
    return value * (float(scale) if np.ndim(scale) == 0 else scale.astype(dtype, copy=False))  # type: ignore[union-attr]
