"""The loop: chunks of steps or blocks of epochs, looks between them, a row of history after each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from . import divergence
from .callbacks import EarlyStopping, watches_epochs
from .checkpoint import CheckpointWriter
from .interrupt import Interrupt
from .measure import Measure
from .run import Run, Snapshot

#: Seconds between two looks at the clock, Ctrl-C, the progress bar and the checkpoint. A chunk of steps lasts about so
#: long; where an epoch is cut into chunks changes no result.
POLL_INTERVAL = 0.1

#: Samples of the epochs of a block together: their order lies in memory.
MOST_SAMPLES = 1 << 17


@dataclass
class Loop:
    """One fit from its first step (or the one where it was cut off) to its end.

    Parameters
    ----------
    run : Run
    measure : Measure
    orders : callable
        (number of an epoch, from 0; how many) → the samples in the order of each of these epochs, a row an epoch.
    writer : CheckpointWriter, optional
        Writes the checkpoints.
    """

    run: Run
    measure: Measure
    orders: Callable[[int, int], np.ndarray]
    writer: CheckpointWriter | None = None

    def __post_init__(self):
        run = self.run
        self._careful = False  # epoch by epoch, since something goes wrong in one of the next
        self._chunk = _first_guess(run.engine.batch_size, run.network.theta.size)  # steps

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
                else:  # a callback may have changed the weights, and meant it
                    run.good.keep(run.network)
                while run.epoch < run.epochs and not run.status:
                    count = self._epochs_at_once()
                    if count > 1:
                        self._epoch_block(count, interrupt)
                    else:
                        self._epoch(interrupt)
                self._finish(keep_state)
            except BaseException as error:
                run.status, run.message = "failed", f"{type(error).__name__}: {error}"
                run.good.put_back(run.network)
                raise

    def _epoch(self, interrupt: Interrupt) -> None:
        run = self.run
        began = time.perf_counter() - run.seconds
        order = self.orders(run.epoch, 1)[0]
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
        self._took(time.perf_counter() - began, done)
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
        report = run.engine.report(1)
        report.sums(0).vector[:] = run.sums.vector
        with np.errstate(all="ignore"):
            if self.measure.probe is not None:
                run.engine.layer_stats(self.measure.probe, report.seen[0])
            rows = self.measure.rows(run, report)
        rows[:, -1] = time.perf_counter() - began
        run.history.extend(rows)
        if divergence.exploded(run.history.first["train_loss"], run.history.last["train_loss"]):
            run.stop(divergence.explain_explosion(run), status="diverged")
            return
        run.epoch, run.position, run.seconds = run.epoch + 1, 0, 0.0
        run.sums.vector[:] = 0
        run.good.keep(run.network)
        for callback in run.callbacks:
            callback.on_epoch(run)
        if run.callbacks:  # one may have changed the weights, and meant it
            run.good.keep(run.network)
        if self.writer is not None:
            self.writer.after_epoch(run)

    # -- several epochs at one go ----

    def _epochs_at_once(self) -> int:
        """How many epochs nobody needs to see one by one; together they last no longer than a chunk of steps."""
        run, n = self.run, len(self.run.data.samples)
        watched = any(watches_epochs(callback) for callback in run.callbacks)
        counted = self.writer is not None and self.writer.checkpoint.every_epochs is not None
        if self._careful or run.position or watched or counted or self.measure.evaluates(run):
            return 1
        steps = -(-n // run.engine.batch_size)
        return min(run.epochs - run.epoch, self._chunk // steps, MOST_SAMPLES // n)

    def _epoch_block(self, count: int, interrupt: Interrupt) -> None:
        """That many epochs in one call of the engine, with the result of one after the other.

        It is tried in good hope: where an epoch fails, or the callbacks end or change training at one, what was done
        behind it is undone.
        """
        run, engine = self.run, self.run.engine
        state = {name: value.copy() for name, value in engine.state.items()}
        first, scale = run.step, run.rate_scale
        orders = self.orders(run.epoch, count)
        began = time.perf_counter()
        with np.errstate(all="ignore"):
            report = engine.run_epochs(orders, first, scale, self.measure.probe)
            run.step += int(report.steps.sum())
            rows = self.measure.rows(run, report)
        self._took(time.perf_counter() - began, run.step - first)
        run.step = first
        if self._failed(rows[:, run.history.columns.index("train_loss")]):
            self._undo(state)
            self._careful = True
            return
        before = run.epoch
        try:
            self._replay(rows, report.steps.astype(int).tolist())
        finally:
            if (done := run.epoch - before) < count:
                self._undo(state)
                if done:
                    engine.run_epochs(orders[:done], first, scale, None)
            run.good.keep(run.network)
        if self.writer is not None:
            self.writer.after_epoch(run)
        self._look(interrupt)

    def _replay(self, rows: np.ndarray, steps: list[int]) -> None:
        """Show the callbacks one epoch after the other, until one of them ends or changes training."""
        run, scale = self.run, self.run.rate_scale
        if not run.callbacks:
            run.history.extend(rows)
            run.epoch, run.step = run.epoch + len(rows), run.step + sum(steps)
            return
        for e, row in enumerate(rows):
            run.history.extend(row[np.newaxis])
            run.epoch, run.step = run.epoch + 1, run.step + steps[e]
            for callback in run.callbacks:
                callback.on_epoch(run)
            if run.status or run.rate_scale != scale:
                return

    def _failed(self, losses: np.ndarray) -> bool:
        """Whether one of these epochs diverged: where exactly, and why, is found out epoch by epoch."""
        first = self.run.history.first.get("train_loss", losses[0])
        finite = np.isfinite(losses).all() and np.isfinite(self.run.network.theta).all()
        return not finite or divergence.exploded(first, losses.max())

    def _undo(self, state: dict[str, np.ndarray]) -> None:
        """Back to the last good epoch."""
        self.run.good.put_back(self.run.network)
        for name, value in state.items():
            self.run.engine.state[name][...] = value

    def _took(self, seconds: float, steps: int) -> None:
        """So many steps took so long: choose the next chunk."""
        self._chunk = max(
            1, min(int(POLL_INTERVAL * steps / max(seconds, 1e-9)), 8 * max(self._chunk, steps))
        )

    # -- between chunks, and at the end ----

    def _look(self, interrupt: Interrupt) -> None:
        run = self.run
        for callback in run.callbacks:
            callback.on_poll(run)
        if interrupt.asked:
            where = f"in epoch {run.epoch + 1} of {run.epochs} after step {run.step}"
            run.stop(f"Interrupted by Ctrl-C {where}; what was learned is kept.", status="interrupted")
        elif self.writer is not None and run.position:
            self.writer.poll(run)

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
            if self.writer is not None:
                self.writer.write(run)
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
        if run.status == "interrupted" and self.writer is not None:
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


def _first_guess(batch_size: int, parameters: int) -> int:
    """Steps of the first chunk, so few that they hardly take longer than `POLL_INTERVAL`, on either engine."""
    return max(1, int(POLL_INTERVAL / (1e-4 + parameters * (1e-8 + 1e-9 * batch_size))))
