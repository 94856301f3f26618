"""The mutable state of one fit, and its snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engines.base import Engine, Sums
from ..engines.diagnostics import activation_names
from ..errors import InputError
from .callbacks import Callback
from .data import Data
from .history import History


@dataclass
class Snapshot:
    """All that is needed to go on: the next step after a restart is the one that would have come anyway.

    Attributes
    ----------
    arrays : dict of str to ndarray
        ``theta``, ``buffers``, ``optimizer.*``, ``sums``, ``history`` (rows by columns, float64), the
        weights of the last good epoch (``good_*``) and of the best one (``best_*``, where they are kept).
    facts : dict
        What JSON can hold: epoch, position within it, step, rate_scale, seconds, status, the callbacks'
        states, ….
    configuration : dict
        What must be the same for a run to be continued from a file: network, optimizer, data, …; empty if
        unknown.
    """

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]
    configuration: dict[str, Any] = field(default_factory=dict)


class Weights:
    """A copy of what training changes in a network, kept to be put back."""

    def __init__(self, network: Any):
        self.theta, self.buffers = network.theta.copy(), network.buffers.copy()

    def keep(self, network: Any) -> None:
        """Copy again."""
        self.theta[:], self.buffers[:] = network.theta, network.buffers

    def put_back(self, network: Any) -> None:
        """Undo what has happened since."""
        network.theta[:], network.buffers[:] = self.theta, self.buffers


class Run:
    """One fit as it stands: what callbacks are shown.

    Attributes
    ----------
    network : Network
        In training; ``network.theta`` are the newest weights.
    engine : Engine
    optimizer : Optimizer
    data, validation : Data
        What is trained on, and the held-out part (or None).
    epochs : int
        Epochs asked for.
    epoch : int
        Epochs done.
    position : int
        Samples of the running epoch that were used already.
    step : int
        Steps done since the first epoch.
    rate_scale : float
        Factor on the learning rate, for callbacks to change.
    history : History
    status, message : str
        Why training ended; ``""`` while it goes on.
    best : Weights or None
        Kept by `keep_best`: the network ends with them.
    good : Weights
        At the end of the last epoch in which all went well.
    """

    def __init__(
        self,
        network: Any,
        engine: Engine,
        data: Data,
        validation: Data | None,
        epochs: int,
        history: History,
        callbacks: Sequence[Callback] = (),
    ):
        self.network, self.engine, self.optimizer = network, engine, engine.optimizer
        self.data, self.validation = data, validation
        self.epochs, self.history, self.callbacks = epochs, history, tuple(callbacks)
        self.epoch = self.position = self.step = 0
        self.rate_scale = 1.0
        self.seconds = 0.0
        self.sums = Sums(len(engine.layers))
        self.status = self.message = ""
        self.best: Weights | None = None
        self.best_epoch: int | None = None
        self.good = Weights(network)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the newest step."""
        return self.optimizer.value("learning_rate", max(self.step - 1, 0)) * self.rate_scale

    @property
    def progress(self) -> float:
        """Epochs done, with the running one's fraction."""
        return self.epoch + self.position / len(self.data.samples)

    def stop(self, message: str = "", status: str = "stopped by callback") -> None:
        """End training after the present epoch or chunk of steps. The first reason given stands."""
        if not self.status:
            self.status, self.message = status, message

    def keep_best(self) -> None:
        """Remember the present weights: the network ends with them instead of the last ones."""
        self.best_epoch = self.epoch
        if self.best is None:
            self.best = Weights(self.network)
        self.best.keep(self.network)

    # -- snapshots ----------------------------------------------------------------------------------------------------

    def snapshot(self, configuration: dict[str, Any] | None = None) -> Snapshot:
        """A copy of everything that the rest of the run depends on."""
        arrays = {name: np.array(value) for name, value in self._arrays().items()}
        facts = {name: getattr(self, name) for name in _FACTS}
        facts["columns"] = list(self.history.columns)
        facts["callbacks"] = [[type(c).__name__, c.state()] for c in self._stateful()]
        return Snapshot(arrays, facts, configuration or {})

    def check(self, snapshot: Snapshot) -> None:
        """Refuse a snapshot that does not belong to a fit like this one, before anything changes."""
        arrays, facts = snapshot.arrays, snapshot.facts
        if not isinstance(facts, dict):
            _foreign(f"has the facts {facts!r}")
        for name, kinds in (_FACTS | {"columns": list, "callbacks": list}).items():
            if name not in facts:
                _foreign(f"lacks {name}")
            if not isinstance(facts[name], kinds):
                _foreign(f"has {name} = {facts[name]!r}")
        if facts["columns"] != list(self.history.columns):
            _foreign(f"has the history columns {', '.join(map(str, facts['columns']))}")
        pairs = facts["callbacks"]
        names = [pair[0] if isinstance(pair, list) and len(pair) == 2 else None for pair in pairs]
        if names != [type(c).__name__ for c in self._stateful()]:
            _foreign(f"has the callbacks {', '.join(map(str, names)) or 'none'}")
        if facts["position"] > len(self.data.samples):
            _foreign(f"stands at sample {facts['position']} of an epoch")
        wanted = self._arrays()
        if "best_theta" in arrays:
            wanted |= {"best_theta": self.network.theta, "best_buffers": self.network.buffers}
        if extra := sorted(arrays.keys() - wanted.keys()):
            _foreign(f"has {extra[0]}")
        for name, array in wanted.items():
            if name not in arrays:
                _foreign(f"lacks {name}")
            shape = (facts["epoch"], array.shape[1]) if name == "history" else array.shape
            if arrays[name].shape != shape or arrays[name].dtype != array.dtype:
                _foreign(f"has {name} of shape {arrays[name].shape} and dtype {arrays[name].dtype}")

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a (checked) snapshot. The callbacks have been started."""
        arrays, facts = snapshot.arrays, snapshot.facts
        for name in _FACTS:
            setattr(self, name, facts[name])
        self.network.theta[:], self.network.buffers[:] = arrays["theta"], arrays["buffers"]
        self.good.theta[:], self.good.buffers[:] = arrays["good_theta"], arrays["good_buffers"]
        self.sums.vector[:] = arrays["sums"]
        self.history.fill(arrays["history"])
        for name, value in self.engine.state.items():
            value[...] = arrays[f"optimizer.{name}"]
        if "best_theta" in arrays:
            self.best = Weights(self.network)
            self.best.theta[:], self.best.buffers[:] = arrays["best_theta"], arrays["best_buffers"]
        for callback, (_, state) in zip(self._stateful(), facts["callbacks"], strict=True):
            callback.restore(state)
        if self.status in ("completed", "interrupted"):  # these may go on
            self.status = self.message = ""

    def _arrays(self) -> dict[str, np.ndarray]:
        """Every array that a snapshot holds, not copied."""
        arrays = {
            "theta": self.network.theta,
            "buffers": self.network.buffers,
            "good_theta": self.good.theta,
            "good_buffers": self.good.buffers,
            "sums": self.sums.vector,
            "history": self.history.table(),
        }
        if self.best is not None:
            arrays |= {"best_theta": self.best.theta, "best_buffers": self.best.buffers}
        return arrays | {f"optimizer.{name}": value for name, value in self.engine.state.items()}

    def _stateful(self) -> list[Callback]:
        return [c for c in self.callbacks if type(c).state is not Callback.state]


_FACTS: dict[str, Any] = {  # attributes of a run that JSON can hold, and their types
    "epoch": int,
    "position": int,
    "step": int,
    "rate_scale": (int, float),
    "seconds": (int, float),
    "status": str,
    "message": str,
    "best_epoch": (int, type(None)),
}


def columns(engine: Engine, validation: bool, train_score: bool = False) -> list[str]:
    """Names of the columns of the history of such a fit."""
    activations = activation_names(engine.network.layers)
    return [
        "epoch",
        "train_loss",
        *["train_score"] * train_score,
        *["validation_loss", "validation_score"] * validation,
        "learning_rate",
        *[f"{group}_{l}" for group in ("gradient_norm", "update_ratio") for l in engine.layers],
        *[f"{group}_{l}" for group in ("dead", "saturated") for l in activations],
        "seconds",
    ]


def _foreign(got: str) -> None:
    raise InputError(
        f"fit: resume {got}, expected the state of a fit with these arguments; pass the arguments of the run "
        "that was cut off."
    )
