"""What an engine is: the same equations, run for many steps at a time."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from . import diagnostics
from .evaluator import Evaluator

if TYPE_CHECKING:
    from ..network import Network
    from ..optimizers import Optimizer

#: Upper bound of ``threads``.
MAX_THREADS = 1024


class Sums:
    """The sums over the steps of an epoch, continued from call to call.

    All of it lies in one float64 vector, so that a checkpoint can hold a half-done epoch and the split of an
    epoch into calls changes no bit of the result.

    Parameters
    ----------
    layers : int
        Number of layers that have parameters.
    vector : ndarray, optional
        Memory to use; zeros of its own by default.

    Attributes
    ----------
    vector : ndarray of shape (3 + 2 layers,), float64
        ``[Σ W·E, Σ W, steps, gradient² of each layer …, update² of each layer …]`` where E is the loss of a
        batch before its step (penalty included) and W the sum of its sample weights.
    loss, weight : float
        The first two.
    gradient2, update2 : ndarray of shape (layers,)
        Views: the sums over the steps of ‖∂E/∂θ_l‖² (before clipping) and of ‖Δθ_l‖².
    """

    def __init__(self, layers: int, vector: np.ndarray | None = None):
        self.vector = np.zeros(3 + 2 * layers) if vector is None else vector
        self.gradient2 = self.vector[3 : 3 + layers]
        self.update2 = self.vector[3 + layers :]

    @property
    def loss(self) -> float:
        return float(self.vector[0])

    @property
    def weight(self) -> float:
        return float(self.vector[1])


class Report:
    """The results of some epochs: a row for each, all in one float64 table.

    Parameters
    ----------
    epochs, layers, activations : int
        Numbers of epochs, of layers that have parameters, and of activation layers.

    Attributes
    ----------
    table : ndarray of shape (epochs, 4 + 3 layers + 2 activations)
        The columns of `Sums`, the seconds, and those of `Engine.layer_stats`.
    loss, weight, steps, seconds : ndarray of shape (epochs,)
        Columns of the table: Σ W·E, Σ W, steps done, and wall-clock time.
    gradient2, update2, theta2 : ndarray of shape (epochs, layers)
        The sums over the steps of ‖∂E/∂θ_l‖² and ‖Δθ_l‖², and ‖θ_l‖² after them.
    diagnostics : ndarray of shape (epochs, 2 activations)
        Fractions of dead and of saturated units, activation layer by activation layer.
    """

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


def layer_slices(network: Network) -> dict[str, slice]:
    """The part of theta that belongs to each layer with parameters, by the layer's position as in their names.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> layer_slices(Network([Dense(3), "relu", Dense(1)], inputs=2, loss="squared_error"))
    {'0': slice(0, 9, None), '2': slice(9, 13, None)}
    """
    slices: dict[str, slice] = {}
    for block in network.layout:
        name = block.name.rpartition(".")[0]
        start = slices[name].start if name in slices else block.slice.start
        slices[name] = slice(start, block.slice.stop)
    return slices


class Engine(ABC):
    """Runs the steps of one fit; made for each fit, from checked arguments.

    Parameters
    ----------
    network : Network
        Trained in place: ``network.theta`` and ``network.buffers``.
    x : ndarray, numpy.memmap or scipy.sparse.csr_array of shape (n, inputs)
        Any real dtype; a batch is converted to ``network.dtype`` when its turn comes.
    t : ndarray of shape (n,) or (n, outputs)
        Targets as ``network.loss.encode`` returns them.
    sample_weight : ndarray of shape (n,) or None
        float64.
    optimizer : Optimizer
    batch_size : int
    clip_norm, clip_value : float or None
        Limits on the gradient of a step: on its norm, and on each entry.
    rate_factors : ndarray of theta's shape or None
        Multiply the learning rate of each parameter.
    threads : int or None
        Threads to use, at most `MAX_THREADS`; None leaves it to the engine.

    Attributes
    ----------
    state : dict of str to ndarray
        The optimizer's state. Checkpoints read it and write into it in place.
    layers : dict of str to slice
        `layer_slices` of the network.
    evaluator : Evaluator
        Computes `outputs`.
    activations : list of str
        `diagnostics.activation_names` of it.
    """

    #: Status and message of a solver that ends a fit itself, both empty until then; None where no engine does.
    outcome: tuple[str, str] | None = None

    def __init__(
        self,
        network: Network,
        x: Any,
        t: np.ndarray,
        sample_weight: np.ndarray | None,
        optimizer: Optimizer,
        batch_size: int,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        rate_factors: np.ndarray | None = None,
        threads: int | None = None,
    ):
        self.network, self.x, self.t, self.sample_weight = network, x, t, sample_weight
        self.optimizer, self.batch_size = optimizer, batch_size
        self.clip_norm, self.clip_value, self.rate_factors = clip_norm, clip_value, rate_factors
        self.threads = threads
        self.layers = layer_slices(network)
        self.activations = diagnostics.activation_names(network.layers)
        self.evaluator = Evaluator(network)
        self.state: dict[str, np.ndarray] = optimizer.init(network.theta)

    @classmethod
    def unable(cls, network: Network, optimizer: Optimizer) -> str | None:
        """Why this engine cannot train that network with that optimizer; None if it can."""
        return None

    @abstractmethod
    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        """Train on the samples ``order``, a batch of ``batch_size`` at a time (the last may be smaller).

        Parameters
        ----------
        order : ndarray of shape (m,), integer
            Indices of samples.
        step : int
            Number of the first step, on which schedules and dropout masks depend.
        rate_scale : float
            Multiplies the learning rate.
        sums : Sums
            Added to in place.

        Returns
        -------
        int
            Steps done. Fewer than there are batches only if the loss of a batch was not finite: that batch is
            the last one counted, and its step may or may not have been taken.
        """

    def outputs(self, x: Any, samples: np.ndarray | None = None) -> np.ndarray:
        """z of each sample outside training, shape (n, outputs).

        Parameters
        ----------
        x : as for the engine
        samples : ndarray of shape (m,), integer, optional
            Take these rows of x only.
        """
        return self.evaluator.forward(x, samples)

    def run_epochs(
        self, orders: np.ndarray, step: int, rate_scale: float, probe: np.ndarray | None
    ) -> Report:
        """Train for a block of whole epochs: what `run` and `layer_stats` would do epoch by epoch, to the last bit.

        Parameters
        ----------
        orders : ndarray of shape (epochs, n), integer
            The order of the samples in each epoch.
        step, rate_scale
            As for `run`.
        probe
            As for `layer_stats`; None: leave its columns at 0.

        Returns
        -------
        Report
            Training ends with the first epoch in which a loss was not finite; the rows after it are 0.
        """
        report = self.report(len(orders))
        for epoch, order in enumerate(orders):
            began, sums = time.perf_counter(), report.sums(epoch)
            step += self.run(order, step, rate_scale, sums)
            if probe is not None:
                self.layer_stats(probe, report.seen[epoch])
            report.seconds[epoch] = time.perf_counter() - began
            if not np.isfinite(sums.loss):
                break
        return report

    def report(self, epochs: int) -> Report:
        """A report of that many epochs, all zeros."""
        return Report(epochs, len(self.layers), len(self.activations))

    def layer_stats(self, probe: np.ndarray, seen: np.ndarray) -> None:
        """Measure the layers at the present parameters.

        Parameters
        ----------
        probe : ndarray of shape (m, inputs), of the network's dtype
            The samples on which units are measured.
        seen : ndarray of shape (layers + 2 activations,), float64
            Written to: ‖θ_l‖² of each layer; then for each activation layer the fractions of its units that are dead,
            and that are saturated, as `diagnostics` defines them.
        """
        theta = self.network.theta
        squares = [np.dot(theta[part], theta[part]) for part in self.layers.values()]
        shares = diagnostics.dead_and_saturated(self.network, probe)
        seen[:] = [*squares, *(share for pair in shares for share in pair)]
