"""Tables: .csv, .tsv and .parquet files with a target column, what they hold recognised and said."""

from __future__ import annotations

import csv
import gzip
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .columns import Column, Frame, Series, categories, dates, numbers, recognise, spoken
from .dataset import Dataset
from .tasks import recognise_task

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
SEPARATORS = ",;\t|"


def load_table(
    path: str | os.PathLike,
    target: str | Sequence[str],
    task: str | None = None,
    drop: str | Sequence[str] = (),
    category: str | Sequence[str] = (),
) -> Dataset:
    """A table file as a data set.

    Parameters
    ----------
    path : path of a .csv, .tsv (each perhaps .gz) or .parquet file
        The separator of a text file is found in its header. Empty fields, ``NA``, ``NaN``, ``null``, ``?`` and the
        like are missing entries.
    target : str or sequence of str
        The column to be predicted; several are a regression of several quantities. Rows whose target is missing
        are left out, and their number said in `Dataset.notes`.
    task : "classification" or "regression", optional
        Otherwise recognised: see `recognise_task`.
    drop : str or sequence of str
        Columns left out.
    category : str or sequence of str
        Columns read as categories though they may look like numbers or dates.

    Raises
    ------
    InputError
        If the file cannot be read or is empty; a column is unknown, constant, wholly missing, or holds infinity or
        text among numbers; the target has one value alone or does not fit the task.
    """
    targets, dropped, texts = _names(target), _names(drop), _names(category)
    frame, notes = read_table(path, texts)
    name = Path(path).name
    for option, given in (("--target", targets), ("--drop", dropped), ("--category", texts)):
        _check_known(name, option, given, frame)
    if both := [column for column in targets if column in dropped]:
        raise InputError(
            f"{name}: --drop names the target {both[0]!r}, expected another column; take it off one of the "
            "two."
        )
    if len(frame) == 0:
        raise InputError(
            f"{name}: the table has no rows below its header, expected at least one row; check the file."
        )
    t, task, sentence = recognise_task(name, frame[targets], task, as_text=set(targets) <= set(texts))
    x, columns, said = _inputs(name, frame.drop(columns=list({*targets, *dropped})), texts)
    notes += said
    missing = frame[targets].isna().any(axis=1).to_numpy()
    if missing.any():
        notes.append(f"{int(missing.sum())} of {len(frame)} rows left out: their target is missing")
        x = x[~missing]
        _refuse_constant(name, columns, x)
    return Dataset(
        name,
        x,
        t[~missing],
        task,
        feature_names=tuple(column.name for column in columns),
        target_names=tuple(targets),
        recognised=sentence,
        columns=tuple(columns),
        notes=tuple(notes),
    )


def read_table(path: str | os.PathLike, texts: Sequence[str] = ()) -> tuple[Frame, list[str]]:
    """The file as a table with text names and rows numbered from 0, and what was done to it.

    The columns `texts` are taken as they are written in a text file: 01 stays 01.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, or two of its columns share a name.
    """
    import pandas as pd

    path = Path(path)
    if not path.is_file():
        got = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"data: {path!s} {got}, expected a .csv or .parquet file; check the path.")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(
            f"data: {path!s} has another suffix, expected one of {', '.join(SUFFIXES)}; convert or rename "
            "the file."
        )
    try:
        frame = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path, texts)
    except InputError:
        raise
    except UnicodeDecodeError:
        raise InputError(
            f"data: {path!s} is not UTF-8 text, expected UTF-8; save the file in this encoding."
        ) from None
    except pd.errors.EmptyDataError:
        raise InputError(f"data: {path!s} is empty, expected a header and rows; check the file.") from None
    except OSError as error:
        got = f"cannot be read ({error.strerror or error})"
        raise InputError(
            f"data: {path!s} {got}, expected a complete, readable file; check the file and its permissions."
        ) from error
    except Exception as error:  # pyarrow's and pandas' own classes: foreign, truncated or ragged files
        first = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        raise InputError(
            f"data: {path!s} cannot be read ({first}), expected a complete {path.suffix} file; check the "
            "file."
        ) from error
    frame = frame.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns])
    if frame.columns.has_duplicates:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise InputError(
            f"{path.name}: header names column {twice!r} twice, expected distinct names; rename one of them."
        )
    notes = []
    for column in [name for name in frame.columns if name.startswith("Unnamed: ")]:
        if _counts_rows(frame[column]):
            frame = frame.drop(columns=column)
            notes.append("the column without a name was left out: it numbers the rows")
    return frame, notes


