"""The curves of a run: a row of measurements at the end of some epochs, ever fewer of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

#: Rows of the first epochs, one for each; after that half as many whenever the number of epochs has doubled.
FIRST = 128


@dataclass
class Records:
    """Rows at the first 128 epochs, every second one up to 256, every fourth one up to 512, …

    No picture shows more, and measuring takes ever less of the time of a long run.

    Row: step, epoch, training loss, test loss, training score, test score, then for each layer with weights the norm of
    its gradient, its update ratio, and the fractions of its dead and saturated units (NaN where none were measured).
    """

    width: int
    rows: list[np.ndarray] = field(default_factory=list)
    version: int = 0  # of the rows that already stood: it changes when some of them go

    def copy(self) -> Records:
        return Records(self.width, list(self.rows), self.version)

    @property
    def last_step(self) -> int:
        return int(self.rows[-1][0]) if self.rows else -1

    def add(self, row: np.ndarray) -> None:
        self.rows.append(row)

    def next(self, epoch: int) -> int:
        """The first epoch after this one with a row."""
        first = int(self.rows[0][1]) if self.rows else 0  # of a run that goes on from a saved state
        done = epoch - first
        spacing = max(1, 2 * (1 << done.bit_length() - 1) // FIRST) if done else 1
        return first + done - done % spacing + spacing

    def drop_after(self, step: int) -> None:
        """Forget what was measured later than that."""
        kept = [row for row in self.rows if row[0] <= step]
        if len(kept) < len(self.rows):
            self.rows, self.version = kept, self.version + 1

    def table(self, first: int = 0) -> np.ndarray:
        """The rows from that one on, (rows, width), float64."""
        return np.array(self.rows[first:]).reshape(-1, self.width)
