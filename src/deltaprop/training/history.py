"""What training was like: one row of numbers for each epoch, and why it ended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..errors import InputError

#: Why a fit may have ended.
STATUSES = (
    "completed",
    "early_stopped",
    "converged",
    "stalled",
    "max_fun",
    "time_limit",
    "diverged",
    "interrupted",
    "stopped_by_callback",
)

#: Columns of which there is one for each layer: ``gradient_norm_0``, ``gradient_norm_2``, … The first two are of layers
#: with parameters, the next two of activation layers, the last of layers with weights.
GROUPS = ("gradient_norm", "update_ratio", "dead", "saturated", "l2")


class History:
    """The table of a fit, one row per epoch, and its outcome.

    =====================  =================================================================================
    column                 meaning
    =====================  =================================================================================
    epoch                  number of epochs done, 1 in the first row
    train_loss             mean loss of the epoch's batches, each taken before its step (penalty included),
                           weighted by the sample weights; dropout is active in it
    train_score            score on the training samples after the epoch, if asked for
    validation_loss        loss on the validation samples after the epoch, penalty included
    validation_score       score on them: accuracy, R², or the function given to `fit`
    learning_rate          of the epoch's last step, plateau factor included; 1 for a solver, which shows numbers of
                           its own beside it, such as ``damping``
    gradient_norm_l        root mean square, over the epoch's steps, of ‖∂E/∂θ_l‖ of layer l, before clipping
    update_ratio_l         root mean square of ‖Δθ_l‖ over the steps, divided by ‖θ_l‖ after the epoch
    dead_l                 fraction of the units of activation layer l that are dead: f′ = 0 on every sample
                           of a fixed probe of at most 256 training samples
    saturated_l            fraction of units with |f′| < 5 % of the function's largest |f′| on at least
                           95 % of the probe
    seconds                wall-clock time of the epoch, measurements included
    =====================  =================================================================================

    l is the layer's depth-first number in the network, from 0.

    Parameters
    ----------
    columns : sequence of str
    monitor : str, optional
        The column that decides which epoch was best; ``validation_loss`` where there is one, else ``train_loss``.

    Attributes
    ----------
    status : str
        Why the fit ended: one of `STATUSES`.
    message : str
        What happened.
    kept_epoch : int or None
        The last complete epoch of the weights that the fit ended with; None before it has ended.
    state : Snapshot or None
        From where training can be continued, if ``fit(..., keep_state=True)``; not pickled.

    Examples
    --------
    >>> history = History(["epoch", "train_loss", "gradient_norm_0", "gradient_norm_2"])
    >>> history.append({"epoch": 1, "train_loss": 0.5, "gradient_norm_0": 2.0, "gradient_norm_2": 3.0})
    >>> history.append({"epoch": 2, "train_loss": 0.25, "gradient_norm_0": 1.0, "gradient_norm_2": 2.0})
    >>> print(history["train_loss"])
    [0.5  0.25]
    >>> print(history["gradient_norm"])
    [[2. 3.]
     [1. 2.]]
    >>> len(history), history.best_epoch, history.last["train_loss"]
    (2, 2, 0.25)
    """

    def __init__(self, columns: Sequence[str], monitor: str | None = None):
        self.columns = tuple(columns)
        self.monitor = monitor or ("validation_loss" if "validation_loss" in self.columns else "train_loss")
        self.status = ""
        self.message = ""
        self.kept_epoch: int | None = None
        self.state: Any = None
        self._rows: list[list[float]] = []

    def append(self, row: dict[str, float]) -> None:
        """Add the row of one epoch: a number for every column."""
        self._rows.append([row[name] for name in self.columns])

    def extend(self, table: np.ndarray) -> None:
        """Add the rows of such a table, shape (epochs, columns)."""
        rows = table.tolist()
        if "epoch" in self.columns:
            epoch = self.columns.index("epoch")
            for row in rows:
                row[epoch] = int(row[epoch])
        self._rows += rows

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> np.ndarray:
        """A column, shape (epochs,); or all columns of a group such as ``"gradient_norm"``, shape (epochs, layers)."""
        table = self.table()
        if name in self.columns:
            return table[:, self.columns.index(name)]
        if name in GROUPS:
            return table[:, [i for i, c in enumerate(self.columns) if _group(c) == name]]
        raise KeyError(
            f"History has no column {name!r}; it has {', '.join(self.columns)}, groups {', '.join(GROUPS)}"
        )

    @property
    def first(self) -> dict[str, float]:
        """The oldest row; empty before the first epoch ends."""
        return dict(zip(self.columns, self._rows[0], strict=True)) if self._rows else {}

    @property
    def last(self) -> dict[str, float]:
        """The newest row; empty before the first epoch ends."""
        return dict(zip(self.columns, self._rows[-1], strict=True)) if self._rows else {}

    @property
    def best_epoch(self) -> int | None:
        """Number of the epoch that was best by the monitored column; None without a finite value.

        Of several that are equally good it is the one whose weights were kept, or else the first.
        """
        if self.monitor not in self.columns or not np.isfinite(self[self.monitor]).any():
            return None
        values = self[self.monitor] * direction(self.monitor)
        values = np.where(np.isfinite(values), values, np.inf)
        best = self["epoch"][values == values.min()].astype(int).tolist()
        return self.kept_epoch if self.kept_epoch in best else best[0]

    def newest(self, name: str, count: int) -> list[float]:
        """The last `count` numbers of a column."""
        column = self.columns.index(name)
        return [row[column] for row in self._rows[len(self._rows) - count :]]

    def table(self) -> np.ndarray:
        """All rows as a float64 array of shape (epochs, columns)."""
        return np.array(self._rows, np.float64).reshape(len(self._rows), len(self.columns))

    def copy(self) -> History:
        """The same rows, to be continued; no outcome."""
        other = History(self.columns, self.monitor)
        other._rows = list(self._rows)
        return other

    def fill(self, table: np.ndarray) -> None:
        """Replace all rows by those of such an array."""
        self._rows = []
        self.extend(table)

    def to_pandas(self) -> Any:
        """The table as a pandas data frame (pandas is imported here)."""
        import pandas

        return pandas.DataFrame(self._rows, columns=list(self.columns))

    def to_csv(self, path: str | Path) -> None:
        """Write the table as a CSV file, atomically; every number reads back exactly."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self._rows)
        files.write(path, text.getvalue())

    @classmethod
    def from_csv(cls, path: str | Path) -> History:
        """The table in a file written by `to_csv`; its status and message are empty.

        Raises
        ------
        InputError
            If the file cannot be read or is not such a table.
        """
        try:
            with Path(path).open(newline="", encoding="utf-8") as file:
                columns, *rows = list(csv.reader(file)) or [[]]
            history = cls(columns)
            history.fill(np.array(rows, np.float64).reshape(len(rows), len(columns)))
            history["epoch"]
        except OSError as error:
            raise InputError(
                f"History: path is {str(path)!r} ({error.strerror}), expected a readable file; check the path."
            ) from error
        except (ValueError, KeyError, OverflowError, csv.Error):
            raise InputError(
                f"History: path is {str(path)!r}, expected a history written by to_csv; choose that file."
            ) from None
        return history

    def __repr__(self) -> str:
        shown = [c for c in self.columns if _group(c) not in GROUPS]
        n, best = len(self), self.best_epoch
        head = f"History: {n} epoch{'s' * (n != 1)}" + (f", {self.status}" if self.status else "")
        if best is not None:
            head += f", best epoch {best}"
        rows = [dict(zip(self.columns, row, strict=True)) for row in self._rows]
        lines, previous = [_line(shown)], -1
        for i in [i for i in range(n) if i < 3 or i >= n - 3 or rows[i]["epoch"] == best]:
            lines += ["  …"] * (i > previous + 1)
            lines.append(_line([f"{rows[i][c]:.5g}" for c in shown], shown))
            previous = i
        return "\n".join([head, *lines * (n > 0), *[self.message] * bool(self.message)])

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"state": None}


def column_names(
    validation: bool,
    train_score: bool,
    shown: Iterable[str],
    layers: Iterable[str],
    activations: Iterable[str],
) -> list[str]:
    """The columns of a fit's history.

    `shown` are those of the engine, such as the learning rate, `layers` the names of the layers with parameters,
    `activations` those of the activation layers.
    """
    return [
        "epoch",
        "train_loss",
        *["train_score"] * train_score,
        *["validation_loss", "validation_score"] * validation,
        *shown,
        *[f"{group}_{l}" for group in GROUPS[:2] for l in layers],
        *[f"{group}_{l}" for group in GROUPS[2:4] for l in activations],
        "seconds",
    ]


def direction(column: str) -> int:
    """1 for a column in which smaller is better, −1 for a score."""
    return -1 if column.endswith("score") else 1


def _group(column: str) -> str:
    return column.rpartition("_")[0]


def _line(cells: Sequence[str], heads: Sequence[str] | None = None) -> str:
    return "  ".join(cell.rjust(max(len(head), 10)) for cell, head in zip(cells, heads or cells, strict=True))
