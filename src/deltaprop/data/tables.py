"""Table files as data sets: read, checked, the kind of each column inferred and reported."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import InputError, short
from .columns import Frame, Series, holds_numbers
from .dataset import Dataset
from .dates import shown_order
from .inputs import read_inputs
from .options import by_number, check_names, column_names
from .reading.entries import UNITS
from .reading.table_files import read_table
from .reading.table_format import RECOGNISED, TableFormat
from .split_columns import split_columns
from .tasks import infer_task
from .tasks import notes as target_notes


def load_table(
    path: str | os.PathLike,
    target: str | Sequence[str],
    task: str | None = None,
    drop: str | Sequence[str] = (),
    category: str | Sequence[str] = (),
    format: TableFormat = RECOGNISED,
    *,
    keep: str | Sequence[str] = (),
    keep_na: str | Sequence[str] = (),
    unique: bool = False,
    time: str | None = None,
    group: str | None = None,
) -> Dataset:
    """A table file as a data set.

    Columns of no use as inputs are left out, and named in `Dataset.notes`: those without any entry or with a single
    value (and nothing missing) in the rows that have a target, and what `deltaprop.data.unused.why_unused` finds.

    Parameters
    ----------
    path : path of a file
        Its kinds and formats: see `deltaprop.data.reading.table_files.read_table`. Empty fields, ``NA``, ``NaN``,
        ``null``, ``?`` and the like are missing entries.
    target : str or sequence of str
        The column to predict; several make a regression with several outputs. Rows without a target are left out, and
        their number is reported in `Dataset.notes`.
    task : {"classification", "regression"}, optional
        Inferred by default: see `infer_task`.
    drop, category, keep : str or sequence of str
        Columns to leave out; columns to read as categories even if they look like numbers or dates; columns to use
        although they would be left out. Those in `category` are used as well.
    keep_na : str or sequence of str
        Columns of labels where ``NA``, ``None`` and the like are labels too, and only empty fields are missing entries.
    unique : bool
        Whether rows that repeat an earlier one in all columns in use, those of target, `time` and `group` included, are
        left out. They are counted in `Dataset.notes` in any case.
    format : TableFormat, optional
        How the file is written, where that is not to be recognised.
    time, group : str, optional
        The column that orders the rows, dates or numbers, or names the group of each: `Dataset.time`, `Dataset.groups`.
        It is no input.

    Raises
    ------
    InputError
        If the file cannot be read or is empty; a column is unknown, or holds infinity or text among numbers; no input
        is left; the target has a single value or does not fit the task.
    """
    import pandas as pd

    options = {
        "--target": target,
        "--drop": drop,
        "--category": category,
        "--keep": keep,
        "--keep-na": keep_na,
        "--time": () if time is None else time,
        "--group": () if group is None else group,
    }
    given = {option: column_names(option, value) for option, value in options.items()}
    texts = [*given["--category"], *given["--keep-na"], *given["--group"]]
    named = {name for names in given.values() for name in names if not name.isdecimal()}
    asked = format
    frame, format, notes = read_table(path, texts, format=asked, keep_na=given["--keep-na"], known=named)
    name = Path(path).name
    if unused := [option for option in asked.options() if getattr(format, option) is None]:
        notes.append(f"of no use for a {Path(path).suffix} file: --{', --'.join(unused)}")
    given = {option: by_number(names, format.header, list(frame.columns)) for option, names in given.items()}
    targets, dropped, categories, kept, labelled, ordering, grouping = given.values()
    texts = {*categories, *labelled}
    sheet = f" (sheet {short(format.sheet)}; another: --sheet)" if format.sheet and not asked.sheet else ""
    check_names(name + sheet, given, list(frame.columns))
    rows = frame[targets].notna().all(axis=1).to_numpy()
    written = "" if rows.all() else _written_as(path, frame, targets, format)
    try:
        t, inferred, sentence = infer_task(name, frame[targets], task, as_text=set(targets) <= texts)
    except InputError as error:  # a class of its own, perhaps
        raise InputError(str(error).rstrip(".") + f"{written}.") if written else error from None
    notes += target_notes(frame[targets], t, inferred, task is not None)
    dates = format.dates or shown_order(_texts(frame)) or ("day-first" if format.decimal == "," else None)
    not_inputs = {*targets, *dropped, *ordering, *grouping} - set(kept)
    inputs = read_inputs(name, frame.drop(columns=list(not_inputs)), rows, texts, kept, dates)
    notes += inputs.notes
    if not rows.all():
        notes.append(f"{int((~rows).sum())} of {len(frame)} rows left out: their target is missing{written}")
    x, t = inputs.x[rows], t[rows]
    others = [column for column in (*targets, *ordering, *grouping) if column not in x]
    repeated, said = _repeated(pd.concat([x, frame.loc[rows, others]], axis=1), unique)
    notes += said
    if unique:
        x, t = x[~repeated], t[~repeated]
    time, group = (next(iter(names), None) for names in (ordering, grouping))
    order, said = split_columns(name, frame.loc[x.index], time, group, kept, dates)
    notes += said
    recognized = format.options()
    if inputs.unused:
        recognized["drop"] = (*dropped, *inputs.unused)
    return Dataset(
        name,
        x,
        t,
        inferred,
        columns=inputs.columns,
        target_names=tuple(targets),
        notes=tuple(notes),
        reason=sentence,
        recognized=recognized,
        units=frame.attrs.get(UNITS, {}),
        **order,
    )


def _texts(frame: Frame) -> list[Series]:
    return [values for _, values in frame.items() if values.dtype.kind == "O"]


def _repeated(table: Frame, left_out: bool) -> tuple[np.ndarray, list[str]]:
    """Which rows (n,) repeat an earlier one, and a note on their number."""
    repeated = table.duplicated().to_numpy()
    count = int(repeated.sum())
    if not count:
        return repeated, []
    rows, what = f"{count} of {len(table)} rows", "repeats" if count == 1 else "repeat"
    if left_out:
        return repeated, [f"{rows} left out: {'it' if count == 1 else 'they'} {what} an earlier row"]
    return repeated, [f"{rows} {what} an earlier row (to leave such rows out: --unique)"]


def _written_as(path: str | os.PathLike, frame: Frame, targets: list[str], format: TableFormat) -> str:
    """How a missing target of texts is written in the file, and how that becomes a label; empty if it is not."""
    if len(targets) > 1 or holds_numbers(frame[targets[0]]) or format.missing is not None:
        return ""
    again = read_table(path, targets, format=format, keep_na=targets, known=list(frame.columns))
    written = again.frame[targets[0]].reindex(frame.index)
    found = sorted(map(str, written[frame[targets[0]].isna()].dropna().unique()))
    if not found:
        return ""
    shown = ", ".join(map(short, found[:4]))
    return f" (missing entries are written as {shown}; if that is a label: --keep-na {targets[0]!r})"
