"""The training loop: chunks of steps or blocks of epochs, a poll between them, a row of history after each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engines.base import Engine, Report
from . import divergence
from .batch_size import GrowingBatchSize
from .callbacks import Callback, watches_epochs
from .checkpoint import CheckpointWriter
from .interrupt import Interrupt
from .measure import Measure, sample_losses, training_loss
from .run import Run
from .snapshot import Snapshot

#: Seconds between two polls of Ctrl-C, the callbacks and the checkpoint's clock. A chunk of steps lasts about as long;
#: where an epoch is cut into chunks changes no result.
POLL_INTERVAL = 0.2


@dataclass
class Loop:
    """One fit from its first step (or the one after its snapshot) to its end.

    `orders` maps (first epoch, number of epochs) to the order of the samples in each of these, a row per epoch;
    `batch_sizes` says how many of them a step takes.
    """

    run: Run
    measure: Measure
    orders: Callable[[int, int], np.ndarray]
    batch_sizes: GrowingBatchSize
    writer: CheckpointWriter | None = None

    def __post_init__(self):
        run = self.run
        self._careful = False  # epoch by epoch, because one of the next ones fails
        self._chunk = _first_guess(run.engine)  # steps

    def train(self, start: Snapshot | None = None, keep_state: bool = False) -> None:
        """Train to the end; ``run.history`` and the network are the result.

        Whatever is raised on the way, the weights are those of the last complete epoch.
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
                else:  # a callback may have changed the weights on purpose
                    run.good.keep()
                    run.measured.keep()
                while run.epoch < run.epochs and not run.status:
                    run.engine.batch_size = self.batch_sizes.size(run.epoch, len(run.data.samples))
                    count = self._epochs_at_once()
                    if count > 1:
                        self._epoch_block(count, interrupt)
                    else:
                        self._epoch(interrupt)
                self._finish(keep_state)
            except BaseException as error:
                run.status, run.message = "failed", f"{type(error).__name__}: {error}"
                run.engine.failed(error)
                run.good.put_back()
                raise

    def _epoch(self, interrupt: Interrupt) -> None:
        run = self.run
        began = time.perf_counter() - run.seconds
        order = self.orders(run.epoch, 1)[0]
        while run.position < len(order) and not run.status:
            self._steps(order)
            run.seconds = time.perf_counter() - began
            if run.position < len(order):
                self._poll(interrupt)
        if not run.status:
            self._close(order, began)
            self._poll(interrupt)

    def _steps(self, order: np.ndarray) -> None:
        """One chunk of steps; a loss that is not finite stops the run."""
        run, size = self.run, self.run.engine.batch_size
        chunk = order[run.position : run.position + self._chunk * size]
        began = time.perf_counter()
        with np.errstate(all="ignore"):  # values that are not finite are reported below
            run.engine.optimizer = run.rule
            done = run.engine.run(chunk, run.step, run.rate_scale, run.sums)
        self._adapt_chunk(time.perf_counter() - began, done)
        run.step += done
        run.position += min(done * size, len(chunk))
        if not np.isfinite(run.sums.loss):
            run.engine.fetch()
            self._stop_diverged(divergence.explain(run, chunk[(done - 1) * size : done * size]))

    def _close(self, order: np.ndarray, began: float) -> None:
        """The epoch's steps are done: measure, record, call back."""
        run = self.run
        run.engine.fetch()
        if not np.isfinite(run.live[0]).all():
            self._stop_diverged(divergence.explain(run, order[-run.engine.batch_size :]))
            return
        report = run.engine.report(1)
        report.sums(0).vector[:] = run.sums.vector
        with np.errstate(all="ignore"):
            if self.measure.probe is not None:
                run.engine.layer_stats(self.measure.probe, report.seen[0])
            rows = self.measure.rows(run, report, run.step - int(report.steps.sum()))
        rows[:, -1] = time.perf_counter() - began
        rows = run.engine.agree(rows)
        run.history.extend(rows)
        if divergence.exploded(run.history.first["train_loss"], run.history.last["train_loss"]):
            self._stop_diverged(divergence.explain_explosion(run))
            return
        run.epoch, run.position, run.seconds = run.epoch + 1, 0, 0.0
        run.sums.vector[:] = 0
        run.end_epoch(of_block=False)
        if run.engine.outcome is not None and run.engine.outcome[0]:
            status, message = run.engine.outcome
            run.stop(message, status)
        for callback in run.callbacks:
            callback.on_epoch(run)
        run.rate_scale, run.momentum = run.engine.agree((run.rate_scale, run.momentum))
        if run.rate_factors is not None:
            run.rate_factors[:] = run.engine.agree(run.rate_factors)
        if run.callbacks and not run.good.are_live():  # one has changed the weights on purpose
            run.good.keep()
            run.engine.changed()
        if run.losses is not None:
            with np.errstate(all="ignore"):
                run.losses[:] = sample_losses(run)
        if self.writer is not None:
            self.writer.after_epoch(run)

    # -- a block of epochs ----

    def _epochs_at_once(self) -> int:
        """How many epochs need no attention in between; together they last no longer than a chunk of steps."""
        run, n = self.run, len(self.run.data.samples)
        watched = run.engine.outcome is not None or any(map(watches_epochs, run.callbacks))
        counted = self.writer is not None and self.writer.checkpoint.every_epochs is not None
        evaluated = self.measure.train_score or run.validation is not None or run.losses is not None
        # of several processes, one's callback may end what the others would go on with
        apart = run.engine.processes > 1 and bool(run.callbacks)
        if self._careful or run.position or watched or counted or evaluated or apart:
            return 1
        steps = -(-n // run.engine.batch_size)
        alike = self.batch_sizes.unchanged(run.epoch, n)
        return min(run.epochs - run.epoch, self._chunk // steps, run.engine.block_samples // n, alike)

    def _epoch_block(self, count: int, interrupt: Interrupt) -> None:
        """That many epochs at once, with the result of one after the other.

        They run optimistically and are rolled back on failure: where an epoch fails, or a callback ends or changes
        training at one, the epochs after it are undone.
        """
        run, engine = self.run, self.run.engine
        engine.fetch(state=True)
        state = {name: value.copy() for name, value in engine.state.items()}
        first, scale, rule = run.step, run.rate_scale, run.rule
        orders = self.orders(run.epoch, count)
        began = time.perf_counter()
        report = self._run_epochs(orders, first, scale, rule, self.measure.probe)
        with np.errstate(all="ignore"):
            rows = engine.agree(self.measure.rows(run, report, first))
        self._adapt_chunk(time.perf_counter() - began, int(report.steps.sum()))
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
                    self._run_epochs(orders[:done], first, scale, rule, None)
            if done:
                run.end_epoch(of_block=True)
        if self.writer is not None:
            self.writer.after_epoch(run)
        self._poll(interrupt)

    def _run_epochs(
        self, orders: np.ndarray, step: int, scale: float, rule: Any, probe: np.ndarray | None
    ) -> Report:
        self.run.engine.optimizer = rule
        with np.errstate(all="ignore"):
            report = self.run.engine.run_epochs(orders, step, scale, probe, self.run.before_last.keep)
        self.run.engine.fetch()
        return report

    def _replay(self, rows: np.ndarray, steps: list[int]) -> None:
        """Show the callbacks one epoch after the other, until one of them ends or changes training."""
        run, before = self.run, (self.run.rate_scale, self.run.momentum)
        if not run.callbacks:
            run.history.extend(rows)
            run.epoch, run.step = run.epoch + len(rows), run.step + sum(steps)
            return
        for e, row in enumerate(rows):
            run.history.extend(row[np.newaxis])
            run.epoch, run.step = run.epoch + 1, run.step + steps[e]
            for callback in run.callbacks:
                callback.on_epoch(run)
            if run.status or (run.rate_scale, run.momentum) != before:
                return

    def _failed(self, losses: np.ndarray) -> bool:
        """Whether one of these epochs diverged: where and why is determined epoch by epoch."""
        first = self.run.history.first.get("train_loss", float(losses[0]))
        finite = np.isfinite(losses).all() and np.isfinite(self.run.live[0]).all()
        return not finite or divergence.exploded(first, float(losses.max()))

    def _undo(self, state: dict[str, np.ndarray]) -> None:
        """Back to the beginning of the block."""
        self.run.put_back(self.run.good)
        for name, value in state.items():
            self.run.engine.state[name][...] = value
        self.run.engine.changed(state=True)

    def _adapt_chunk(self, seconds: float, steps: int) -> None:
        """Choose the size of the next chunk: these steps took this time."""
        engine, chunk = self.run.engine, self._chunk
        if not engine.compiled:
            chunk = max(1, min(int(POLL_INTERVAL * steps / max(seconds, 1e-9)), 8 * max(chunk, steps)))
        self._chunk = engine.agree(chunk)

    # -- between chunks, and at the end ----

    def _poll(self, interrupt: Interrupt) -> None:
        run = self.run
        if any(_shows_weights(callback) for callback in run.callbacks):
            run.engine.fetch()
        for callback in run.callbacks:
            callback.on_poll(run)
        if interrupt.asked:
            where = f"in epoch {run.epoch + 1} of {run.epochs} after step {run.step}"
            run.stop(f"Interrupted by Ctrl-C {where}; what was learned is kept.", status="interrupted")
        self._agree_on_end()
        if self.writer is not None and run.position and run.status != "interrupted":
            self.writer.poll(run)

    def _agree_on_end(self) -> None:
        """Where one process stops, by its clock or its user, all do."""
        run = self.run
        ending = run.engine.agree((run.status, run.message) if run.status else None)
        if ending is not None:
            run.status, run.message = ending

    def _stop_diverged(self, what: str) -> None:
        """End the run with the newest weights whose loss is known to be good, and say what happened."""
        run = self.run
        first = run.history.first.get("train_loss", np.inf)
        with np.errstate(all="ignore"):
            run.kept_epoch = run.epoch
            run.put_back(run.good)
            loss = training_loss(run)
            if not np.isfinite(loss) or divergence.exploded(first, loss):
                if not np.array_equal(run.good.theta, run.measured.theta):
                    run.kept_epoch -= 1
                run.put_back(run.measured)
                run.good.keep()
                loss = training_loss(run)
        words = f"{what} {divergence.remedy(run, loss)}"
        if run.best is None:
            good = ", the last good ones," if np.isfinite(loss) else ""
            words += f" The weights of epoch {run.kept_epoch}{good} are kept."
        run.stop(words, status="diverged")

    def _finish(self, keep_state: bool) -> None:
        """Put the final weights in place, and say why training ended."""
        run, history = self.run, self.run.history
        if not run.status or (run.status == "interrupted" and run.epoch == run.epochs):
            run.status, run.message = "completed", f"All {run.epochs} epochs are done."
        run.engine.fetch()
        if run.status != "diverged":
            if self.writer is not None:
                self.writer.write(run)
            if keep_state:
                history.state = run.snapshot()
        history.status, history.message = run.status, run.message
        if run.status == "interrupted":
            resumable = (
                " Continue with resume=True." if self.writer else " With checkpoint=… a fit can be continued."
            )
            history.message += resumable
        history.kept_epoch = run.kept_epoch if run.status == "diverged" else run.epoch
        if run.best is not None:
            history.message += f" The weights of epoch {run.best_epoch} are restored."
            history.kept_epoch = run.best_epoch
            run.put_back(run.best)


def _shows_weights(callback: Callback) -> bool:
    """Whether `on_poll` may read weights: those of this package do not."""
    kind = type(callback)
    return kind.on_poll is not Callback.on_poll and not kind.__module__.startswith("deltaprop.")


def _first_guess(engine: Engine) -> int:
    """Steps of the first chunk: few enough to take hardly longer than `POLL_INTERVAL`."""
    if engine.processes > 1:  # how long they take to exchange gradients shows
        return 1
    seconds = 1e-4 + engine.theta.size * (1e-8 + 1e-9 * engine.batch_size)
    return max(1, int(POLL_INTERVAL * engine.speed / seconds))
