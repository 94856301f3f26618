"""The row of an epoch: everything that is measured when its steps are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import inputs
from . import sampling
from .data import Data
from .run import Run

#: A score: (network, x, t, sample_weight) → number, larger is better.
Score = Callable[..., float]


@dataclass
class Measure:
    """What is measured after each epoch.

    Parameters
    ----------
    probe : ndarray of shape (m, inputs)
        The fixed training samples on which dead and saturated units are counted.
    score : callable or None
        Instead of the loss's own score.
    train_score : bool
        Whether to score the training samples too, at the price of a forward pass over all of them.
    """

    probe: np.ndarray
    score: Score | None = None
    train_score: bool = False

    @classmethod
    def of(cls, run: Run, key: np.ndarray, score: Score | None, train_score: bool) -> Measure:
        """For this run, with the probe drawn from the stream `key`."""
        samples = sampling.probe(run.data.samples, key)
        with np.errstate(over="ignore"):  # training will say it
            return cls(inputs.take(run.data.x, samples, run.network.dtype), score, train_score)

    def row(self, run: Run) -> dict[str, float]:
        """The newest epoch's row of the history, but for the seconds."""
        sums, theta = run.sums, run.network.theta
        row = {"epoch": run.epoch + 1, "train_loss": sums.loss / sums.weight}
        if self.train_score:
            row["train_score"] = self._evaluate(run, run.data)[1]
        if run.validation is not None:
            row["validation_loss"], row["validation_score"] = self._evaluate(run, run.validation)
        row["learning_rate"] = run.learning_rate
        gradient, update = np.sqrt(sums.gradient2 / sums.steps), np.sqrt(sums.update2 / sums.steps)
        for i, (l, part) in enumerate(run.engine.layers.items()):
            norm = float(np.linalg.norm(theta[part]))
            row[f"gradient_norm_{l}"] = float(gradient[i])
            row[f"update_ratio_{l}"] = (
                float(update[i]) / norm if norm > 0 else float("inf") if update[i] else 0.0
            )
        health = run.engine.unit_health(self.probe)
        for l, (dead, saturated) in zip(run.activations, health, strict=True):
            row[f"dead_{l}"], row[f"saturated_{l}"] = dead, saturated
        return row

    def _evaluate(self, run: Run, data: Data) -> tuple[float, float]:
        """Loss (penalty included) and score of the network on the data as it stands."""
        network, whole = run.network, data.whole
        t = data.t if whole else data.t[data.samples]
        weight = data.sample_weight
        weight = weight if weight is None or whole else weight[data.samples]
        z = run.engine.outputs(data.x, None if whole else data.samples)
        loss = network.mean_loss(z, t, weight)
        if self.score is None:
            return loss, network.loss.score(z, t, weight)
        x = data.x if whole else data.x[data.samples]
        return loss, float(self.score(network, x, t, weight))
