"""A progress bar in the terminal."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InputError, short
from .callbacks import Callback


@dataclass
class Progress(Callback):
    """A progress bar on standard error, by Rich (imported when the bar first shows).

    Parameters
    ----------
    after : float
        Seconds that a fit must have taken before the bar appears.
    always : bool
        Show it also where standard error is not a terminal; then only the last line is written.
    title : str
        What stands before it.
    """

    after: float = 1.5
    always: bool = False
    title: str = ""

    def __post_init__(self):
        self._bar: Any = None
        self._task: Any = None
        self._began = 0.0

    def on_start(self, run):
        self._bar = None
        self._began = time.perf_counter()
        if self.after <= 0:
            self.on_poll(run)
        elif run.engine.compiles and sys.stderr.isatty():
            self._bar = self._show(run, "compiling")

    def on_poll(self, run):
        if self._bar is None:
            if time.perf_counter() - self._began < self.after or not (self.always or sys.stderr.isatty()):
                return
            self._bar = self._show(run)
        last = run.history.last
        shown = [f"{label} {last[name]:.3g}" for name, label in _SHOWN.items() if name in last]
        self._bar.update(self._task, completed=run.progress, numbers="  ".join(shown), epoch=run.epoch)

    def on_stop(self, run):
        if self._bar is not None:
            self.on_poll(run)
            self._bar.stop()
            self._bar = None

    def fresh(self):
        return replace(self)

    def _show(self, run, text=""):
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar
        from rich.table import Column

        counts = TextColumn("{task.description}epoch {task.fields[epoch]}/{task.total}", markup=False)
        numbers = TextColumn("{task.fields[numbers]}")
        # Where the line is too long, the bar alone gives way.
        elapsed = TimeElapsedColumn(table_column=Column(no_wrap=True))
        remaining = TimeRemainingColumn(table_column=Column(no_wrap=True))
        columns = (counts, BarColumn(), elapsed, remaining, numbers)
        bar = Bar(*columns, console=Console(stderr=True), refresh_per_second=5)
        title = f"{self.title}: " if self.title else ""
        self._task = bar.add_task(
            title, total=run.epochs, completed=run.progress, numbers=text, epoch=run.epoch
        )
        bar.start()
        return bar


# So short that bar and times fit beside them in 80 columns.
_SHOWN = {"train_loss": "loss", "validation_loss": "val.", "validation_score": "score"}


def as_progress(value: Any) -> list[Callback]:
    """The callback for ``fit(progress=…)``: "auto" (in a terminal, if it takes long), True (at once), False (none)."""
    if isinstance(value, Progress):
        return [value]
    if isinstance(value, bool):
        return [Progress(after=0.0, always=True)] if value else []
    if value == "auto":
        return [Progress()]
    raise InputError(
        f"fit: progress is {short(value)}, expected 'auto', True, False or a Progress; choose one."
    )
