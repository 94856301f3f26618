"""The loop: chunks of steps, looks between them, a row of history after each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from . import divergence
from .callbacks import EarlyStopping
from .checkpoint import Keeper
from .interrupt import Interrupt
from .measure import Measure
from .run import Run, Snapshot

#: Seconds between two looks at the clock, Ctrl-C, the progress bar and the checkpoint. A chunk of steps lasts about so
#: long; where an epoch is cut into chunks changes no result.
LOOK = 0.1


@dataclass
class Loop:
    """One fit from its first step (or the one where it was cut off) to its end.

    Parameters
    ----------
    run : Run
    measure : Measure
    order : callable
        Number of an epoch, from 0 → the samples in that epoch's order.
    keeper : Keeper, optional
        Writes the checkpoints.
    """

    run: Run
    measure: Measure
    order: Callable[[int], np.ndarray]
    keeper: Keeper | None = None

    def __post_init__(self):
        self._chunk = 8  # steps

    def train(self, start: Snapshot | None = None, keep_state: bool = False) -> None:
        """Train to the end; ``run.history`` and the network are the result.

        Whatever is raised on the way, the weights are those of the last good epoch.
        """
        run = self.run
        with ExitStack() as stack:
            interrupt = stack.enter_context(Interrupt())
            try:
                for callback in run.callbacks:
                    callback.on_start(run)
                    stack.callback(callback.on_stop, run)
                if start is not None:
                    run.restore(start)
                while run.epoch < run.epochs and not run.status:
                    self._epoch(interrupt)
                self._finish(keep_state)
            except BaseException as error:
                run.status, run.message = "failed", f"{type(error).__name__}: {error}"
                run.good.put_back(run.network)
                raise

    def _epoch(self, interrupt: Interrupt) -> None:
        run = self.run
        began = time.perf_counter() - run.seconds
        order = self.order(run.epoch)
        while run.position < len(order) and not run.status:
            self._steps(order)
            run.seconds = time.perf_counter() - began
            if run.position < len(order):
                self._look(interrupt)
        if not run.status:
            self._close(order, began)
            self._look(interrupt)

    def _steps(self, order: np.ndarray) -> None:
        """One chunk of steps; a loss that is not finite stops the run."""
        run, size = self.run, self.run.engine.batch_size
        chunk = order[run.position : run.position + self._chunk * size]
        began = time.perf_counter()
        with np.errstate(all="ignore"):  # what is not finite is looked for, and said, below
            done = run.engine.run(chunk, run.step, run.rate_scale, run.sums)
        each = (time.perf_counter() - began) / done
        self._chunk = max(1, min(int(LOOK / max(each, 1e-9)), 8 * self._chunk))
        run.step += done
        run.position += min(done * size, len(chunk))
        if not np.isfinite(run.sums.loss):
            self._diverged(chunk[(done - 1) * size : done * size])

    def _close(self, order: np.ndarray, began: float) -> None:
        """The epoch's steps are done: measure, record, call back."""
        run = self.run
        if not np.isfinite(run.network.theta).all():
            self._diverged(order[-run.engine.batch_size :])
            return
        with np.errstate(all="ignore"):
            row = self.measure.row(run)
        run.history.append(row | {"seconds": time.perf_counter() - began})
        if divergence.exploded(run):
            run.stop(divergence.explain_explosion(run), status="diverged")
            return
        run.epoch, run.position, run.seconds = run.epoch + 1, 0, 0.0
        run.sums.vector[:] = 0
        run.good.keep(run.network)
        for callback in run.callbacks:
            callback.on_epoch(run)
        if run.callbacks:  # one may have changed the weights, and meant it
            run.good.keep(run.network)
        if self.keeper is not None:
            self.keeper.after_epoch(run)

    def _look(self, interrupt: Interrupt) -> None:
        run = self.run
        for callback in run.callbacks:
            callback.on_look(run)
        if interrupt.asked:
            where = f"in epoch {run.epoch + 1} of {run.epochs} after step {run.step}"
            run.stop(f"Interrupted by Ctrl-C {where}; what was learned is kept.", status="interrupted")
        elif self.keeper is not None and run.position:
            self.keeper.look(run)

    def _diverged(self, batch: np.ndarray) -> None:
        with np.errstate(all="ignore"):
            self.run.stop(divergence.explain(self.run, batch), status="diverged")

    def _finish(self, keep_state: bool) -> None:
        """Put the final weights in place, and say why and how training ended."""
        run, history = self.run, self.run.history
        if not run.status or (run.status == "interrupted" and run.epoch == run.epochs):
            run.status, run.message = "completed", f"All {run.epochs} epochs are done."
        if run.status == "diverged":
            run.good.put_back(run.network)
        else:
            if self.keeper is not None:
                self.keeper.write(run)
            if keep_state:
                history.state = run.snapshot()
        history.status, history.message = run.status, f"{run.message}{self._advice()}"
        if run.best is not None:
            run.best.put_back(run.network)

    def _advice(self) -> str:
        """What to make of it: the remedy that belongs to the status."""
        run, history = self.run, self.run.history
        best, column = history.best_epoch, history.monitor
        advice = ""
        if run.best is not None:
            advice += f" The weights of epoch {run.best_epoch} are restored."
        elif run.status == "diverged":
            advice += " The weights of the last good epoch are kept."
        if run.status == "interrupted" and self.keeper is not None:
            advice += " Continue with resume=True."
        elif run.status == "interrupted":
            advice += " With checkpoint=… a fit can be continued from where it was."
        elif run.status == "completed" and best is not None and run.epochs > 1:
            if best == run.epoch:
                advice += f" The {column} was best in the last: more epochs may improve it."
            elif run.best is None:
                advice += f" The {column} was best in epoch {best}"
                stopping = any(isinstance(c, EarlyStopping) for c in run.callbacks)
                advice += "." if run.validation is None or stopping else ": early_stopping=… is what to try."
        return advice
