"""SciPy's own minimizers as solvers, an iteration at a time."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..bounds import Count, NonNegative, Positive
from ..errors import InputError, short
from .base import Point, Solver, State
from .coroutine import Coroutine
from .cost import Cost, refuse_if_large
from .levenberg_marquardt import refuse_without_curvature

if TYPE_CHECKING:
    from ..network import Network

#: SciPy's methods, and the argument by which each takes second derivatives.
METHODS = {
    "BFGS": None,
    "CG": None,
    "L-BFGS-B": None,
    "Newton-CG": "hessp",
    "SLSQP": None,
    "trust-exact": "hess",
    "trust-krylov": "hessp",
    "trust-ncg": "hessp",
}

#: Those that update matrices of p × p themselves.
DENSE = frozenset({"BFGS", "SLSQP"})

#: Iterations in a row that may fail to lower the loss; a trust region has by then shrunk to nothing.
PATIENCE = 50


@dataclass(frozen=True)
class ScipyMinimizer(Solver):
    """`scipy.optimize.minimize` with the exact gradient and, for the methods that use them, exact second derivatives.

    One epoch is one iteration of SciPy that lowers the loss. The weights are the best that SciPy has evaluated so far.

    SciPy's memory cannot be written to a file. A fit that is resumed therefore repeats the iterations since SciPy was
    started last, and ends with exactly the weights of an uninterrupted one; `restart` limits their number.

    Parameters
    ----------
    method : str
        "BFGS", "CG", "L-BFGS-B" or "SLSQP", which need the gradient; "Newton-CG", "trust-ncg" or
        "trust-krylov", which take Hessian-vector products; "trust-exact", which takes the dense Hessian.
    restart : int
        After this number of iterations SciPy is started anew from the newest weights, and forgets what it has learned
        of the curvature.
    decrease : float
        Done when an iteration lowers E by at most this, relative to |E|; ≥ 0.
    max_memory, max_step_seconds : float
        In gigabytes and in seconds. A problem whose step would take more by `cost` is refused before the first one.

    Sources: Nocedal and Wright, *Numerical Optimization* (2006), chapters 4 to 7 and 18; the documentation of
    `scipy.optimize.minimize`.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Dense, Network
    >>> x = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> net = Network([Dense(4), "tanh", Dense(1)], inputs=1, dtype="float64")
    >>> history = net.fit(x, np.sin(3 * x), optimizer=ScipyMinimizer("trust-ncg"), epochs=100, progress=False)
    >>> bool(history.last["train_loss"] < 1e-4)
    True
    """

    method: str = "BFGS"
    restart: Count = field(default=500, kw_only=True)
    decrease: NonNegative = field(default=10 * float(np.finfo(np.float64).eps), kw_only=True)
    max_memory: Positive = field(default=2.0, kw_only=True)
    max_step_seconds: Positive = field(default=10.0, kw_only=True)

    def __post_init__(self):
        super().__post_init__()
        if self.method not in METHODS:
            wanted = f"one of {', '.join(METHODS)}"
            raise InputError(f"{self.name}: method is {short(self.method)}, expected {wanted}; choose one.")

    def init(self, theta):
        """Where SciPy was started last: ``start``, its ``value``, and the ``iterations`` since."""
        return {"start": theta.astype(np.float64), "value": np.zeros(1), "iterations": np.zeros(1, np.int64)}

    def check(self, network, samples):
        super().check(network, samples)
        if METHODS[self.method]:
            refuse_without_curvature(self.name, network)
        refuse_if_large(self, self.cost(network, samples))

    def cost(self, network: Network, samples: int) -> Cost:
        """The memory and the time that a step on that many samples takes, estimated; 0 where these are small."""
        if METHODS[self.method] == "hess":
            return Cost.of_hessian(network, samples)
        return Cost.of_update(network) if self.method in DENSE else Cost(0, 0.0)

    def step(self, objective, point, state):
        if not np.abs(point.grad).max(initial=0.0) > self.tolerance:
            return point, "gradient"
        minimization = self._minimization(objective, point, state)
        while not minimization.advance(objective):  # SciPy has given up
            if state["iterations"][0] == 0:
                return point, "stalled"
            minimization = self._restart(objective, point, state)
        state["iterations"] += 1
        there = minimization.best
        if np.abs(there.grad).max() <= self.tolerance:
            return there, "gradient"
        return there, "decrease" if point.value - there.value <= self.decrease * abs(point.value) else ""

    def _minimization(self, objective: Any, point: Point, state: State) -> Minimization:
        """The one that has led to the point, or a new one."""
        running = objective.minimization
        if running is None and state["iterations"][0]:
            running = self._repeat(objective, state)
        if running is None or not np.array_equal(running.best.theta, point.theta):
            return self._restart(objective, point, state)
        return running if state["iterations"][0] < self.restart else self._restart(objective, point, state)

    def _restart(self, objective: Any, point: Point, state: State) -> Minimization:
        state["start"][:], state["value"][:], state["iterations"][:] = point.theta, point.value, 0
        return self._begin(objective, point)

    def _repeat(self, objective: Any, state: State) -> Minimization | None:
        """The minimization of the run that is resumed; None if its data were others. It is not counted again."""
        counted = objective.count.copy()
        start = Point(state["start"].copy(), *objective(state["start"]))
        repeated = None
        if start.value == state["value"][0]:
            repeated = self._begin(objective, start)
            for _ in range(state["iterations"][0]):
                repeated.advance(objective)
        objective.count[:] = counted
        return repeated

    def _begin(self, objective: Any, point: Point) -> Minimization:
        objective.close()
        objective.minimization = Minimization(self.method, point)
        return objective.minimization


class Minimization:
    """A call of SciPy under way; `best` is the best point that it has evaluated."""

    def __init__(self, method: str, start: Point):
        self.best = start
        self._coroutine = Coroutine(partial(_minimize, method, start.theta))
        self._answer: Any = None

    def advance(self, objective: Any) -> bool:
        """Let SciPy iterate until the value is lower; False: it has given up."""
        value = self.best.value
        for _ in range(PATIENCE):
            if not self._iterate(objective):
                break
            if self.best.value < value:
                return True
        return self.best.value < value

    def close(self) -> None:
        """End SciPy's call."""
        self._coroutine.close()

    def _iterate(self, objective: Any) -> bool:
        """One iteration of SciPy; False: there is no further one."""
        while (request := self._request()) is not None:
            kind, *arguments = request
            if kind == "iteration":
                self._answer = None
                return True
            if kind == "value":
                self._answer = self._evaluate(objective, *arguments)
            else:
                self._answer = getattr(objective, kind)(*arguments)
        return False

    def _request(self) -> tuple | None:
        """What SciPy asks for next; None once it has returned, or failed at numbers that are not finite."""
        if self._coroutine.finished:
            return None
        with warnings.catch_warnings():  # of a line search that fails, which its result says as well
            warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"scipy\.optimize")
            try:
                return self._coroutine.resume(self._answer)
            except (ArithmeticError, ValueError):  # of SciPy: what the objective raises does not pass here
                return None

    def _evaluate(self, objective: Any, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient; an infinite value where one of them is not finite."""
        if np.array_equal(theta, self.best.theta):
            return self.best.value, self.best.grad.copy()
        value, grad = objective(theta)
        if not (np.isfinite(value) and np.isfinite(grad).all()):
            return np.inf, grad
        if value < self.best.value:
            self.best = Point(theta, value, grad.copy())
        return value, grad


def _minimize(method: Any, start: np.ndarray, ask: Callable[[Any], Any]) -> None:
    """SciPy's call, asking for all it needs to know of the function."""
    from scipy.optimize import minimize

    second_derivatives: dict[str, Any] = {
        "hessp": lambda theta, v: ask(("hvp", theta.copy(), v.copy())),
        "hess": lambda theta: ask(("hessian", theta.copy())),
    }
    used = METHODS[method]
    with np.errstate(all="ignore"):
        minimize(
            lambda theta: ask(("value", theta.copy())),
            start,
            jac=True,
            method=method,
            tol=0,  # the solver tests the gradient itself
            callback=lambda xk: ask(("iteration",)),
            **({used: second_derivatives[used]} if used else {}),
        )
