"""The row of an epoch: everything that is measured when its steps are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .. import batching
from ..engines.base import Report
from . import sampling
from .data import Data
from .run import Run

#: A score: (network, x, t, sample_weight) → number, larger is better.
Score = Callable[..., float]


@dataclass(frozen=True)
class OutputScore:
    """A score that outputs tell: those of the validation samples are at hand after each epoch, for their loss.

    Attributes
    ----------
    name : str
        By which a checkpoint knows it.
    function : callable
        ``function(network, z, t, sample_weight) -> float``, larger is better.
    """

    name: str
    function: Callable[..., float] = field(repr=False)

    def __call__(self, network, x, t, sample_weight=None) -> float:
        return self.function(network, network.forward(x), t, sample_weight)


@dataclass
class Measure:
    """What is measured after each epoch.

    The probe is the fixed training samples on which dead and saturated units are counted; None: nothing of the layers
    is measured, which for a small network would take longer than its epoch.
    """

    probe: np.ndarray | None
    score: Score | None = None
    train_score: bool = False

    @classmethod
    def of(cls, run: Run, key: np.ndarray, score: Score | None, train_score: bool) -> Measure:
        """For this run, with the probe drawn from the stream `key`."""
        samples = sampling.probe(run.data.samples, key)
        with np.errstate(over="ignore"):  # a training step reports it
            return cls(batching.take(run.data.x, samples, run.network.dtype), score, train_score)

    def rows(self, run: Run, report: Report, step: int) -> np.ndarray:
        """The history's rows of the epochs that come next, shape (epochs, columns); `step` is their first step.

        Scores and validation losses are those of the weights as they stand.
        """
        epochs = len(report.table)
        last_steps = step + np.cumsum(report.steps) - 1
        columns = [np.arange(run.epoch + 1, run.epoch + 1 + epochs), report.loss / report.weight]
        if self.train_score:
            columns.append(self._evaluate(run, run.data)[1])
        if run.validation is not None:
            columns += self._evaluate(run, run.validation)
        columns += run.engine.shown(last_steps, run.rate_scale)
        if self.probe is not None:
            columns += _of_the_layers(report)
        columns.append(report.seconds)
        rows = np.empty((epochs, len(run.history.columns)))
        for column, value in enumerate(columns):
            rows[:, column] = value
        return rows

    def _evaluate(self, run: Run, data: Data) -> tuple[float, float]:
        """Loss (penalty included) and score of the network on the data as it stands."""
        network = run.network
        z, t, weight = outputs(run, data)
        if data is run.validation:
            run.validation_outputs = z
        loss = network.mean_loss(z, t, weight)
        if self.score is None:
            return loss, network.loss.score(z, t, weight)
        if isinstance(self.score, OutputScore):
            return loss, float(self.score.function(network, z, t, weight))
        x = data.x if data.whole else data.x[data.samples]
        return loss, float(self.score(network, x, t, weight))


def training_loss(run: Run) -> float:
    """The loss (penalty included) of the current weights on the training samples."""
    return run.network.mean_loss(*outputs(run, run.data))


def sample_losses(run: Run) -> np.ndarray:
    """The loss of each training sample, penalty excluded, with the current weights; (n,)."""
    loss, (z, t, _) = run.network.loss, outputs(run, run.data)
    return loss.value(z, loss.rows(t, z.shape[1], z.dtype))


def outputs(run: Run, data: Data) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """z, targets and weights of the samples that take part."""
    if data.whole:
        return run.engine.outputs(data.x), data.t, data.sample_weight
    weight = data.sample_weight
    z = run.engine.outputs(data.x, data.samples)
    return z, data.t[data.samples], weight if weight is None else weight[data.samples]


def _of_the_layers(report: Report) -> list[np.ndarray]:
    """gradient_norm, update_ratio, dead and saturated of each layer, as `History` defines them."""
    steps = report.steps[:, np.newaxis]
    update, norm = np.sqrt(report.update2 / steps), np.sqrt(report.theta2)
    ratio = np.where(update == 0, 0.0, update / norm)  # of weights that are 0 and stay it: 0
    dead, saturated = report.diagnostics[:, ::2], report.diagnostics[:, 1::2]
    return [*np.sqrt(report.gradient2 / steps).T, *ratio.T, *dead.T, *saturated.T]
