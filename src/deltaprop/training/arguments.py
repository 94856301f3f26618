"""The arguments of `fit`, checked one by one: what each may be, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..engines import MAX_THREADS
from ..errors import InputError, finite, number, numeric
from .callbacks import Callback, EarlyStopping, ReduceOnPlateau
from .checkpoint import Checkpoint
from .progress import as_progress
from .run import Snapshot


def check_numbers(epochs: Any, batch_size: Any, clip_norm: Any, clip_value: Any, threads: Any) -> None:
    """Refuse counts and limits that are no such numbers; all but the epochs may be None."""
    number("fit", "epochs", epochs, low=0, integer=True)
    for name, value, high in (("batch_size", batch_size, np.inf), ("threads", threads, MAX_THREADS)):
        if value is not None:
            number("fit", name, value, low=1, high=high, integer=True)
    for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
        if value is not None:
            number("fit", name, value, low=0, open_low=True)


def check_switches(**switches: Any) -> None:
    """Refuse what is neither True nor False."""
    for name, value in switches.items():
        if not isinstance(value, (bool, np.bool_)):
            raise InputError(f"fit: {name} is {value!r}, expected True or False; choose one.")


def callbacks(early_stopping: Any, plateau: Any, callbacks: Any, progress: Any) -> list[Callback]:
    """All callbacks in the order in which they are called, each fresh for this fit."""
    found = []
    for name, value, kind in (
        ("early_stopping", early_stopping, EarlyStopping),
        ("plateau", plateau, ReduceOnPlateau),
    ):
        if isinstance(value, kind):
            found.append(value)
        elif value is not None:
            number("fit", name, value, low=1, integer=True)
            found.append(kind(patience=int(value)))
    callbacks = list(callbacks) if isinstance(callbacks, Sequence) else [callbacks]
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise InputError(
                f"fit: callbacks has {callback!r}, expected objects of a class of Callback; derive its class "
                "from it."
            )
    found += callbacks
    if sum(isinstance(c, EarlyStopping) and c.restore_best for c in found) > 1:
        raise InputError(
            "fit: early_stopping is given twice, expected one that restores its best weights; leave one out."
        )
    return [c.fresh() for c in (*found, *as_progress(progress))]


def checkpoint(checkpoint: Any, resume: Any) -> tuple[Checkpoint | None, Any]:
    """Where to write, and from where to go on."""
    if isinstance(checkpoint, (str, Path)):
        checkpoint = Checkpoint(checkpoint)
    if checkpoint is not None and not isinstance(checkpoint, Checkpoint):
        raise InputError(f"fit: checkpoint is {checkpoint!r}, expected a path or a Checkpoint; give one.")
    if not isinstance(resume, (bool, Snapshot)):
        raise InputError(f"fit: resume is {resume!r}, expected True, False or a Snapshot; choose one.")
    if resume is True and checkpoint is None:
        raise InputError(
            "fit: resume is True without a checkpoint, expected a checkpoint too; say where with checkpoint=."
        )
    return checkpoint, resume


def rate_factors(value: Any, network: Any) -> np.ndarray | None:
    """A factor for each parameter, in theta's dtype."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        factors = finite("fit", "rate_factors", numeric("fit", "rate_factors", value))
        if factors.shape != network.theta.shape:
            got, wanted = f"has shape {factors.shape}", f"{network.theta.shape}, as theta has"
            raise InputError(
                f"fit: rate_factors {got}, expected {wanted}; give a factor a parameter, or a dict by layer."
            )
        if (factors < 0).any():
            raise InputError(f"fit: rate_factors has {factors.min()}, expected factors ≥ 0; change it.")
        return factors.astype(network.dtype)
    factors = np.ones_like(network.theta)
    for name, factor in value.items():
        number("fit", f"rate_factors[{name!r}]", factor, low=0)
        blocks = [b for b in network.layout if str(name) in (b.name, b.name.rpartition(".")[0])]
        if not blocks:
            names = ", ".join(b.name for b in network.layout)
            raise InputError(
                f"fit: rate_factors names {name!r}, expected a layer or one of {names}; see network.layout."
            )
        for block in blocks:
            factors[block.slice] *= network.dtype.type(factor)
    return factors
