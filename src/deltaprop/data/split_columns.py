"""The columns of a table that say how it is split: the time of each row, or its group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .columns import Frame, Series, infer_kind, parse_dates, read_numbers, read_texts
from .dates import doubt, example
from .unused import alike

WAYS = ", ".join(map(example, ("ISO8601", "%d.%m.%Y", "%m/%d/%Y", "%d.%m.%y", "%d %b %Y")))


def split_columns(
    name: str,
    frame: Frame,
    time: str | None,
    group: str | None,
    kept: Sequence[str],
    order: str | None = None,
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The fields `Dataset.time` or `Dataset.groups`, and a note on each; columns in `kept` are inputs as well.

    `order` is that of day and month, where dates do not show it.
    """
    found, notes = {}, []
    if time is not None:
        found["time"] = read_time(name, frame[time], order=order)
        notes.append(f"column {time!r} orders the rows{_no_input(time, kept)}{_doubt(frame[time], order)}")
    if group is not None:
        found["groups"] = read_groups(name, frame[group])
        count = len(np.unique(found["groups"]))
        notes.append(f"column {group!r} names {count} groups{_no_input(group, kept)}")
        if close := alike(np.unique(found["groups"]).tolist()):
            notes.append(f"column {group!r} has groups that {close}; they count as different")
    return found, notes


def _doubt(values: Series, order: str | None) -> str:
    column = infer_kind("time", str(values.name), values, dates=order)
    return doubt(values, column.format) if column.kind == "date" else ""


def _no_input(column: str, kept: Sequence[str]) -> str:
    return "" if column in kept else f" and is left out of the inputs; --keep {column!r} uses it as well"


def read_time(name: str, values: Series, dates: bool | None = None, order: str | None = None) -> np.ndarray:
    """The column by which rows are ordered, dates or numbers: datetime64 or float64 (n,), nothing missing.

    `dates`: whether it must hold dates, as it does elsewhere, or must not.

    >>> import pandas as pd
    >>> read_time("t.csv", pd.Series(["24.12.2024", "31.12.2024"], name="day"))
    array(['2024-12-24T00:00:00.000000', '2024-12-31T00:00:00.000000'],
          dtype='datetime64[us]')
    """
    label = str(values.name)
    _refuse_missing(name, "time", values)
    column = infer_kind(name, label, values, dates=order)
    if column.kind not in ("number", "date") or (dates is not None and dates != (column.kind == "date")):
        wanted = {
            None: f"numbers, or dates like {WAYS}",
            True: "dates as in training",
            False: "numbers as in training",
        }[dates]
        found = f"--time names column {label!r}, whose kind is {column.kind} ({column.reason})"
        raise InputError(f"{name}: {found}, expected {wanted}; name another column.")
    if column.kind == "number":
        return read_numbers(name, label, values)
    moments = parse_dates(name, label, values, column.format, "correct the entry, or leave the row out")
    return moments.dt.tz_convert(None).to_numpy("datetime64[us]")


def read_groups(name: str, values: Series) -> np.ndarray:
    """The column whose entries name the groups, as texts (n,), nothing missing."""
    _refuse_missing(name, "group", values)
    return read_texts(values).astype(str)


def _refuse_missing(name: str, option: str, values: Series) -> None:
    missing = values.isna().to_numpy()
    if missing.any():
        row = int(values.index[int(np.argmax(missing))]) + 1
        found = f"column {str(values.name)!r} has no entry in row {row}"
        raise InputError(
            f"{name}: {found}, expected one in each as --{option}; fill it, or leave the row out."
        )
