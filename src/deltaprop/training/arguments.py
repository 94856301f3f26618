"""The arguments of `fit`, checked one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines import MAX_THREADS
from ..errors import InputError, choose, number, short
from .batch_size import GrowingBatchSize
from .callbacks import Callback, EarlyStopping, MomentumOnPlateau, ReduceOnPlateau
from .checkpoint import Checkpoint
from .curvature_rates import CURVATURE_RATES
from .progress import as_progress
from .snapshot import Snapshot

if TYPE_CHECKING:
    from ..engines import Engine
    from ..solvers import Solver


def check_numbers(
    epochs: Any, batch_size: Any, clip_norm: Any, clip_value: Any, threads: Any, seed: Any
) -> None:
    """Refuse counts and limits out of range; all but the epochs may be None."""
    number("fit", "epochs", epochs, low=0, high=2**53, integer=True)
    bounds: dict[str, tuple[Any, dict[str, Any]]] = {
        "batch_size": (
            None if isinstance(batch_size, GrowingBatchSize) else batch_size,
            {"low": 1, "integer": True},
        ),
        "threads": (threads, {"low": 1, "high": MAX_THREADS, "integer": True}),
        "seed": (seed, {"low": 0, "integer": True}),
        "clip_norm": (clip_norm, {"low": 0, "open_low": True}),
        "clip_value": (clip_value, {"low": 0, "open_low": True}),
    }
    for name, (value, limits) in bounds.items():
        if value is not None:
            number("fit", name, value, **limits)


def check_precision(precision: Any, engine: type[Engine], dtype: np.dtype) -> None:
    """Refuse a precision of products that the engine does not have, or that is meant for another dtype."""
    allowed = engine.precisions if dtype == np.float32 else ("float32",)
    if precision not in allowed:
        of = f"{engine.__name__} and a {dtype} network"
        remedy = "engine='jax' and float32 networks have tf32 and bf16"
        raise InputError(
            f"fit: precision is {short(precision)}, expected {' or '.join(allowed)} for {of}; {remedy}."
        )


def as_batch_size(value: Any, samples: int, rule: Any) -> int | GrowingBatchSize:
    """Samples per step: a checked number of the `samples`, all of them for full-batch rules, or sizes that grow."""
    if isinstance(value, GrowingBatchSize):
        if rule.full_batch:
            raise InputError(
                f"fit: batch_size is {value} with {type(rule).__name__}, which takes all samples, expected a number or "
                "None; leave it out, or use another optimizer."
            )
        return value
    return samples if value is None or rule.full_batch else min(int(value), samples)


def check_switches(**switches: Any) -> None:
    """Refuse anything but True and False."""
    for name, value in switches.items():
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(f"fit: {name} is {short(value)}, expected True or False; choose one.")


def refuse_unused(solver: Solver, **values: Any) -> None:
    """Refuse what only a first-order optimizer has a use for."""
    for name, value in values.items():
        if value is not None:
            got = f"{name} is given with {solver.name}, which chooses its steps itself"
            raise InputError(f"fit: {got}, expected None; leave it out, or use a first-order optimizer.")


def as_callbacks(owner: str, callbacks: Any) -> list[Callback]:
    """The argument `callbacks` as a list."""
    callbacks = list(callbacks) if isinstance(callbacks, Sequence) else [callbacks]
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise InputError(
                f"{owner}: callbacks has {short(callback)}, expected instances of Callback; derive its class from it."
            )
    return callbacks


_MONITORS: dict[str, Any] = {
    "early_stopping": EarlyStopping,
    "plateau": ReduceOnPlateau,
    "momentum_plateau": MomentumOnPlateau,
}


def monitors(owner: str, **values: Any) -> list[Callback]:
    """The callbacks that these arguments are, or of which they give the patience; none for None."""
    found: list[Callback] = []
    for name, value in values.items():
        kind = _MONITORS[name]
        if isinstance(value, kind):
            found.append(value)
        elif value is not None:
            number(owner, name, value, low=1, integer=True)
            found.append(kind(patience=int(value)))
    return found


def rate_callbacks(owner: str, adapt_rate: Any) -> list[Callback]:
    """The callback that the argument `adapt_rate` is or names, a new one for a name; none for None."""
    if adapt_rate is None:
        return []
    callback = choose(owner, "adapt_rate", adapt_rate, CURVATURE_RATES, Callback)
    return [callback if callback is adapt_rate else replace(callback)]


def all_callbacks(
    early_stopping: Any, plateau: Any, momentum_plateau: Any, adapt_rate: Any, callbacks: Any, progress: Any
) -> tuple[Callback, ...]:
    """Every callback in calling order, each ready for a new fit."""
    found = monitors("fit", early_stopping=early_stopping, plateau=plateau, momentum_plateau=momentum_plateau)
    found += rate_callbacks("fit", adapt_rate)
    found += as_callbacks("fit", callbacks)
    if sum(isinstance(c, EarlyStopping) and c.restore_best for c in found) > 1:
        raise InputError(
            "fit: early_stopping is given twice, expected at most one that restores its best weights; leave one out."
        )
    return tuple(c.fresh() for c in (*found, *as_progress(progress)))


def as_checkpoint(checkpoint: Any, resume: Any) -> Checkpoint | None:
    """Where to write; `resume` must go with it."""
    if isinstance(checkpoint, (str, Path)):
        checkpoint = Checkpoint(checkpoint)
    if checkpoint is not None and not isinstance(checkpoint, Checkpoint):
        raise InputError(
            f"fit: checkpoint is {short(checkpoint)}, expected a path or a Checkpoint; give one."
        )
    if not isinstance(resume, (bool, Snapshot)):
        raise InputError(f"fit: resume is {short(resume)}, expected True, False or a Snapshot; choose one.")
    if resume is True and checkpoint is None:
        raise InputError("fit: resume is True without a checkpoint, expected both; pass checkpoint= as well.")
    return checkpoint
