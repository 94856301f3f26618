"""The input columns of a table: the kind of each inferred, its entries read, and those of no use left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError, short
from . import dates, unused
from .columns import (
    Column,
    Frame,
    Series,
    holds_numbers,
    infer_kind,
    no_numbers,
    parse_dates,
    read_numbers,
    read_texts,
)

NO_VALUE = "no value"
CODES, ANSWERS = 10, 20  # different texts that are codes; different entries in all that are answers
TEXT_SHARE = 0.05  # of the entries, at least


@dataclass(frozen=True, eq=False)
class Inputs:
    """The columns in use and their entries, why others are not used, and notes for the user."""

    x: Frame
    columns: tuple[Column, ...]
    unused: Mapping[str, str]
    notes: list[str]


def read_inputs(
    name: str,
    frame: Frame,
    rows: np.ndarray,
    texts: Collection[str] = (),
    keep: Collection[str] = (),
    order: str | None = None,
) -> Inputs:
    """Of the columns of `frame` those that tell something about the `rows` (n,) booleans, those with a target.

    Numbers with texts among them are categories where these are many codes, or answers such as 3+ that repeat.
    All rows are read, so that messages have their numbers. The columns `texts` are categories; these and `keep` are
    used whatever `unused.why_unused` says of them, and even if they have a single value, or none. `order` is that of
    day and month, where dates do not show it.
    """
    import pandas as pd

    if frame.shape[1] == 0:
        raise InputError(f"{name}: the table has no column besides the target, expected inputs; drop fewer.")
    columns, notes, read, why = [], [], {}, {}
    for label in frame.columns:
        values, asked = frame[label], label in texts or label in keep
        column, said = _kind(name, label, values, rows, label in texts, order)
        entries, reason = _entries(name, column, values, rows, asked)
        if reason is not None:
            why[label] = reason
            continue
        columns.append(column)
        read[label] = entries
        notes += said
        if not asked and (doubt := unused.doubt(column, values)):
            notes.append(doubt)
        if column.kind == "date":
            like = f"{dates.example(column.format)}{dates.doubt(values, column.format)}"
            notes.append(f"column {label!r} is read as dates like {like}")
        elif column.kind == "category" and (close := unused.alike(entries.dropna().unique())):
            notes.append(f"column {label!r} has categories that {close}; they stay separate")
    if not read:
        unused.refuse_all(name, why)
    return Inputs(pd.DataFrame(read), tuple(columns), why, notes + unused.notes(why))


def _kind(
    name: str, label: str, values: Series, rows: np.ndarray, as_text: bool, order: str | None
) -> tuple[Column, list[str]]:
    """The kind of a column, and a note for the user where it is text although most entries are numbers."""
    if values[rows].isna().all():
        return Column(label, "category", reason=NO_VALUE), []
    if as_text:
        return Column(label, "category", reason="requested"), []
    column = infer_kind(name, label, values, dates=order)
    texts = _no_numbers(values) if column.kind == "number" and not holds_numbers(values) else []
    if not texts:
        return column, []
    reason = f"text: entries such as {short(texts[0])} are no numbers"
    marks = " (if it marks missing entries: --missing TEXT)" if len(texts) == 1 else ""
    return Column(label, "category", reason=reason), [f"column {label!r} is read as {reason}{marks}"]


def _no_numbers(values: Series) -> list[str]:
    """The different texts among numbers that are codes or answers; none if they are marks or slips of the pen.

    Many different texts are codes; repeated ones are answers where there are few different entries in all: 0, 1, 2, 3+.
    """
    found = no_numbers(values)
    count, least = int(values.isin(found).sum()), TEXT_SHARE * values.count()
    codes = len(found) >= max(CODES, least)
    answers = values.nunique() <= ANSWERS and count >= max(2 * len(found), least)
    return found if codes or answers else []


def _entries(
    name: str, column: Column, values: Series, rows: np.ndarray, asked: bool
) -> tuple[Series, str | None]:
    """The entries of a column, and why it is not used, None if it is; columns that are asked for are."""
    if asked:
        return read_column(name, column, values), None
    reason = "empty" if column.reason == NO_VALUE else unused.why_unused(column, values)
    if reason is not None:
        return values, reason
    entries = read_column(name, column, values)
    return entries, _single_value(column, entries[rows])


def read_column(name: str, column: Column, values: Series) -> Series:
    """The entries of a column as its kind says."""
    import pandas as pd

    label = column.name
    ways = f"leave the column out (--drop {label!r}) or read it as text (--category {label!r})"
    remedy = f"correct or empty the entry (if it marks missing ones: --missing TEXT), {ways}"
    if column.kind == "category":
        return pd.Series(read_texts(values), dtype=object)
    if column.kind == "date":
        return parse_dates(name, label, values, column.format, remedy)
    return pd.Series(read_numbers(name, label, values, remedy))


def _single_value(column: Column, entries: Series) -> str | None:
    """Why a column tells nothing if it has a single value and nothing is missing: missing entries tell something."""
    if len(entries) < 2 or entries.nunique(dropna=False) > 1:
        return None
    return "rounded" if column.kind == "number" and abs(entries.iloc[0]) > 2.0**53 else "constant"
