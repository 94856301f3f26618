"""A full-batch solver in the place of an engine: one iteration is one epoch, and everything around it is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .. import batching
from ..engines import Engine, Sums, evaluator
from ..solvers.lbfgs import LBFGS, Point

if TYPE_CHECKING:
    from ..network import Network

#: Status and message for each reason why a solver is done.
OUTCOMES = {
    "gradient": ("converged", "The largest entry of the gradient is at most tol={tol:g}."),
    "decrease": ("converged", "The loss decreases by no more than its rounding error."),
    "stalled": ("stalled", "No step downhill lowers the loss; scale the inputs, or relax tol={tol:g}."),
    "max_fun": (
        "max_fun",
        "The limit of max_fun={max_fun} evaluations is exceeded; raise it, or scale the inputs.",
    ),
}


@dataclass(frozen=True)
class FullBatchRule:
    """A solver where the loop of training expects an optimizer."""

    full_batch: ClassVar[bool] = True

    solver: LBFGS
    max_fun: int = 15000  # a fit ends after the iteration that exceeds this number of evaluations
    engine: str = "auto"  # of the evaluator

    def init(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """The solver's memory, and the number of evaluations so far."""
        return self.solver.init(theta) | {"evaluations": np.zeros(1, np.int64)}

    def value(self, name: str, k: int) -> float:
        """The learning rate that the history shows."""
        return 1.0


class FullBatch(Engine):
    """Runs one iteration of a full-batch solver per epoch.

    `outcome` is the status and the message of the end once the solver is done; both are empty before.
    """

    optimizer: Any  # a FullBatchRule

    def __init__(self, network: Network, *arguments: Any, **options: Any):
        super().__init__(network, *arguments, **options)
        self.evaluator = evaluator(network, self.optimizer.engine, self.threads)
        self.outcome = ("", "")
        self._point: Point | None = None
        self._batch: tuple[Any, ...] = ()

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        network = self.network
        if not self._batch:
            self._batch = self._take(np.sort(order))
        before, evaluations = self._point, self.state["evaluations"]
        if before is None or not np.array_equal(before.theta, network.theta):
            counted = int(evaluations[0]) if before is None else 0  # a restart evaluates the last point again
            before = Point(network.theta.copy(), *self._evaluate(network.theta))
            evaluations[0] = counted or evaluations[0]
        after = before
        if np.isfinite(before.value) and np.isfinite(before.grad).all():
            rule: Any = self.optimizer
            after, why = rule.solver.step(self._evaluate, before, self.state)
            if evaluations[0] > rule.max_fun:  # takes precedence, as in SciPy
                why = "max_fun"
            if why:
                status, words = OUTCOMES[why]
                self.outcome = status, words.format(tol=rule.solver.tolerance, max_fun=rule.max_fun)
        self._point = after
        network.theta[:] = after.theta
        if network.buffers.size:
            cache = network.new_cache(training=True)
            network.run_forward(self._batch[0], cache)
            network.update_running_stats(cache)
        sums.vector[:3] += (after.value, 1, 1)
        sums.gradient2 += self.squares(before.grad)
        sums.update2 += self.squares(after.theta - before.theta)
        return 1

    def _take(self, samples: np.ndarray) -> tuple[Any, ...]:
        """All the samples that take part, in the order of the data, converted once."""
        network = self.network
        x = batching.take(self.x, samples if len(samples) < len(self.t) else slice(None), network.dtype)
        t = network.loss.rows(self.t[samples], network.outputs, network.dtype)
        return x, t, None if self.sample_weight is None else self.sample_weight[samples]

    def _evaluate(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient of the same function at theta; the network is left there."""
        self.state["evaluations"] += 1
        self.network.theta[:] = theta
        return self.evaluator.gradient(*self._batch, training=True)
