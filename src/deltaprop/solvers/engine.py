"""A full-batch solver in the place of an engine: one iteration is one epoch, and everything around it is the same."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .. import batching, engines
from ..engines import ENGINES, Engine, Sums, evaluator
from ..errors import InputError, short
from ..functions import Penalty
from .base import OUTCOMES, Point, Solver
from .objective import Objective

if TYPE_CHECKING:
    from ..network import Network

#: Parameters from which the threads of BLAS gain more in factoring a matrix than they lose by waiting for each other,
#: and for the compiled core's own.
WORTH_BLAS_THREADS = 1000


class FullBatch(Engine):
    """Runs one iteration of a solver per epoch, in float64 whatever the network's dtype.

    The state has ``theta`` in float64, of which the network's is the rounded copy, ``evaluations`` of the loss, and the
    ``seconds`` spent, beside what the solver itself remembers.

    `outcome` is the status and the message of the end once the solver is done; both are empty before.
    """

    engine: ClassVar[str] = "auto"  # of the evaluations

    optimizer: Solver  # type: ignore[assignment]

    def __init__(self, network: Network, x: Any, t: Any, sample_weight: Any, optimizer: Any, *args: Any):
        optimizer.check(network, len(t))
        super().__init__(network, x, t, sample_weight, optimizer, *args)
        self.columns = ("learning_rate", *self._columns())
        if network.theta.size < WORTH_BLAS_THREADS:
            self.blas_threads = 1
        self.evaluator = evaluator(network, self.engine, self.threads)
        self.outcome = ("", "")
        self._point: Point | None = None
        self._objective: Objective | None = None

    def initial_state(self) -> dict[str, np.ndarray]:
        return self.optimizer.initial(self.network) | {
            "theta": self.network.theta.astype(np.float64),
            "evaluations": np.zeros(1, np.int64),
            "seconds": np.zeros(1),
        }

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        began = time.perf_counter()
        objective = self._objective = self._objective or self._prepare(np.sort(order))
        before = self._start(objective)
        after, reason = before, ""
        if np.isfinite(before.value) and np.isfinite(before.grad).all():
            after, reason = self.optimizer.step(objective, before, self.state)
        self._point = after
        self._put(after, objective)
        self.state["seconds"] += time.perf_counter() - began
        self._end(reason)
        sums.vector[:3] += (after.value, 1, 1)
        sums.gradient2 += self.squares(before.grad)
        sums.update2 += self.squares(after.theta - before.theta)
        return 1

    def shown(self, steps: np.ndarray, rate_scale: float) -> list[Any]:
        values = [self.state[name] for name in self.optimizer.columns]
        return [*super().shown(steps, rate_scale), *np.concatenate(values or [np.empty(0)])]

    def _columns(self) -> list[str]:
        """What the solver shows: a column for each entry, or one for each layer with weights."""
        layers = [block.name.rpartition(".")[0] for block in self.network.layout if block.penalized]
        names = {name: [f"{name}_{layer}" for layer in layers] for name in self.optimizer.layer_columns}
        return [column for name in self.optimizer.columns for column in names.get(name, [name])]

    def restored(self) -> None:
        self.optimizer.restored(self.network, self.state)

    def close(self) -> None:
        if self._objective is not None:
            self._objective.close()

    def _prepare(self, samples: np.ndarray) -> Objective:
        """The objective over all the samples that take part, in the order of the data, converted once."""
        work = self.network.astype(np.float64)
        x = batching.take(self.x, samples if len(samples) < len(self.t) else slice(None), work.dtype)
        t = work.loss.rows(self.t[samples], work.outputs, work.dtype)
        weight = None if self.sample_weight is None else self.sample_weight[samples]
        batch = (x, t.astype(work.dtype, copy=False), weight)
        objective = Objective(work, batch, self.engine, self.threads, self.state["evaluations"])
        self.optimizer.prepare(objective, self.state)
        return objective

    def _start(self, objective: Objective) -> Point:
        """The point where the last step ended, or where someone else has put the weights since."""
        network, theta = self.network, self.state["theta"]
        if not np.array_equal(theta.astype(network.dtype), network.theta):
            theta[:] = network.theta
        if self._point is not None and np.array_equal(self._point.theta, theta):
            return self._point
        counted = self.state["evaluations"].copy()
        point = Point(theta.copy(), *objective(theta))
        if self._point is None and counted[0]:  # resumed: the last point is evaluated again
            self.state["evaluations"][:] = counted
        return point

    def _put(self, point: Point, objective: Objective) -> None:
        """Give the network a point's weights, the penalty, and the running statistics that belong to them."""
        network = self.network
        if objective.penalty != (network.penalty or Penalty()):  # the solver has chosen another
            network.penalty = objective.penalty
        self.state["theta"][:] = network.theta[:] = point.theta
        if network.buffers.size:
            cache = network.new_cache(training=True)
            network.run_forward(objective.x.astype(network.dtype, copy=False), cache)
            network.update_running_stats(cache)

    def _end(self, reason: str) -> None:
        """Set the outcome if the solver is done, or a limit is reached."""
        solver = self.optimizer
        limits = {"max_evaluations": self.state["evaluations"][0], "max_seconds": self.state["seconds"][0]}
        for name, used in limits.items():
            limit = getattr(solver, name)
            if limit is not None and used > limit:  # takes precedence, as in SciPy
                reason = name
        if reason:
            status, words = OUTCOMES[reason]
            self.outcome = status, words.format(**vars(solver))


class NumpyFullBatch(FullBatch):
    """Evaluates with the layers' own NumPy code."""

    engine = "numpy"


def select(engine: Any, network: Network, rule: Any) -> type[Engine]:
    """The class that trains the network by that optimizer or solver, with the engine of that name.

    See `deltaprop.engines.select`.
    """
    if not isinstance(rule, Solver):
        return engines.select(engine, network, rule)
    names = [name for name in ENGINES if name != "jax"]
    if engine not in names:
        wanted = f"one of {', '.join(names)} with a solver"
        raise InputError(f"fit: engine is {short(engine)}, expected {wanted}; choose one.")
    evaluator(network, engine)  # refuses a network that the compiled core must evaluate but cannot
    return NumpyFullBatch if engine == "numpy" else FullBatch
