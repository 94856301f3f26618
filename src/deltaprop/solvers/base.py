"""What a solver is: from a point in parameter space to a better one, with all samples in every step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from ..bounds import Bounded, Count, NonNegative, Positive
from ..errors import InputError
from ..layers import Dropout

if TYPE_CHECKING:
    from ..network import Network
    from .objective import Objective

State = dict[str, np.ndarray]

#: Status and message for each reason why a solver is done; the message may name fields of the solver.
OUTCOMES = {
    "gradient": ("converged", "The largest entry of the gradient is at most {tolerance:g}."),
    "decrease": ("converged", "The loss decreases by no more than its rounding error."),
    "step": ("converged", "The steps are too short to change the weights."),
    "evidence": ("converged", "Neither the loss nor the effective number of parameters changes any more."),
    "stalled": (
        "stalled",
        "No step downhill lowers the loss; scale the inputs, or relax the tolerance of {tolerance:g}.",
    ),
    "damping": (
        "stalled",
        "No step lowers the loss, however large the damping; scale inputs and targets, or try another seed.",
    ),
    "max_evaluations": (
        "max_fun",
        "The limit of {max_evaluations} evaluations is exceeded; raise it, or scale the inputs.",
    ),
    "max_seconds": ("time_limit", "The limit of {max_seconds:g} seconds is reached; raise it, or fit again."),
}


class Point(NamedTuple):
    """A point in parameter space with the value and the gradient of the function; float64."""

    theta: np.ndarray
    value: float
    grad: np.ndarray


@dataclass(frozen=True)
class Solver(Bounded, ABC):
    """A full-batch method: one iteration is one epoch of `deltaprop.fit`. All arithmetic is in float64.

    The object holds hyper-parameters only. What is remembered from step to step is in the arrays of `init`, from which
    a run can be continued exactly.

    Parameters
    ----------
    tolerance : float
        Done when max |g| is at most this; ≥ 0, in the units of the gradient.
    max_evaluations : int, optional
        The fit ends after the iteration that exceeds this number of evaluations of the loss.
    max_seconds : float, optional
        The fit ends after the iteration that exceeds this time.

    Attributes
    ----------
    monotone : bool
        Whether the loss falls in every step; not so where the solver changes the penalty.
    columns : tuple of str
        Entries of the state that the history shows, one number each.
    layer_columns : tuple of str
        Those of them that have a number for each layer with weights.
    """

    full_batch: ClassVar[bool] = True
    monotone: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ()
    layer_columns: ClassVar[tuple[str, ...]] = ()

    tolerance: NonNegative = field(default=1e-5, kw_only=True)
    max_evaluations: Count | None = field(default=None, kw_only=True)
    max_seconds: Positive | None = field(default=None, kw_only=True)

    @abstractmethod
    def init(self, theta: np.ndarray) -> State:
        """The state before the first step."""

    def initial(self, network: Network) -> State:
        """The state before the first step of training that network."""
        return self.init(network.theta)

    @abstractmethod
    def step(self, objective: Any, point: Point, state: State) -> tuple[Point, str]:
        """One iteration; `state` is updated in place.

        Parameters
        ----------
        objective : Objective
            The function: ``objective(theta) -> (value, gradient)``, and its curvature.
        point : Point
        state : dict
            From `init`, then from the step before.

        Returns
        -------
        point : Point
            The next one, never of a larger value; the given object if no lower one was found.
        reason : str
            ``""`` to go on, or why the solver is done: a key of `OUTCOMES`.
        """

    def check(self, network: Network, samples: int) -> None:
        """Refuse a network that the solver cannot train, or that would take too much memory or time."""
        if any(isinstance(node.layer, Dropout) and node.layer.rate != 0 for node in network.nodes):
            wanted = "the same function at every evaluation"
            raise InputError(f"{self.name}: the network has Dropout, expected {wanted}; remove these layers.")

    @property
    def name(self) -> str:
        """The name of the class, for messages."""
        return type(self).__name__

    def restored(self, network: Network, state: State) -> None:
        """The state is that of an earlier fit, which goes on: make the network that of it, but for the weights."""

    def prepare(self, objective: Objective, state: State) -> None:
        """Before the first step of a run, or of its continuation."""

    def value(self, name: str, k: int) -> float:
        """The learning rate, which is 1: a solver chooses the length of its steps itself."""
        return 1.0
