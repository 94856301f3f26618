"""The mutable state of one fit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engines.base import Engine, Sums
from ..errors import InputError, short
from .callbacks import Callback, MomentumOnPlateau
from .history import STATUSES, History
from .snapshot import FACTS, Snapshot

if TYPE_CHECKING:
    from ..network import Network
    from ..optimizers import Optimizer
    from ..solvers import Solver
    from .data import Data


class Weights:
    """A copy of what training changes in a network, given as its parameters and buffers."""

    def __init__(self, live: tuple[np.ndarray, np.ndarray]):
        self._live = live
        self.theta, self.buffers = live[0].copy(), live[1].copy()

    def keep(self) -> None:
        """Copy again."""
        self.theta[:], self.buffers[:] = self._live

    def are_live(self) -> bool:
        """Whether the network still has these weights."""
        kept = self.theta, self.buffers
        return all(np.array_equal(a, b) for a, b in zip(self._live, kept, strict=True))

    def put_back(self) -> None:
        """Undo what has happened since."""
        self._live[0][:], self._live[1][:] = self.theta, self.buffers


class Run:
    """One fit in progress: what callbacks are shown.

    Attributes
    ----------
    network : Network
        In training; ``network.theta`` are the newest weights.
    data, validation : Data
        The training samples, and the held-out ones (or None).
    epochs, epoch : int
        Number of epochs requested, and done.
    position : int
        Number of samples of the current epoch that have been used.
    step : int
        Number of steps done since the first epoch.
    rate_scale : float
        Factor on the learning rate, for callbacks to change.
    momentum : float or None
        The optimizer's momentum from now on, for callbacks to change; None: as the optimizer says.
    rate_factors : ndarray of theta's shape, or None
        Factors on the learning rate of each parameter, for callbacks with ``changes_rate_factors`` to change; None
        without such a callback.
    history : History
    status, message : str
        Why training ended; ``""`` while it goes on.
    losses : ndarray or None
        The loss of each training sample after the last epoch, where the sampler needs it.
    validation_outputs : ndarray or None
        z of the validation samples after the newest epoch.
    best : Weights or None
        Set by `keep_best`: the network ends with them.
    """

    def __init__(
        self,
        network: Network,
        engine: Engine,
        data: Data,
        validation: Data | None,
        epochs: int,
        history: History,
        callbacks: tuple[Callback, ...] = (),
        losses: np.ndarray | None = None,
    ):
        self.network, self.engine, self.optimizer = network, engine, engine.optimizer
        self.data, self.validation = data, validation
        self.epochs, self.history, self.callbacks, self.losses = epochs, history, callbacks, losses
        self.epoch = self.position = self.step = 0
        self.rate_scale = 1.0
        self.momentum: float | None = None
        changing = any(c.changes_rate_factors for c in callbacks)
        self.rate_factors = engine.changeable_rate_factors() if changing else None
        self.seconds = 0.0
        self.status = self.message = ""
        self.validation_outputs: np.ndarray | None = None
        self.best: Weights | None = None
        self.best_epoch: int | None = None
        self.kept_epoch = 0  # of the weights that a diverged run ends with
        self.live = engine.theta, engine.buffers
        # after the last complete epoch; before it, so that their loss is known; before the last epoch of a block
        self.good, self.measured, self.before_last = [Weights(self.live) for _ in range(3)]
        self.sums = Sums(len(engine.layers))

    @property
    def learning_rate(self) -> float:
        """The learning rate of the newest step."""
        return self.optimizer.value("learning_rate", max(self.step - 1, 0)) * self.rate_scale

    @property
    def rule(self) -> Optimizer | Solver:
        """The optimizer, with the momentum as it stands."""
        if self.momentum is None:
            return self.optimizer
        return replace(self.optimizer, momentum=self.momentum)  # type: ignore[call-arg]

    @property
    def progress(self) -> float:
        """Epochs done, including the fraction of the current one."""
        return self.epoch + self.position / len(self.data.samples)

    @property
    def stateful_callbacks(self) -> list[Callback]:
        """The callbacks whose state is part of a snapshot."""
        return [c for c in self.callbacks if type(c).state is not Callback.state]

    def stop(self, message: str = "", status: str = "stopped_by_callback") -> None:
        """End training after the current epoch or chunk of steps. The first reason given stands.

        Raises
        ------
        InputError
            If the status is not one of those of `History`.
        """
        if status not in STATUSES:
            raise InputError(
                f"Run: status is {short(status)}, expected one of {', '.join(STATUSES)}; choose one."
            )
        if not self.status:
            self.status, self.message = status, message

    def put_back(self, weights: Weights) -> None:
        """Go on with these weights."""
        self.engine.fetch()
        weights.put_back()
        self.engine.changed()

    def keep_best(self) -> None:
        """Keep the current weights: the network ends with them instead of the last ones."""
        self.best_epoch = self.epoch
        if self.best is None:
            self.best = Weights(self.live)
        self.best.keep()

    def keep_best_of(self, better: np.ndarray) -> None:
        """Keep the current weights of the members for which `better`, (members,), is true, of the others the kept ones.

        Every array has an equal part for each member.
        """
        self.best_epoch = self.epoch
        if self.best is None:
            self.best = Weights(self.live)
        network, kept = self.network, (self.best.theta, self.best.buffers)
        layouts = network.layout, network.buffer_layout
        for live, best, blocks in zip(self.live, kept, layouts, strict=True):
            for part in [block.slice for block in blocks]:
                best[part].reshape(len(better), -1)[better] = live[part].reshape(len(better), -1)[better]

    def end_epoch(self, of_block: bool) -> None:
        """An epoch is done, and its finite loss shows that the weights it began with are good."""
        if of_block:
            self.measured, self.before_last = self.before_last, self.measured
        else:
            self.measured, self.good = self.good, self.measured
        self.good.keep()

    # -- snapshots ----------------------------------------------------------------------------------------------------

    def snapshot(self, configuration: dict[str, Any] | None = None) -> Snapshot:
        """A copy of everything that the rest of the run depends on."""
        self.engine.fetch(state=True)
        arrays = {name: np.array(value) for name, value in self.arrays().items()}
        facts = {name: getattr(self, name) for name in FACTS}
        facts["columns"] = list(self.history.columns)
        facts["callbacks"] = [[type(c).__name__, c.state()] for c in self.stateful_callbacks]
        return Snapshot(arrays, facts, configuration or {})

    def arrays(self) -> dict[str, np.ndarray]:
        """Every array that a snapshot holds, not copied."""
        weights: dict[str, Any] = {"": self.network, "good_": self.good, "measured_": self.measured}
        if self.best is not None:
            weights["best_"] = self.best
        arrays = {"sums": self.sums.vector, "history": self.history.table()}
        if self.rate_factors is not None:
            arrays["rate_factors"] = self.rate_factors
        if self.losses is not None:
            arrays["losses"] = self.losses
        for prefix, kept in weights.items():
            arrays |= {f"{prefix}theta": kept.theta, f"{prefix}buffers": kept.buffers}
        return arrays | {f"optimizer.{name}": value for name, value in self.engine.state.items()}

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot that `snapshot.check` has accepted. The callbacks have been started.

        Raises
        ------
        InputError
            If a callback does not accept its state; the network is then as it was.
        """
        arrays, facts = snapshot.arrays, snapshot.facts
        for callback, (name, state) in zip(self.stateful_callbacks, facts["callbacks"], strict=True):
            try:
                callback.restore(state)
            except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
                raise InputError(
                    f"fit: resume has the state {state!r} of {name}, expected one that it has written; "
                    "train without resume."
                ) from error
        for name in FACTS:
            setattr(self, name, facts[name])
        if self.best_epoch is not None:
            self.best = Weights(self.live)
        self.history.fill(arrays["history"])
        for name, array in self.arrays().items():
            if name != "history":
                array[...] = arrays[name]
        self.engine.restored()
        if self.status in ("completed", "interrupted"):  # these may go on
            self.status = self.message = ""

    def continue_from(self, earlier: Snapshot) -> None:
        """Take over from an earlier fit, whose data and arguments may differ, whatever still fits; not its weights."""
        arrays, facts = earlier.arrays, earlier.facts
        self.epoch, self.step, self.rate_scale = facts["epoch"], facts["step"], facts["rate_scale"]
        if any(isinstance(c, MomentumOnPlateau) for c in self.callbacks):
            self.momentum = facts.get("momentum")
        before = {name: array for name, array in arrays.items() if name.startswith("optimizer.")}
        state = {f"optimizer.{name}": array for name, array in self.engine.state.items()}
        if {n: a.shape for n, a in before.items()} == {n: a.shape for n, a in state.items()}:
            for name, array in state.items():
                array[...] = before[name]
            self.engine.restored()
        losses = arrays.get("losses")
        if self.losses is not None and losses is not None and losses.shape == self.losses.shape:
            self.losses[:] = losses
        best = arrays.get("best_theta")
        if best is not None and self.validation is not None and best.dtype == self.network.dtype:
            self.best, self.best_epoch = Weights(self.live), facts["best_epoch"]
            self.best.theta[:], self.best.buffers[:] = best, arrays["best_buffers"]
