"""Tables of one's own in the playground: read, described, and a part of their rows made ready for a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .. import stratified
from ..data.columns import Column, infer_kind, read_numbers
from ..data.encoding import STANDARD
from ..data.reading.records import outside_quotes
from ..data.reading.table_format import SEPARATORS
from ..data.scaling import mean_and_scale
from ..data.tables import read_table
from ..data.tasks import infer_task
from ..data.transforms import Table as Scaling
from ..data.unused import counts_rows
from ..errors import InputError
from ..seeds import stream
from .complaints import Complaint
from .data import held_out
from .settings import MAX_FEATURES, MAX_SAMPLES, Data, TableUse

MAX_CHARACTERS = 4_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_NAME = 200  # characters
MAX_CLASSES = 10

NUMERIC = ("number", "boolean")
TARGETS = (*NUMERIC, "id", "category")


@dataclass(frozen=True)
class Part:
    """Rows of a table as a network learns from them: inputs standardized over the training part, gaps filled.

    The values of a regression are standardized too.
    """

    inputs: np.ndarray  # (n, d) float32
    names: tuple[str, ...]  # of the inputs
    targets: np.ndarray  # (n,) int64 numbers of classes, or float32 values
    classes: tuple[str, ...]  # empty for regression
    test: np.ndarray  # (n,) bool


@dataclass(frozen=True, eq=False)
class Table:
    """A table with the kinds of its columns; `name` and `text` are all that `read` needs to make it again.

    >>> table = read("points.csv", "a,b,kind\\n1,2,red\\n3,5,blue\\n2,1,red\\n0,4,blue")
    >>> [(column.name, column.kind) for column in table.columns]
    [('a', 'number'), ('b', 'number'), ('kind', 'category')]
    """

    name: str
    text: str
    frame: Any  # of pandas
    columns: tuple[Column, ...]

    def describe(self) -> dict[str, Any]:
        """What the page shows of the table, and the data settings to begin with."""
        return {
            "name": self.name,
            "rows": len(self.frame),
            "columns": [{"name": column.name, "kind": column.kind} for column in self.columns],
            "suggested": self.suggested.model_dump(mode="json"),
        }

    @cached_property
    def suggested(self) -> Data:
        """Data settings to begin with: the target is the last column that can be one."""
        for column in reversed(self.columns):
            use = TableUse(target=column.name)
            if column.kind in (*NUMERIC, "category") and len(self._inputs(use)) >= 2:
                try:
                    self._target(use)
                except InputError:
                    continue
                return Data(name="table", table=use, samples=max(4, min(len(self.frame), MAX_SAMPLES)))
        raise Complaint("table_no_target", name=self.name)

    def take(self, data: Data, use: TableUse) -> Part:
        """The rows and columns that the settings name, at most `data.samples` rows at random."""
        t, classes = self._target(use)
        names = self._inputs(use)
        if len(names) < 2:
            raise Complaint("table_few_columns", name=self.name, got=len(names))
        rows = np.flatnonzero(self.frame[use.target].notna().to_numpy())
        if data.samples < len(rows):
            labels = t[rows] if classes else np.zeros(len(rows))
            rng = np.random.default_rng(stream(data.seed, "data"))
            rows = rows[stratified.draw(labels, data.samples / len(rows), rng)]
        t = t[rows]
        test = held_out(data, len(rows), t if classes else None)
        with _complaints():
            columns = [read_numbers(self.name, name, self.frame[name]) for name in names]
            x, train = np.stack(columns, axis=1)[rows], ~test
            encoding = replace(STANDARD, indicators=False)
            scaling = Scaling.learn([Column(name, "number") for name in names], x[train], encoding)
            inputs = scaling.transform(self.name, x)
            if not classes:
                mean, scale = (a[0] for a in mean_and_scale((f"target {use.target!r}",), t[train][:, None]))
                t = ((t - mean) / (scale or 1.0)).astype(np.float32)
        return Part(inputs, names, t, classes, test)

    def positions(self, columns: Sequence[str], among: Sequence[str]) -> list[int]:
        """Where two different columns are among the inputs."""
        for name in columns:
            if name not in among:
                raise Complaint("table_axis", column=name, known=", ".join(among))
        if len(set(columns)) != 2:
            raise Complaint("table_two_axes")
        return [among.index(name) for name in columns]

    def _inputs(self, use: TableUse) -> tuple[str, ...]:
        """The names of the input columns."""
        kinds = {column.name: column.kind for column in self.columns}
        if not use.columns:
            numeric = [name for name, kind in kinds.items() if kind in NUMERIC and name != use.target]
            return tuple(numeric[:MAX_FEATURES])
        if len(use.columns) > MAX_FEATURES or len(set(use.columns)) < len(use.columns):
            raise Complaint("table_many_inputs", got=len(use.columns), most=MAX_FEATURES)
        for name in use.columns:
            if name == use.target or kinds.get(name) not in (*NUMERIC, "id"):
                raise Complaint("table_input", column=name, name=self.name)
        return use.columns

    def _target(self, use: TableUse) -> tuple[np.ndarray, tuple[str, ...]]:
        """Numbers of classes int64, or values float64, of all rows, and the names of the classes.

        Where a row has no target its entry is arbitrary.
        """
        kinds = {column.name: column.kind for column in self.columns if column.kind in TARGETS}
        if use.target not in kinds:
            raise Complaint("table_target", column=use.target, known=", ".join(kinds))
        if kinds[use.target] == "category":
            if use.task == "regression":
                raise Complaint("table_values", column=use.target)
            self._check_classes(use.target, self.frame[use.target].nunique())
        with _complaints():
            task = None if use.task == "auto" else use.task
            t, task, _ = infer_task(self.name, self.frame[[use.target]], task)
        if task == "regression":
            return t, ()
        classes = np.unique(t[self.frame[use.target].notna().to_numpy()])
        self._check_classes(use.target, len(classes))
        codes = np.searchsorted(classes, t).astype(np.int64)
        return np.minimum(codes, len(classes) - 1), tuple(map(str, classes.tolist()))

    def _check_classes(self, column: str, count: int) -> None:
        if count > MAX_CLASSES:
            raise Complaint("table_many_classes", column=column, got=count, most=MAX_CLASSES)


def read(name: str, text: str) -> Table:
    """A table from the text of a CSV file; the separator is found from its header.

    Raises
    ------
    Complaint
        If the text is no table, is too large, or has fewer than two columns of numbers.
    """
    if len(text) > MAX_CHARACTERS:
        raise Complaint("table_large", name=name, most=MAX_CHARACTERS // 1_000_000)
    if not text.strip("\ufeff \t\r\n"):
        raise Complaint("table_empty", name=name)
    if "\0" in text:
        raise Complaint("table_binary", name=name)
    if any(map(_is_wide, text.splitlines())):
        raise Complaint("table_wide", name=name, most=MAX_COLUMNS)
    if max(text.count("\n"), text.count("\r")) > MAX_ROWS + 1:  # the header, and an end of the last line
        raise Complaint("table_long", name=name, most=MAX_ROWS)
    with _complaints():
        frame, *_ = read_table(name, content=text)
    if max(map(len, frame.columns)) > MAX_NAME:
        raise Complaint("table_names", name=name, most=MAX_NAME)
    columns = tuple(_kind(name, label, frame[label]) for label in frame.columns)
    numbers = sum(column.kind in NUMERIC for column in columns)
    if numbers < 2:
        raise Complaint("table_few_columns", name=name, got=numbers)
    table = Table(name, text, frame, columns)
    _ = table.suggested  # refused if nothing can be learned from it
    return table


def _is_wide(line: str) -> bool:
    """Whether a line has more entries than a table may have columns; each would take memory while it is read."""
    return any(
        line.count(s) >= MAX_COLUMNS and outside_quotes(line).count(s) >= MAX_COLUMNS for s in SEPARATORS
    )


def _kind(name: str, label: str, values: Any) -> Column:
    """The column with its kind: that of `infer_kind`, "id" where it numbers the rows, or "constant", "empty"."""
    if not values.notna().any():
        return Column(label, "empty")
    if values.nunique() == 1:
        return Column(label, "constant")
    with _complaints():
        column = infer_kind(name, label, values)
    return replace(column, kind="id") if counts_rows(values) and len(values) > 2 else column


@contextmanager
def _complaints() -> Iterator[None]:
    """Turns an `InputError` of reading a table into a `Complaint`."""
    try:
        yield
    except Complaint:
        raise
    except InputError as error:
        raise Complaint("table_unusable", what=str(error)) from None
