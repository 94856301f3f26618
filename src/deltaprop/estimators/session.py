"""One call of fit or partial_fit: the loop of training, with an estimator's rules around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .. import engines
from ..errors import InputError
from ..functions import Penalty
from ..training import Callback, Checkpoint, History, sampling
from ..training import checkpoint as checkpoints
from ..training.data import Data
from ..training.fit import limited_blas
from ..training.loop import Loop
from ..training.measure import Measure
from ..training.progress import as_progress
from ..training.run import Run, columns
from . import optimizer
from .callbacks import Converged, InverseScaling, NoImprovement, Verbose
from .full_batch import FullBatch
from .memory import Memory

#: The columns of every history; ``diagnostics=True`` adds those of each layer.
PLAIN = ("epoch", "train_loss", "learning_rate", "seconds")
VALIDATED = ("epoch", "train_loss", "validation_loss", "validation_score", "learning_rate", "seconds")


@dataclass
class Session:
    """What is needed to train, checked; `train` does it.

    Attributes
    ----------
    estimator : estimator
        Its arguments.
    network : Network
        Changed in place.
    data, validation : Data
    memory : Memory
        Where training goes on.
    history : History or None
        To be continued if it has the same columns.
    score : callable or None
        Of (network, x, t, sample_weight), instead of the loss's own.
    epochs : int
        To be done in this call.
    """

    estimator: Any
    network: Any
    data: Data
    validation: Data | None
    memory: Memory
    history: History | None
    score: Callable | None
    epochs: int

    def train(self, incremental: bool = False) -> Run:
        """Train; the run tells how it ended."""
        estimator, data = self.estimator, self.data
        size, weight = estimator._batch_size(len(data.samples)), mean_weight(data)
        self.network.penalty = penalty(estimator.alpha, len(data.samples), size, weight)
        steps = -(-len(data.samples) // size)
        rule = optimizer.choose(estimator, steps * estimator.max_iter)
        full = isinstance(rule, optimizer.FullBatchRule)
        kind = FullBatch if full else engines.select(estimator.engine, self.network, rule)
        engine = kind(
            self.network,
            data.x,
            data.t,
            data.sample_weight,
            rule,
            size,
            estimator.clip_norm,
            None,
            None,
            estimator.threads,
        )
        self.watcher = self._watcher(full)
        run = Run(
            self.network,
            engine,
            data,
            self.validation,
            self.memory.epoch + self.epochs,
            self._history(engine),
            [c.fresh() for c in self._callbacks(full)],
        )
        self.memory.enter(run)
        key = sampling.order_key(self.memory.seed)
        shuffle = bool(estimator.shuffle) and size < len(data.samples)  # a sum over all samples has no order
        orders = partial(sampling.orders, data.samples, key, shuffle=shuffle)
        measure = Measure(None, self.score)  # measuring every layer would take longer than a small epoch
        if estimator.diagnostics:
            measure = Measure.of(run, key, self.score, False)
        writer = start = None
        if estimator.checkpoint is not None and not incremental:
            writer, start = self._writer(run, rule, size, key)
        with limited_blas(estimator.threads):
            Loop(run, measure, orders, writer).train(start)
        return run

    def _watcher(self, full: bool) -> NoImprovement | None:
        """The rule for stopping, with the count of the calls before."""
        e = self.estimator
        on_validation = self.validation is not None and e.early_stopping
        if full and not on_validation:
            return None
        column = (
            "train_loss"
            if not on_validation
            else "validation_loss"
            if e.scoring == "loss"
            else "validation_score"
        )
        adaptive = e.learning_rate == "adaptive" and e.solver == "sgd"
        watcher = NoImprovement(
            column, e.tol, getattr(e, "n_iter_no_change", np.inf), adaptive, bool(e.verbose)
        )
        last = self.memory.watcher
        if last is not None and last.column == column:
            watcher.restore(last.state())
        return watcher

    def _callbacks(self, full: bool) -> list[Callback]:
        e = self.estimator
        found: list[Callback] = [Verbose(self.memory.epoch)] if e.verbose else []
        if self.watcher is not None:
            found.append(self.watcher)
        if full:
            found.append(Converged())
        elif e.learning_rate == "invscaling" and e.solver == "sgd":
            found.append(InverseScaling(e.power_t, self.memory.t))
        found += e._watchers()
        for callback in e.callbacks or ():
            if not isinstance(callback, Callback):
                owner = type(e).__name__
                raise InputError(
                    f"{owner}: callbacks has {callback!r}, expected objects of a class of Callback; derive "
                    "its class from it."
                )
            found.append(callback)
        return found + as_progress(e.progress)

    def _history(self, engine: Any) -> History:
        validated = self.validation is not None
        names = (
            columns(engine, validated) if self.estimator.diagnostics else VALIDATED if validated else PLAIN
        )
        if self.history is not None and self.history.columns == tuple(names):
            return self.history
        monitor = None
        if validated:
            monitor = "validation_loss" if self.estimator.scoring == "loss" else "validation_score"
        return History(names, monitor)

    def _writer(
        self, run: Run, rule: Any, size: int, key: np.ndarray
    ) -> tuple[checkpoints.CheckpointWriter, Any]:
        e = self.estimator
        checkpoint = e.checkpoint if isinstance(e.checkpoint, Checkpoint) else Checkpoint(e.checkpoint)
        arguments = {
            "engine": type(run.engine).__name__,
            "optimizer": rule,
            "batch_size": size,
            "clip_norm": e.clip_norm,
        }
        same = checkpoints.configuration(
            self.network,
            self.data,
            self.validation,
            **arguments,
            shuffle=bool(e.shuffle),
            order=key.tolist(),
            stopping=(e.tol, e.n_iter_no_change, e.early_stopping, e.scoring),
        )
        writer = checkpoints.CheckpointWriter(checkpoint, same)
        start = writer.read() if e.resume else None
        if start is not None:
            run.check(start)
        return writer, start


def mean_weight(data: Data) -> float:
    """Mean sample weight of the samples that take part."""
    return 1.0 if data.sample_weight is None else float(data.sample_weight[data.samples].mean())


def penalty(alpha: float, n: int, size: int, weight: float) -> Penalty | None:
    """scikit-learn's penalty ½ α Σw² / (sum of the sample weights of the batch), averaged over the batches of an epoch.

    Equal to it in every step where all batches have the same size and weight; on the mean over an epoch otherwise.
    """
    if alpha == 0:
        return None
    whole, rest = divmod(n, size)
    inverse = (whole / size + (1 / rest if rest else 0)) / (whole + (rest > 0))
    return Penalty(l2=float(alpha) * inverse / weight)
