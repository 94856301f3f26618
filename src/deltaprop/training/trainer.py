"""One fit, assembled from checked values."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from .. import distributed
from . import samplers
from . import snapshot as snapshots
from .batch_size import GrowingBatchSize, as_sizes
from .callbacks import Callback
from .checkpoint import Checkpoint, CheckpointWriter, configuration, fingerprint
from .data import Data
from .history import History, column_names
from .loop import Loop
from .measure import Measure
from .run import Run
from .samplers import Sampler
from .snapshot import Snapshot

if TYPE_CHECKING:
    from ..engines import Engine
    from ..network import Network
    from ..optimizers import Optimizer
    from ..solvers import Solver


@dataclass(frozen=True)
class Trainer:
    """One fit: every value checked, nothing done yet. `run` trains the network in place."""

    network: Network
    data: Data
    validation: Data | None
    optimizer: Optimizer | Solver
    engine: type[Engine]  # one that can train this network with this optimizer
    epochs: int  # in all, those before `snapshot` or `earlier` included
    batch_size: int | GrowingBatchSize
    key: np.ndarray  # `seeds.order_key`, for the order of the samples and the probe
    sampler: Sampler = samplers.SAMPLERS["shuffled"]
    callbacks: tuple[Callback, ...] = ()
    monitor: str | None = None  # the column of the history that tells which epoch is best
    score: Callable[..., float] | None = None
    train_score: bool = False
    layer_stats: bool = True  # whether the statistics of each layer are recorded
    clip_norm: float | None = None
    clip_value: float | None = None
    rate_factors: np.ndarray | None = None
    decay_factors: np.ndarray | None = None
    threads: int | None = None
    precision: str = "float32"  # of products of float32 matrices
    checkpoint: Checkpoint | None = None
    resume: bool = False  # whether to start from the checkpoint's file, if there is one
    snapshot: Snapshot | None = None  # to start from; of a fit like this one
    earlier: Snapshot | None = (
        None  # of a fit that may have differed: what fits is continued, from the present weights
    )
    history: History | None = None  # of that earlier fit: its rows come first where the columns are the same
    keep_state: bool = False

    def run(self) -> Run:
        """Train to the end; InputError, before anything has changed, if the snapshot or file is of another fit."""
        data = self.data
        engine = self.new_engine(self.network)
        engine.layer_sums = self.layer_stats
        if engine.processes > 1:
            self._share_start(engine)
        layers, activations = (engine.layers, engine.activations) if self.layer_stats else ((), ())
        columns = column_names(
            self.validation is not None, self.train_score, engine.columns, layers, activations
        )
        history = History(columns, self.monitor)
        if self.history is not None and self.history.columns == history.columns:
            history = self.history.copy()
        pool = samplers.pool("fit", self.sampler, data, self.network, self.key)
        run = Run(
            self.network, engine, data, self.validation, self.epochs, history, self.callbacks, pool.losses
        )
        if self.earlier is not None:
            run.continue_from(self.earlier)
        writer, snapshot = None, self.snapshot
        if self.checkpoint is not None:
            writer = CheckpointWriter(self.checkpoint, self._configuration(), engine.processes)
            if self.resume:
                snapshot = writer.read()
        if snapshot is not None:
            snapshots.check(snapshot, run)
        measure = Measure(None, self.score, self.train_score)
        if self.layer_stats:
            measure = Measure.of(run, self.key, self.score, self.train_score)
        orders = partial(self.sampler.orders, pool)
        threads = self.threads or engine.blas_threads
        limits = nullcontext() if threads is None else threadpool_limits(threads, user_api="blas")
        with limits, closing(engine):
            Loop(run, measure, orders, as_sizes(self.batch_size), writer).train(snapshot, self.keep_state)
        return run

    def _share_start(self, engine: Engine) -> None:
        """Several processes: refuse fits that differ, and begin with the weights of the first."""
        distributed.check_equal(self._configuration() | {"epochs": str(self.epochs)})
        engine.theta[:], engine.buffers[:] = engine.agree(engine.theta), engine.agree(engine.buffers)

    def new_engine(self, network: Network) -> Engine:
        """The engine of this fit, for its network or a copy of it."""
        data = self.data
        largest = as_sizes(self.batch_size).size(max(self.epochs - 1, 0), len(data.samples))
        return self.engine(
            *(network, data.x, data.t, data.sample_weight, self.optimizer, largest),
            *(self.clip_norm, self.clip_value, self.rate_factors, self.decay_factors, self.threads),
            **({} if self.precision == "float32" else {"precision": self.precision}),
        )

    def _configuration(self) -> dict[str, Any]:
        """What a run must have in common with the one it continues."""
        return configuration(
            self.network,
            self.data,
            self.validation,
            optimizer=self.optimizer,
            batch_size=self.batch_size,
            sampler=self.sampler,
            clip_norm=self.clip_norm,
            clip_value=self.clip_value,
            rate_factors=fingerprint(self.rate_factors),
            decay_factors=fingerprint(self.decay_factors),
            order=self.key.tolist(),
            callbacks=[c for c in self.callbacks if type(c).state is not Callback.state],
            score=self.score,
            train_score=self.train_score,
        )
