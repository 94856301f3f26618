"""Quotes that are opened and not closed: a reader would take the following lines for a part of the field."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from ...errors import InputError
from ..columns import Frame


def over_lines(frame: Frame) -> bool:
    """Whether an entry of a table goes over several lines."""
    texts = (values.astype("str") for _, values in frame.items() if values.dtype.kind == "O")
    return any(values.str.contains("\n", regex=False, na=False).any() for values in texts)


def refuse_open(name: str, lines: Iterable[str], separator: str, width: int) -> None:
    """Refuse a quoted field over several lines that is not closed before a separator or the end of a line.

    So is one that has lines with as many separators as the rows, which are rows.

    Parameters
    ----------
    lines : iterable of str
        The whole text, with line ends.
    width : int
        The number of columns.
    """
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)
    for first, last, fields in _records(reader):
        if last == first:
            continue
        if fields is None or any(_holds_rows(field, separator, width) for field in fields):
            where = f"line {first} opens a quote that is not closed before line {last}"
            remedy = 'remove the sign ", or write it twice within quotes'
            raise InputError(f'{name}: {where}, expected a closing " at the end of the field; {remedy}.')


def _records(reader: Iterator[list[str]]) -> Iterator[tuple[int, int, list[str] | None]]:
    """The first and the last line of each record, from 1, and its fields; None where a quote is not closed."""
    while True:
        first = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        yield first, reader.line_num, fields  # type: ignore[attr-defined]


def _holds_rows(field: str, separator: str, width: int) -> bool:
    """Whether most of the whole lines of a field look like rows."""
    inner = field.splitlines()[1:-1]
    return width > 2 and sum(line.count(separator) == width - 1 for line in inner) > len(inner) / 2
