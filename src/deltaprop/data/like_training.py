"""Tables that are read as that of training was, and in what they differ from it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..errors import short
from .categories import positions
from .columns import Frame
from .reading.entries import UNITS, TableRead
from .reading.table_files import read_table
from .reading.table_format import TableFormat


@dataclass(frozen=True)
class TableOfTraining:
    """What training knows of its table.

    Attributes
    ----------
    format : TableFormat
        How it was written.
    names : sequence of str
        The columns in use, inputs and targets.
    texts, keep_na : sequence of str
        Those that keep their spelling; those where NA and the like are labels.
    categories : mapping of tuples
        By column what was learned.
    units : mapping of str, optional
        By column what stands beside the numbers; None: unknown.
    """

    format: TableFormat
    names: Sequence[str]
    texts: Sequence[str]
    keep_na: Sequence[str]
    categories: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str] | None

    def read(self, path: str | os.PathLike) -> TableRead:
        """Another table: by its own format, or that of training where the file does not decide; notes on both."""
        numbers = {*self.names} - {*self.texts}
        read = read_table(
            path,
            self.texts,
            format=self.format.of_others(),
            keep_na=self.keep_na,
            like=self.format,
            known=self.names,
            numbers=numbers,
        )
        return read._replace(notes=read.notes + unlike(read.frame, self.categories, self.units, numbers))


def unlike(
    frame: Frame,
    categories: Mapping[str, tuple[str, ...]],
    units: Mapping[str, str] | None,
    numbers: Collection[str],
) -> list[str]:
    """A sentence for each column with entries that are not those of training.

    Parameters
    ----------
    frame : DataFrame
        As `deltaprop.data.reading.table_files.read_table` gives it.
    categories : mapping of tuples
        By column what training has learned.
    units : mapping of str, optional
        By column what stands beside the numbers in the table of training; None: unknown.
    numbers : collection of str
        The columns of numbers in use.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"zip": ["123", "04103", None], "mass": [1, 2, 3]})
    >>> frame.attrs[UNITS] = {"mass": "g"}
    >>> print(*unlike(frame, {"zip": ("00123", "04103")}, {"mass": "kg"}, ["mass"]), sep="\\n")
    column 'zip': 1 of 3 rows has a category that training has not learned, such as '123'
    column 'mass': 'g' stands beside the numbers, 'kg' in training; they are taken as they are
    """
    found = []
    for label in frame.columns.intersection(list(categories), sort=False):
        unknown = (positions(frame[label], categories[label]) < 0) & frame[label].notna().to_numpy()
        if count := int(unknown.sum()):
            rows = f"{count} of {len(frame)} rows {'has' if count == 1 else 'have'}"
            example = short(str(frame[label][unknown].iloc[0]))
            found.append(
                f"column {label!r}: {rows} a category that training has not learned, such as {example}"
            )
    if units is None:
        return found
    here = frame.attrs.get(UNITS, {})
    for label in frame.columns.intersection(list(numbers), sort=False):
        unit, usual = (repr(of[label]) if label in of else "nothing" for of in (here, units))
        if unit != usual:
            found.append(
                f"column {label!r}: {unit} stands beside the numbers, {usual} in training; they are taken as they are"
            )
    return found


def not_as_usual(notes: Sequence[str], usual: Collection[str]) -> list[str]:
    """The notes without those on how a file is written that the file of training had as well."""
    return [note for note in notes if note not in usual or " (otherwise" not in note]
