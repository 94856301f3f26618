"""Entries of a table that has been read: texts as numbers where all are, rows and columns of no use left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...errors import InputError
from ..columns import Frame, Series
from ..unused import counts_rows
from .footers import without_footer
from .header import refuse_repeated
from .layout import Layout
from .numerals import is_identifier, read_column
from .table_format import TableFormat

SOME = 1000  # entries that are looked at for leading zeros
UNITS = "units"  # the attribute of a frame that was read: by column what stands beside its numbers


class TableRead(NamedTuple):
    """A table with string column names and rows numbered from 0, its complete format, and what was done to it."""

    frame: Frame
    format: TableFormat
    notes: list[str]


@dataclass(frozen=True)
class Wanted:
    """What is known before a file is read: the parameters of `read_table`."""

    path: Path
    format: TableFormat
    like: TableFormat
    known: Collection[str]
    texts: Sequence[str]
    keep_na: Sequence[str]
    numbers: Collection[str]


def completed(name: str, found: Layout) -> list[str]:
    """The names of the columns; those without are called by their numbers, or as pandas does beside others."""
    called = "Unnamed: {}" if found.format.header else "column{}"
    names = [label or called.format(j + (not found.format.header)) for j, label in enumerate(found.names)]
    refuse_repeated(name, names)
    return names


def finished(frame: Frame, found: Layout, wanted: Wanted, texts: Collection[str]) -> TableRead:
    """The table with texts read as numbers where all are, and without rows and columns that hold nothing."""
    import pandas as pd

    frame, said = without_footer(frame)
    notes = found.notes + said
    if found.format.header and (repeated := _repeats_header(frame)).any():
        notes.append(f"rows that repeat the header left out: {repeated.sum()}")
        frame = frame[~repeated].reset_index(drop=True)
    signs: dict[tuple[str, str], list[str]] = {}
    identifiers, others = [], []
    for label in frame.columns.difference(list(texts), sort=False):
        values = frame[label]
        if not (values.dtype == object or isinstance(values.dtype, pd.StringDtype)):
            continue
        if _are_identifiers(values):
            frame[label] = values.astype("category")
            identifiers.append(label)
        elif numbers := read_column(values, found.format, wanted.format, label in wanted.numbers):
            frame[label] = numbers.values
            signs.setdefault((numbers.thousands, str(numbers.unit)), []).append(label)
            if numbers.decimal != found.format.decimal:
                others.append(label)
    if identifiers:
        notes.append(f"{_columns(identifiers)}: entries such as 00123 are kept as texts")
    if others:
        sign = "point" if found.format.decimal == "," else "comma"
        notes.append(
            f"{_columns(others)}: numbers have a decimal {sign} (otherwise: --category {others[0]!r})"
        )
    notes += _removed(signs, wanted.format)
    format, separators = found.format, {thousands for thousands, _ in signs if thousands}
    if len(separators) == 1 and found.format.decimal not in separators:
        format = format.filled(thousands=separators.pop())
    names = completed(wanted.path.name, found)
    blank = [name for name, label in zip(names, found.names, strict=True) if not label and format.header]
    read = without_counts(frame, blank, format, notes, wanted)
    read.frame.attrs[UNITS] = {label: unit for (_, unit), labels in signs.items() if unit for label in labels}
    return read


def _repeats_header(frame: Frame) -> np.ndarray:
    """Which rows (n,) are the header once more, as where files were joined."""
    repeated = np.ones(len(frame), dtype=bool)
    for label, values in frame.items():
        if not repeated.any():
            break
        repeated &= (values == label).to_numpy(bool, na_value=False) if values.dtype.kind == "O" else False
    return repeated


def _are_identifiers(values: Series) -> bool:
    """Whether a column holds only digits, which numbers would not keep in all entries."""
    present = values.dropna()
    return any(isinstance(entry, str) and is_identifier(entry) for entry in present.head(SOME)) and all(
        isinstance(entry, str) and entry.strip().isdecimal() for entry in present
    )


def _removed(signs: Mapping[tuple[str, str], list[str]], given: TableFormat) -> list[str]:
    """Notes on the signs of thousands and units without which columns were read as numbers."""
    notes = []
    for (thousands, unit), labels in signs.items():
        found = ["a space" if thousands == " " else repr(thousands)] if thousands else []
        removed = [f"{sign} between thousands" for sign in found] + [repr(unit)] * bool(unit)
        options = ["--thousands none"] * bool(thousands and given.thousands is None)
        remedy = " or ".join([*options, f"--category {labels[0]!r}"])
        if removed:
            what = " and ".join(removed)
            notes.append(f"{_columns(labels)}: numbers are read without {what} (otherwise: {remedy})")
    return notes


def without_counts(
    frame: Frame, blank: list[str], format: TableFormat, notes: list[str], wanted: Wanted
) -> TableRead:
    """The frame without columns that have no name and number the rows; others without name are said."""
    if len(frame) == 0:
        name = wanted.path.name
        raise InputError(f"{name}: the table has no rows below its header, expected some; add rows.")
    counts = [label for label in blank if counts_rows(frame[label])]
    if counts:
        notes.append("the column without a name was left out: it numbers the rows")
    if called := [label for label in blank if label not in counts and frame[label].notna().any()]:
        one = (
            "the column without a name is"
            if len(called) == 1
            else f"{len(called)} columns without a name are"
        )
        notes.append(f"{one} called {_listed(called)}")
    return TableRead(frame.drop(columns=counts), format, notes)


def _columns(names: list[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {_listed(names)}"


def _listed(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:8]))}{' …' * (len(names) > 8)}"
