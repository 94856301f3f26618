"""The fit that the settings describe: the whole training, or a short one that measures."""

from __future__ import annotations

from typing import Any

from ..recipes import MANY
from ..solvers import Solver
from ..training import EarlyStopping, History, fit
from .defaults import batch_size
from .prepare import Prepared


def fit_network(prepared: Prepared, **others: Any) -> History:
    """Train the network in place on the training part; `others` are further arguments of `fit`."""
    settings, train, validation = prepared.settings, prepared.parts["train"], prepared.parts.get("validation")
    monitor = settings.monitor
    if validation is None:
        monitor = "train_loss"
    elif monitor == "validation_score" and not prepared.scoring.defined(prepared.network, validation.t):
        monitor = "validation_loss"  # R² of one sample, or the recall of a class that is not there
    early_stopping = None
    if settings.patience:
        early_stopping = EarlyStopping(settings.patience, monitor, best_epoch=settings.best_epoch)
    return fit(
        prepared.network,
        train.x,
        train.t,
        optimizer=prepared.optimizer,
        epochs=settings.epochs,
        batch_size=batch_size(settings),
        sampler=None if isinstance(prepared.optimizer, Solver) else settings.sampler,
        validation=None if validation is None else (validation.x, validation.t),
        early_stopping=early_stopping,
        score=prepared.scoring.of_epoch(prepared.network),
        momentum_plateau=settings.momentum_plateau or None,
        rate_factors=settings.rate_factors or None,
        decay_factors=settings.decay_factors or None,
        adapt_rate=None if settings.adapt_rate == "none" else settings.adapt_rate,
        clip_norm=settings.clip_norm,
        train_score=len(train.t) < MANY,
        engine=settings.engine,
        threads=settings.threads,
        precision=settings.precision,
        seed=settings.seed,
        **others,
    )
