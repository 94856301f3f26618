"""Limited-memory BFGS: a quasi-Newton method with a Hessian estimated from the last few steps."""

from dataclasses import dataclass

import numpy as np

from ..bounds import Count, NonNegative
from ..reductions import dot
from .base import Point, Solver, State
from .line_search import Function, descend


@dataclass(frozen=True)
class LBFGS(Solver):
    """θ ← θ + α d with d = −H g, where H approximates the inverse Hessian from the last m steps.

    With s = the change of θ and y = the change of g in a step, each pair corrects
    H ← (I − s yᵀ/sᵀy) H (I − y sᵀ/sᵀy) + s sᵀ/sᵀy, beginning from (sᵀy/yᵀy) I of the newest pair; H g is computed from
    the pairs without forming H. α satisfies the strong Wolfe conditions, so that sᵀy > 0. The iterates are those of
    L-BFGS-B without bounds.

    Parameters
    ----------
    memory : int
        m ≥ 1, the number of pairs.
    decrease : float
        Done when a step lowers the value by at most this, relative to max(|value|, 1); ≥ 0. The default is SciPy's.

    Sources: Nocedal and Wright, *Numerical Optimization* (2006), algorithms 7.4 and 7.5; Liu and Nocedal, *On the
    limited memory BFGS method* (1989); Zhu, Byrd, Lu, Nocedal, *Algorithm 778: L-BFGS-B* (1997).

    Examples
    --------
    >>> import numpy as np
    >>> bowl = lambda theta: (float(theta @ theta), 2 * theta)
    >>> theta, state = np.array([3.0, -4.0]), LBFGS().init(np.zeros(2))
    >>> point, status = LBFGS().step(bowl, Point(theta, *bowl(theta)), state)
    >>> point.value < 25
    True
    """

    memory: Count = 10
    decrease: NonNegative = 1e7 * float(np.finfo(np.float64).eps)

    def init(self, theta: np.ndarray) -> State:
        """An empty memory: ``s`` and ``y``, float64 of shape (m, p), and the number of pairs ever stored."""
        pairs = (self.memory, theta.size)
        return {"s": np.zeros(pairs), "y": np.zeros(pairs), "stored": np.zeros(1, np.int64)}

    def step(self, objective: Function, point: Point, state: State) -> tuple[Point, str]:
        if not np.abs(point.grad).max(initial=0.0) > self.tolerance:
            return point, "gradient"
        first_step = 1.0 if state["stored"][0] else dot(point.grad, point.grad) ** -0.5
        there = descend(objective, point, self.propose(point.grad, state), first_step)
        if there is None and state["stored"][0]:  # the Hessian estimate may be bad: restart from the gradient
            state["stored"][0] = 0
            there = descend(objective, point, self.propose(point.grad, state), 1.0)
        if there is None:
            return point, "stalled"
        self._remember(state, point, there)
        if np.abs(there.grad).max() <= self.tolerance:
            return there, "gradient"
        scale = max(abs(point.value), abs(there.value), 1.0)
        return there, "decrease" if point.value - there.value <= self.decrease * scale else ""

    def propose(self, grad: np.ndarray, state: State) -> np.ndarray:
        """d = −H g; with an empty memory −g."""
        stored = int(state["stored"][0])
        if stored == 0:
            return -grad
        newest_first = [k % self.memory for k in range(stored - 1, max(stored - self.memory, 0) - 1, -1)]
        pairs = [(s, y, 1 / dot(s, y)) for s, y in ((state["s"][k], state["y"][k]) for k in newest_first)]
        d, alphas = -grad, []
        for s, y, rho in pairs:
            alphas.append(rho * dot(s, d))
            d = d - alphas[-1] * y
        s, y, _ = pairs[0]
        d *= dot(s, y) / dot(y, y)
        for (s, y, rho), alpha in zip(reversed(pairs), reversed(alphas), strict=True):
            d += (alpha - rho * dot(y, d)) * s
        return d

    def _remember(self, state: State, point: Point, there: Point) -> None:
        """Store the pair of a step in place of the oldest, unless it has no curvature (the test of L-BFGS-B)."""
        s, y = there.theta - point.theta, there.grad - point.grad
        if dot(s, y) > np.finfo(np.float64).eps * -dot(s, point.grad):
            k = int(state["stored"][0]) % self.memory
            state["s"][k], state["y"][k] = s, y
            state["stored"][0] += 1