def _inputs(name: str, frame: Frame, texts: list[str]) -> tuple[Frame, list[Column], list[str]]:
    """The input columns read as what they are, their kinds, and what is to be said about them."""
    import pandas as pd

    if frame.shape[1] == 0:
        raise InputError(
            f"{name}: the table has no column besides the target and dropped ones, expected inputs; drop "
            "fewer columns."
        )
    if empty := [column for column in frame.columns if frame[column].isna().all()]:
        raise InputError(
            f"{name}: {_columns(empty)} without any value, expected at least one value; leave out: "
            f"{_drop(empty)}."
        )
    columns, notes, read = [], [], {}
    for column in frame.columns:
        values = frame[column]
        known = Column(column, "category") if column in texts else recognise(name, column, values)
        columns.append(known)
        out = f"leave the column out ({_drop([column])}) or read it as text (--category {column!r})"
        remedy = f"correct or empty the entry, {out}"
        if known.kind == "number":
            read[column] = numbers(name, column, values, remedy)
            if _counts_rows(values) and len(values) > 2:
                notes.append(
                    f"column {column!r} numbers the rows; if it means nothing, leave it out: {_drop([column])}"
                )
        elif known.kind == "category":
            read[column] = pd.Series(categories(values), dtype=object)
        else:
            days = dates(name, column, values, known.format, remedy)
            read[column] = pd.to_datetime(np.round(days * 86_400_000.0), unit="ms", utc=True)
            notes.append(f"column {column!r} is read as dates, written {spoken(known.format)}")
    x = pd.DataFrame(read)
    _refuse_constant(name, columns, x)
    return x, columns, notes


def _refuse_constant(name: str, columns: list[Column], x: Frame) -> None:
    """Refuse columns with one value and no gap (a gap would at least tell something)."""
    if len(x) < 2:
        return
    constant = [column.name for column in columns if x[column.name].nunique(dropna=False) == 1]
    if constant:
        first = x[constant[0]].iloc[0]
        got = f"with one value alone ({str(first)!r})" if len(constant) == 1 else "with one value alone each"
        raise InputError(
            f"{name}: {_columns(constant)} {got}, expected values that differ; leave out what cannot help: "
            f"{_drop(constant)}."
        )


def _read_text(path: Path, texts: Sequence[str]) -> Frame:
    import pandas as pd

    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line = next((line for line in file if line.strip()), "")
    bare = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)  # without what is quoted
    separator = "\t" if ".tsv" in path.name.lower() else max(SEPARATORS, key=bare.count)
    header = [
        entry.strip() for entry in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    ]
    if twice := [entry for i, entry in enumerate(header) if entry and entry in header[:i]]:
        raise InputError(
            f"{path.name}: header names column {twice[0]!r} twice, expected distinct names; rename one of "
            "them."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header lose entries
        frame = pd.read_csv(
            path,
            sep=separator,
            skipinitialspace=True,
            na_values=["?"],
            low_memory=False,
            dtype=dict.fromkeys(texts, str),
            index_col=False,
            encoding="utf-8",
        )
    return frame.rename(columns=lambda name: str(name).strip())


def _counts_rows(values: Series) -> bool:
    if values.dtype.kind not in "iu" or len(values) == 0:
        return False
    array = values.to_numpy()
    return bool((np.diff(array) == 1).all() and array[0] in (0, 1))


def _check_known(name: str, option: str, given: list[str], frame: Frame) -> None:
    shown = ", ".join(map(repr, frame.columns[:20])) + (", …" if frame.shape[1] > 20 else "")
    if option == "--target" and not given:
        raise InputError(
            f"{name}: {option} is not given, expected one of the columns {shown}; name the column to be "
            "predicted."
        )
    for column in given:
        if column not in frame.columns:
            raise InputError(
                f"{name}: {option} names {column!r}, expected one of the columns {shown}; correct the name."
            )
    if len(set(given)) < len(given):
        raise InputError(f"{name}: {option} names a column twice, expected distinct columns; name it once.")


def _names(given: Any) -> list[str]:
    return [given] if isinstance(given, str) else [str(name) for name in given]


def _columns(names: list[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {', '.join(map(repr, names[:8]))}{' …' * (len(names) > 8)}"


def _drop(names: list[str]) -> str:
    return " ".join(f"--drop {name!r}" for name in names[:8]) + " …" * (len(names) > 8)
