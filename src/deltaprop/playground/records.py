"""The curves of a run: a row of measurements at the end of some epochs, evenly spaced and bounded in number."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MAX_ROWS = 600


@dataclass
class Records:
    """Rows at epochs 0, s, 2s, …; s doubles when there are too many.

    Row: step, epoch, training loss, test loss, training score, test score, then for each layer with weights the norm of
    its gradient, its update ratio, and the fractions of its dead and saturated units (NaN where none were measured).
    """

    width: int
    rows: list[np.ndarray] = field(default_factory=list)
    spacing: int = 1  # epochs
    version: int = 0  # of the rows that already stood: it changes when some of them go

    def copy(self) -> Records:
        return Records(self.width, list(self.rows), self.spacing, self.version)

    @property
    def last_step(self) -> int:
        return int(self.rows[-1][0]) if self.rows else -1

    def add(self, row: np.ndarray) -> None:
        self.rows.append(row)
        if len(self.rows) > MAX_ROWS:
            self.spacing *= 2
            first = self.rows[0]
            self.rows = [first, *(r for r in self.rows[1:] if r[1] % self.spacing == 0)]
            self.version += 1

    def drop_after(self, step: int) -> None:
        """Forget what was measured later than that."""
        kept = [row for row in self.rows if row[0] <= step]
        if len(kept) < len(self.rows):
            self.rows, self.version = kept, self.version + 1

    def table(self, first: int = 0) -> np.ndarray:
        """The rows from that one on, (rows, width), float64."""
        return np.array(self.rows[first:]).reshape(-1, self.width)
