"""Table files (.csv, .tsv, .parquet) as data sets: read, checked, the kind of each column inferred and reported."""

from __future__ import annotations

import csv
import gzip
import io
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..errors import InputError, short
from .columns import Column, Frame, Series, example, infer_kind, parse_dates, read_numbers, read_texts
from .dataset import Dataset
from .table_format import RECOGNISED, TableFormat, recognise
from .tasks import infer_task

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")


def load_table(
    path: str | os.PathLike,
    target: str | Sequence[str],
    task: str | None = None,
    drop: str | Sequence[str] = (),
    category: str | Sequence[str] = (),
    format: TableFormat = RECOGNISED,
) -> Dataset:
    """A table file as a data set.

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
    drop, category : str or sequence of str
        Columns to leave out, and columns to read as categories even if they look like numbers or dates.
    format : TableFormat, optional
        How a text file is written, where that is not to be recognised.

    Raises
    ------
    InputError
        If the file cannot be read or is empty; a column is unknown, constant, entirely missing, or holds infinity or
        text among numbers; the target has a single value or does not fit the task.
    """
    given = {"--target": target, "--drop": drop, "--category": category}
    targets, dropped, texts = (_names(option, value) for option, value in given.items())
    frame, format, notes = read_table(path, texts, format=format)
    name = Path(path).name
    for option, given in (("--target", targets), ("--drop", dropped), ("--category", texts)):
        _check_known(name, option, given, frame)
    if both := [column for column in targets if column in dropped]:
        raise InputError(f"{name}: --drop names the target {short(both[0])}, expected an input; omit it.")
    t, task, sentence = infer_task(name, frame[targets], task, as_text=set(targets) <= set(texts))
    x, columns, said = _inputs(name, frame.drop(columns=list({*targets, *dropped})), texts)
    notes += said
    missing = frame[targets].isna().any(axis=1).to_numpy()
    if missing.any():
        notes.append(f"{int(missing.sum())} of {len(frame)} rows left out: their target is missing")
        x = x[~missing]
        _refuse_constant(name, x)
    return Dataset(
        name,
        x,
        t[~missing],
        task,
        columns=tuple(columns),
        target_names=tuple(targets),
        notes=tuple(notes),
        reason=sentence,
        recognized=format.options(),
    )


def read_table(
    path: str | os.PathLike,
    texts: Sequence[str] = (),
    content: str | None = None,
    format: TableFormat = RECOGNISED,
) -> tuple[Frame, TableFormat, list[str]]:
    """The file as a table with string column names and rows numbered from 0, its format, and notes on what was done.

    The columns `texts` keep the spelling of a text file: 01 stays 01. With `content`, the characters of a text file,
    nothing is read from disk, and `path` only names the table.
    """
    import pandas as pd

    path = Path(path)
    if content is None:
        _check_file(path)
    try:
        if content is None and path.suffix.lower() == ".parquet":
            frame = pd.read_parquet(path)
        else:
            frame, format = _read_text(path, texts, content, format)
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


def _inputs(name: str, frame: Frame, texts: list[str]) -> tuple[Frame, list[Column], list[str]]:
    """The input columns read as what they are, their kinds, and notes for the user."""
    import pandas as pd

    if frame.shape[1] == 0:
        raise InputError(f"{name}: the table has no column besides the target, expected inputs; drop fewer.")
    if empty := [column for column in frame.columns if frame[column].isna().all()]:
        found = f"{_columns(empty)} {'has' if len(empty) == 1 else 'have'} no value"
        raise InputError(f"{name}: {found}, expected some; use {_drop(empty)}.")
    columns, notes, read = [], [], {}
    for label in frame.columns:
        values = frame[label]
        requested = Column(label, "category", reason="requested") if label in texts else None
        column = requested or infer_kind(name, label, values)
        columns.append(column)
        drop = _drop([label])
        remedy = f"correct or empty the entry, leave the column out ({drop}) or read it as text (--category {label!r})"
        if column.kind in ("number", "boolean"):
            read[label] = read_numbers(name, label, values, remedy)
            if counts_rows(values) and len(values) > 2:
                notes.append(
                    f"column {label!r} numbers the rows; if it is not a feature, leave it out: {drop}"
                )
        elif column.kind == "category":
            read[label] = pd.Series(read_texts(values), dtype=object)
        else:
            read[label] = parse_dates(name, label, values, column.format, remedy)
            notes.append(f"column {label!r} is read as dates like {example(column.format)}")
    x = pd.DataFrame(read)
    _refuse_constant(name, x)
    return x, columns, notes


def _refuse_constant(name: str, x: Frame) -> None:
    """Refuse columns with a single value and nothing missing (missing entries would carry information)."""
    constant = [column for column in x.columns if x[column].nunique(dropna=False) == 1]
    if constant and len(x) > 1:
        value = x[constant[0]].iloc[0]
        large = isinstance(value, float) and abs(value) > 2.0**53
        rounded = ", as numbers are rounded beyond 2^53" if large else ""
        shown = f"has a single value ({short(str(value))}{rounded})"
        found = f"{_columns(constant)} {shown if len(constant) == 1 else 'have a single value each'}"
        raise InputError(f"{name}: {found}, expected several; leave out what cannot help: {_drop(constant)}.")


def _read_text(
    path: Path, texts: Sequence[str], content: str | None, format: TableFormat
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
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header lose entries
        frame = pd.read_csv(
            path if content is None else io.StringIO(content),
            sep=separator,
            decimal=format.decimal or ".",
            skipinitialspace=True,
            index_col=False,
            encoding="utf-8",
            na_values=["?"],
            low_memory=False,
            dtype=dict.fromkeys(texts, str),
        )
    return frame.rename(columns=lambda name: str(name).strip()), format


def _first_lines(file: TextIO) -> list[str]:
    """The first lines that are not blank: the header, and some rows."""
    return list(islice((line for line in file if line.strip()), 100)) or [""]


def _refuse_repeated(name: str, header: Sequence[str]) -> None:
    if repeated := [column for column, count in Counter(header).items() if count > 1]:
        column = short(repeated[0])
        raise InputError(f"{name}: header names column {column} twice, expected distinct names; rename one.")


def counts_rows(values: Series) -> bool:
    """Whether a column holds 0, 1, 2, … or 1, 2, 3, …"""
    if values.dtype.kind not in "iu":
        return False
    array = values.to_numpy()
    return bool((np.diff(array) == 1).all() and array[0] in (0, 1))


def _check_known(name: str, option: str, given: list[str], frame: Frame) -> None:
    known = f"one of the columns {', '.join(map(short, frame.columns[:20]))}{', …' * (frame.shape[1] > 20)}"
    if option == "--target" and not given:
        raise InputError(f"{name}: --target is not given, expected {known}; name the column to predict.")
    for column in given:
        if column not in frame.columns:
            raise InputError(f"{name}: {option} names {short(column)}, expected {known}; correct the name.")
    if len(set(given)) < len(given):
        raise InputError(f"{name}: {option} names a column twice, expected distinct columns; name it once.")


def _names(option: str, given: Any) -> list[str]:
    if not isinstance(given, Iterable):
        raise InputError(f"data: {option} is {short(given)}, expected names of columns; write them as text.")
    return [given] if isinstance(given, str) else [str(name) for name in given]


def _columns(names: list[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {', '.join(map(short, names[:8]))}{' …' * (len(names) > 8)}"


def _drop(names: list[str]) -> str:
    return " ".join(f"--drop {name!r}" for name in names[:8]) + " …" * (len(names) > 8)
