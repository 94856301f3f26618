"""A progress bar that counts products."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from ..errors import InputError, short

AFTER = 2.0  # seconds before the bar appears by itself
INTERVAL = 0.2  # seconds between two reports


class Products:
    """Counts the products of operators and shows them in the terminal, or calls a function with their number.

    Parameters
    ----------
    obj : str
        Who counts, for the bar and for messages.
    progress : "auto", bool or callable
        "auto": a bar in a terminal if it takes longer than two seconds; True: a bar at once; False: nothing. A function
        is called with the number of products done, about five times a second.
    """

    def __init__(self, obj: str, progress: str | bool | Callable[[int], Any]):
        if not (progress == "auto" or isinstance(progress, bool) or callable(progress)):
            raise InputError(
                f"{obj}: progress is {short(progress)}, expected 'auto', True, False or a function; choose one."
            )
        self.obj, self.progress, self.count = obj, progress, 0
        self._next = time.perf_counter() + (AFTER if progress == "auto" else 0)
        self._bar: Any = None

    def __enter__(self) -> Products:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def of(self, operator: LinearOperator) -> LinearOperator:
        """The operator, its products counted."""

        def counted(v: np.ndarray) -> np.ndarray:
            product = operator.matvec(v)
            self._add()
            return product

        return LinearOperator(operator.shape, matvec=counted, dtype=operator.dtype)

    def _add(self) -> None:
        self.count += 1
        if self.progress is False or time.perf_counter() < self._next:
            return
        self._next = time.perf_counter() + INTERVAL
        if callable(self.progress):
            self.progress(self.count)
        elif self.progress is True or sys.stderr.isatty():
            self._show()

    def _show(self) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task(self.obj, total=None)
            self._bar.start()
        self._bar.update(self._task, description=f"{self.obj}: {self.count:,} products")
