"""Table files (.csv, .tsv, .parquet) as data sets: read, checked, the kind of each column inferred and reported."""

from __future__ import annotations

import csv
import gzip
import io
import os
import warnings
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from ..errors import InputError, short
from .columns import Frame, holds_numbers
from .dataset import Dataset
from .inputs import read_inputs
from .options import check_names, column_names
from .split_columns import split_columns
from .table_format import RECOGNISED, TableFormat, recognise
from .tasks import infer_task
from .tasks import notes as target_notes
from .unused import counts_rows

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")


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
    path : path of a .csv, .tsv (optionally .gz) or .parquet file
        The separator of a text file is recognised from its header. Empty fields, ``NA``, ``NaN``, ``null``, ``?`` and
        the like are missing entries.
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
        How a text file is written, where that is not to be recognised.
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
    targets, dropped, categories, kept, labelled, ordering, grouping = given.values()
    texts = {*categories, *labelled}
    frame, format, notes = read_table(path, [*texts, *grouping], format=format, keep_na=labelled)
    name = Path(path).name
    check_names(name, given, list(frame.columns))
    rows = frame[targets].notna().all(axis=1).to_numpy()
    written = "" if rows.all() else _written_as(path, frame, targets, format)
    try:
        t, inferred, sentence = infer_task(name, frame[targets], task, as_text=set(targets) <= texts)
    except InputError as error:  # a class of its own, perhaps
        raise InputError(str(error).rstrip(".") + f"{written}.") if written else error from None
    notes += target_notes(frame[targets], t, inferred, task is not None)
    not_inputs = {*targets, *dropped, *ordering, *grouping} - set(kept)
    inputs = read_inputs(name, frame.drop(columns=list(not_inputs)), rows, texts, kept)
    notes += inputs.notes
    if not rows.all():
        notes.append(f"{int((~rows).sum())} of {len(frame)} rows left out: their target is missing{written}")
    x, t = inputs.x[rows], t[rows]
    others = [column for column in (*targets, *ordering, *grouping) if column not in x]
    repeated = pd.concat([x, frame.loc[rows, others]], axis=1).duplicated().to_numpy()
    if repeated.any():
        count = f"{int(repeated.sum())} of {len(x)} rows"
        repeat = "repeat" if repeated.sum() > 1 else "repeats"
        if unique:
            notes.append(f"{count} left out: {'they' * (repeat == 'repeat') or 'it'} {repeat} an earlier row")
            x, t = x[~repeated], t[~repeated]
        else:
            notes.append(f"{count} {repeat} an earlier row (to leave such rows out: --unique)")
    order, said = split_columns(name, frame.loc[x.index], time, group, kept)
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
        **order,
    )


def _written_as(path: str | os.PathLike, frame: Frame, targets: list[str], format: TableFormat) -> str:
    """How a missing target of texts is written in the file, and how that becomes a label; empty if it is not."""
    if len(targets) > 1 or holds_numbers(frame[targets[0]]):
        return ""
    written = read_table(path, targets, format=format, keep_na=targets)[0][targets[0]]
    found = sorted(map(str, written[frame[targets[0]].isna()].dropna().unique()))
    if not found:
        return ""
    shown = ", ".join(map(short, found[:4]))
    return f" (missing entries are written as {shown}; if that is a label: --keep-na {targets[0]!r})"


def read_table(
    path: str | os.PathLike,
    texts: Sequence[str] = (),
    content: str | None = None,
    format: TableFormat = RECOGNISED,
    keep_na: Sequence[str] = (),
) -> tuple[Frame, TableFormat, list[str]]:
    """The file as a table with string column names and rows numbered from 0, its format, and notes on what was done.

    The columns `texts` keep the spelling of a text file: 01 stays 01. In the columns `keep_na` only empty fields of a
    text file are missing, not NA and the like. With `content`, the characters of a text file, nothing is read from
    disk, and `path` only names the table.
    """
    import pandas as pd

    path = Path(path)
    if content is None:
        _check_file(path)
    try:
        if content is None and path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame, format = _read_text(path, texts, content, format, keep_na)
    except InputError:
        raise
    except UnicodeDecodeError:
        raise InputError(f"data: {path} is not UTF-8 text, expected UTF-8; save it so.") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"data: {path} is empty, expected a header and rows; check the file.") from None
    except Exception as error:  # pyarrow's and pandas' own classes: foreign, truncated or ragged files
        what = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        found = f"{path} cannot be read ({what.splitlines()[0].rstrip('.')})"
        raise InputError(f"data: {found}, expected a complete {path.suffix} file; check it.") from error
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns])
    _refuse_repeated(path.name, list(frame.columns))
    if len(frame) == 0:
        raise InputError(f"{path.name}: the table has no rows below its header, expected some; add rows.")
    notes = []
    for column in [name for name in frame.columns if name.startswith("Unnamed: ")]:
        if counts_rows(frame[column]):
            del frame[column]
            notes.append("the column without a name was left out: it numbers the rows")
    return frame, format, notes


def _check_file(path: Path) -> None:
    if not os.path.isfile(path):  # False for a path longer than the system allows, where pathlib raises
        state = "is a folder" if os.path.isdir(path) else "does not exist"
        raise InputError(f"data: {path} {state}, expected a .csv or .parquet file; check the path.")
    if not path.name.lower().endswith(SUFFIXES):
        known = ", ".join(SUFFIXES)
        raise InputError(f"data: {path} has another suffix, expected one of {known}; convert or rename it.")


def _read_text(
    path: Path, texts: Sequence[str], content: str | None, format: TableFormat, keep_na: Sequence[str]
) -> tuple[Frame, TableFormat]:
    import pandas as pd

    if content is None:
        opened = gzip.open if path.suffix.lower() == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            lines = _first_lines(file)
    else:
        content = content.removeprefix("\ufeff")
        lines = _first_lines(io.StringIO(content, newline=""))
    format = recognise(lines, format, tabs=".tsv" in path.name.lower())
    separator = format.separator
    header = next(csv.reader(lines[:1], delimiter=separator or ",", skipinitialspace=True), [])
    _refuse_repeated(path.name, [entry.strip() for entry in header if entry.strip()])
    options: dict[str, Any] = {
        "sep": separator,
        "decimal": format.decimal or ".",
        "skipinitialspace": True,
        "index_col": False,
        "encoding": "utf-8",
        "low_memory": False,
    }

    def read(**more: Any) -> Frame:
        frame = pd.read_csv(path if content is None else io.StringIO(content), **options, **more)
        return frame.rename(columns=lambda name: str(name).strip())

    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header lose entries
        frame = read(na_values=["?"], dtype=dict.fromkeys(texts, str))
    if labelled := set(keep_na) & set(frame.columns):
        found = read(
            keep_default_na=False, na_values=[""], dtype=str, usecols=lambda c: c.strip() in labelled
        )
        frame[found.columns] = found
    return frame, format


def _first_lines(file: TextIO) -> list[str]:
    """The first lines that are not blank: the header, and some rows."""
    return list(islice((line for line in file if line.strip()), 100)) or [""]


def _refuse_repeated(name: str, header: Sequence[str]) -> None:
    if repeated := [column for column, count in Counter(header).items() if count > 1]:
        column = short(repeated[0])
        raise InputError(f"{name}: header names column {column} twice, expected distinct names; rename one.")
