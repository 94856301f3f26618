"""What an engine is: the same equations, run for many steps at a time."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from ..layers import Activation
from ..reductions import dot
from .evaluator import Evaluator

if TYPE_CHECKING:
    from ..network import Network
    from ..optimizers import Optimizer

T = TypeVar("T")

#: Upper bound of ``threads``.
MAX_THREADS = 1024


class Sums:
    """Sums over the steps of an epoch: Σ W·E, Σ W, steps, then two of each layer; one vector, as checkpoints hold it.

    E is the loss of a batch before its step, penalty included, and W the sum of its sample weights.
    """

    def __init__(self, layers: int, vector: np.ndarray | None = None):
        self.vector = np.zeros(3 + 2 * layers) if vector is None else vector
        self.gradient2 = self.vector[3 : 3 + layers]  # Σ ‖∂E/∂θ_l‖², before clipping
        self.update2 = self.vector[3 + layers :]  # Σ ‖Δθ_l‖²

    @property
    def loss(self) -> float:
        return float(self.vector[0])

    @property
    def weight(self) -> float:
        return float(self.vector[1])


class Report:
    """The results of some epochs, a row each: the columns of `Sums`, seconds, those of `Engine.layer_stats`."""

    def __init__(self, epochs: int, layers: int, activations: int):
        self.table = table = np.zeros((epochs, 4 + 3 * layers + 2 * activations))
        self.loss, self.weight, self.steps, self.seconds = (table[:, i] for i in (0, 1, 2, 3 + 2 * layers))
        self.gradient2, self.update2 = table[:, 3 : 3 + layers], table[:, 3 + layers : 3 + 2 * layers]
        self.seen = table[:, 4 + 2 * layers :]
        self.theta2, self.diagnostics = self.seen[:, :layers], self.seen[:, layers:]
        self._layers = layers

    def sums(self, epoch: int) -> Sums:
        """The sums of one epoch, to be added to."""
        return Sums(self._layers, self.table[epoch, : 3 + 2 * self._layers])


class Engine(ABC):
    """Runs the steps of one fit, from checked arguments: trains the network's theta and buffers in place.

    x is an array, memory map or CSR matrix of any real dtype, of which each batch is converted to the network's dtype
    when its turn comes; t is what ``network.encode`` returns, `sample_weight` float64. `rate_factors` and
    `decay_factors`, of theta's shape, multiply the learning rate and the weight decay.
    """

    #: Status and message of a solver that ends a fit itself, both empty until then; None where no engine does.
    outcome: tuple[str, str] | None = None

    #: The columns of the history in which an epoch shows what moved the weights, see `shown`.
    columns: tuple[str, ...] = ("learning_rate",)

    #: What ``precision`` may be: how products of float32 matrices are computed.
    precisions: tuple[str, ...] = ("float32",)

    #: Threads of the linear algebra that NumPy and SciPy do; None: as many as these choose.
    blas_threads: int | None = None

    #: Samples in all epochs of a call of `run_epochs` together: their order is held in memory.
    block_samples: int = 1 << 17

    #: Number of processes that share a fit.
    processes: int = 1

    #: Whether the last call spent time on compiling, which says nothing of the next.
    compiled: bool = False

    #: Whether `run` adds up the squares of gradients and updates; an engine may do so in any case.
    layer_sums: bool = True

    #: Roughly how many times faster than the NumPy engine's a step is: training chooses its first chunk by it.
    speed: float = 1.0

    def __init__(
        self,
        network: Network,
        x: Any,
        t: np.ndarray,
        sample_weight: np.ndarray | None,
        optimizer: Any,
        batch_size: int,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        rate_factors: np.ndarray | None = None,
        decay_factors: np.ndarray | None = None,
        threads: int | None = None,
        precision: str = "float32",
    ):
        self.network, self.x, self.t, self.sample_weight = network, x, t, sample_weight
        self.optimizer, self.batch_size = optimizer, batch_size
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.rate_factors, self.decay_factors = rate_factors, decay_factors
        self.threads, self.precision = threads, precision
        nodes = [node for node in network.nodes if node.parameters]
        #: The part of theta that belongs to each layer with parameters, by the layer's name.
        self.layers = {n.name: slice(n.parameters[0].start, n.parameters[-1].slice.stop) for n in nodes}
        self.activations = [node.name for node in network.nodes if isinstance(node.layer, Activation)]
        self.theta, self.buffers = network.theta, network.buffers
        self.state = self.initial_state()  # checkpoints write into it

    def initial_state(self) -> dict[str, np.ndarray]:
        """The state of the optimizer before the first step."""
        return self.optimizer.init(self.theta)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Computes `outputs`."""
        return Evaluator(self.network)

    @classmethod
    def unable(cls, network: Network, optimizer: Optimizer) -> str | None:
        """Why this engine cannot train that network with that optimizer; None if it can."""
        return None

    def changeable_rate_factors(self) -> np.ndarray:
        """The factors on the rate of each parameter, 1 where none were given, to be changed in place between runs."""
        given = np.ones_like(self.theta) if self.rate_factors is None else self.rate_factors.copy()
        self.rate_factors = given
        return given

    def restored(self) -> None:
        """The state of an earlier fit has been written into `state`: make the network that of it."""

    @abstractmethod
    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        """Train on the samples `order`, a batch of `batch_size` at a time, and add to `sums`; returns the steps done.

        `step` is the number of the first step, on which schedules and dropout masks depend. Training ends with a batch
        whose loss is not finite: it is counted, but its step may or may not have been taken.
        """

    def fetch(self, state: bool = False) -> None:
        """Bring ``theta`` and ``buffers`` up to date, and ``state`` if asked, where steps run on another device."""

    def changed(self, state: bool = False) -> None:
        """``theta`` and ``buffers``, or ``state`` too, were fetched and changed since: the next step uses them."""

    @property
    def compiles(self) -> bool:
        """Whether the first steps wait for a compiler."""
        return False

    def failed(self, error: BaseException) -> None:
        """A fit ends with this error: what the host has counts."""

    def agree(self, value: T) -> T:
        """What all processes of a fit go on with: the value of the first that gives a truthy one; all call it.

        Of an array, that of the first process. By default there is one process only.
        """
        return value

    def close(self) -> None:
        """After the last step of a fit, however it ended."""

    def outputs(self, x: Any, samples: np.ndarray | None = None) -> np.ndarray:
        """z of each sample outside training, or of the rows `samples` only; (n, outputs)."""
        return self.evaluator.forward(x, samples)

    def run_epochs(
        self,
        orders: np.ndarray,
        step: int,
        rate_scale: float,
        probe: np.ndarray | None,
        before_last: Callable[[], None] | None = None,
    ) -> Report:
        """Train for whole epochs of the given `orders`, (epochs, n): as `run` and `layer_stats` do, to the last bit.

        `before_last` is called before the last epoch. Without a probe the columns of `layer_stats` stay 0. Training
        ends with the first epoch in which a loss was not finite; the rows after it are 0.
        """
        report = self.report(len(orders))
        for epoch, order in enumerate(orders):
            began, sums = time.perf_counter(), report.sums(epoch)
            if before_last is not None and epoch == len(orders) - 1:
                self.fetch()
                before_last()
            step += self.run(order, step, rate_scale, sums)
            if probe is not None:
                self.layer_stats(probe, report.seen[epoch])
            report.seconds[epoch] = time.perf_counter() - began
            if not np.isfinite(sums.loss):
                break
        return report

    def shown(self, steps: np.ndarray, rate_scale: float) -> list[Any]:
        """The values of `columns`, each for all epochs or an array, (epochs,), given the last step of each epoch."""
        return [self.optimizer.value("learning_rate", cast(Any, steps)) * rate_scale]

    def report(self, epochs: int) -> Report:
        """A report of that many epochs, all zeros."""
        return Report(epochs, len(self.layers), len(self.activations))

    def layer_stats(self, probe: np.ndarray, seen: np.ndarray) -> None:
        """Write ‖θ_l‖² of each layer into `seen`, then the fractions of dead and saturated units of each activation.

        Units are measured on the samples `probe`, of the network's dtype.
        """
        seen[:] = [*self.squares(self.theta), *self.evaluator.dead_and_saturated(probe)]

    def squares(self, vector: np.ndarray) -> list[float]:
        """The sum of squares over each layer's part of a vector of theta's layout."""
        return [dot(vector[part], vector[part]) for part in self.layers.values()]
