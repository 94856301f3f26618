"""A fit frozen between two steps, and what makes such a state acceptable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from ..errors import InputError
from .history import STATUSES

if TYPE_CHECKING:
    from .run import Run


@dataclass
class Snapshot:
    """Everything the rest of a fit depends on: the next step after a restart is the one that would have come anyway.

    `arrays` holds ``theta``, ``buffers``, ``optimizer.*``, ``sums``, ``history``, ``rate_factors`` where a callback
    changes them, ``losses`` of the samples where the sampler needs them, and the weights and buffers after the last
    epoch (``good_*``), before it (``measured_*``) and of the best one (``best_*``, where kept); `facts` what JSON can
    hold (epoch, step, the callbacks' states, …); `configuration` what must be the same for a run to be continued from a
    file, empty if unknown.
    """

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]
    configuration: dict[str, Any] = field(default_factory=dict)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 2**53


def _amount(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < np.inf


#: Attributes of a run that a snapshot's facts hold, and what each may be.
FACTS = {
    "epoch": _count,
    "position": _count,
    "step": _count,
    "rate_scale": _amount,
    "momentum": lambda value: value is None or (_amount(value) and value < 1),
    "seconds": _amount,
    "status": lambda value: value in ("", *STATUSES) and value != "diverged",
    "message": lambda value: isinstance(value, str),
    "best_epoch": lambda value: value is None or _count(value),
}


def check(snapshot: Snapshot, run: Run) -> None:
    """Refuse a snapshot that is damaged or belongs to a fit with other arguments, before anything changes."""
    facts = snapshot.facts
    for name, accepts in (FACTS | {"columns": _list, "callbacks": _list}).items():
        if name not in facts:
            _refuse(f"lacks {name}")
        if not accepts(facts[name]):
            _refuse(f"has {name} = {facts[name]!r}")
    if facts["columns"] != list(run.history.columns):
        _refuse(f"has the history columns {', '.join(map(str, facts['columns']))}")
    names = [pair[0] if isinstance(pair, list) and len(pair) == 2 else None for pair in facts["callbacks"]]
    if names != [type(c).__name__ for c in run.stateful_callbacks]:
        _refuse(f"has the callbacks {', '.join(map(str, names)) or 'none'}")
    if facts["position"] > len(run.data.samples):
        _refuse(f"is at sample {facts['position']} of an epoch")
    if (facts["best_epoch"] or 0) > facts["epoch"]:
        _refuse(f"has best_epoch = {facts['best_epoch']} after {facts['epoch']} epochs")
    _check_arrays(snapshot, run)


def _check_arrays(snapshot: Snapshot, run: Run) -> None:
    arrays, epoch = snapshot.arrays, snapshot.facts["epoch"]
    wanted = run.arrays()
    if snapshot.facts["best_epoch"] is not None:
        wanted |= {"best_theta": run.network.theta, "best_buffers": run.network.buffers}
    if extra := sorted(arrays.keys() - wanted.keys()):
        _refuse(f"has {extra[0]}")
    rows = epoch - run.epoch + len(run.history)  # the history may have begun after earlier epochs
    for name, array in wanted.items():
        if name not in arrays:
            _refuse(f"lacks {name}")
        shape = (rows, array.shape[1]) if name == "history" else array.shape
        if arrays[name].shape != shape or arrays[name].dtype != array.dtype:
            _refuse(f"has {name} of shape {arrays[name].shape} and dtype {arrays[name].dtype}")
        in_epoch = name == "theta" and snapshot.facts["position"] > 0  # the last step may have overflowed
        if name.endswith("theta") and not in_epoch and not np.isfinite(arrays[name]).all():
            _refuse(f"has {name} with entries that are not finite")
        if name == "rate_factors" and not ((arrays[name] >= 0) & (arrays[name] < np.inf)).all():
            _refuse("has rate_factors that are not all finite and ≥ 0")
    if not np.array_equal(arrays["history"][:, 0], np.arange(epoch - rows + 1, epoch + 1)):
        _refuse("has a history whose epochs are not counted one by one")


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _refuse(got: str) -> NoReturn:
    raise InputError(
        f"fit: resume {got}, expected the state of a fit with these arguments; "
        "pass the arguments of the interrupted run, or train without resume."
    )
