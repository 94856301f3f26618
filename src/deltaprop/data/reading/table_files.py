"""Table files read as they come: texts of any format, Excel workbooks, Parquet and Feather."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from ...errors import InputError
from ..columns import Frame
from ..options import by_number
from . import opened
from .entries import TableRead, Wanted, completed, finished, without_counts
from .header import refuse_repeated
from .table_format import NUMBER, RECOGNISED, TableFormat
from .texts import read_bytes, read_characters


def read_table(
    path: str | os.PathLike,
    texts: Sequence[str] = (),
    content: str | None = None,
    format: TableFormat = RECOGNISED,
    keep_na: Sequence[str] = (),
    like: TableFormat = RECOGNISED,
    known: Collection[str] = (),
    numbers: Collection[str] = (),
) -> TableRead:
    """Read a table.

    Parameters
    ----------
    path : path of a file
        A text (.csv, .tsv, .tab, .txt, .dat or .data; or one of these as .gz, .bz2, .xz, .zst or .zip), a workbook
        (.xlsx, .xlsm), .parquet or .feather.
    texts : sequence of str
        Columns that keep the spelling of a text file: 01 stays 01.
    content : str, optional
        The characters of a text file: nothing is read from disk, and `path` only names the table.
    format : TableFormat
        What is not to be recognised.
    keep_na : sequence of str
        Columns where NA, None and the like are labels; only empty entries are missing.
    like : TableFormat
        Of a similar table: assumed where the file does not decide.
    known : collection of str
        Names of columns, by which a header is recognised.
    numbers : collection of str
        Columns that are no categories: words after all of their numbers are units.

    Raises
    ------
    InputError
        If the file cannot be read, or has no rows.
    """
    import pandas as pd

    wanted = Wanted(Path(path), format, like, known, texts, keep_na, numbers)
    try:
        if content is not None:
            return read_characters(content, wanted)
        kind, open_bytes = opened.source(wanted.path)
        if kind == "text":
            return read_bytes(open_bytes, wanted)
        return _read_excel(wanted) if kind == "excel" else _read_typed(kind, wanted)
    except (InputError, MemoryError):
        raise
    except UnicodeError:
        found = f"{path} is not {format.encoding or 'UTF-8'} text"
        remedy = "leave --encoding out, or correct it" if format.encoding else "name it (--encoding)"
        raise InputError(f"data: {found}, expected another encoding; {remedy}.") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"data: {path} is empty, expected a header and rows; check the file.") from None
    except Exception as error:  # pyarrow's and pandas' own classes: foreign, truncated or ragged files
        what = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        found = f"{path} cannot be read ({what.splitlines()[0].rstrip('.')})"
        raise InputError(
            f"data: {found}, expected a complete {wanted.path.suffix} file; check it."
        ) from error


def _read_excel(wanted: Wanted) -> TableRead:
    """A sheet of a workbook: cells keep their types; texts among them are read as those of a text file."""
    from .workbooks import read_sheet

    frame, found = read_sheet(wanted.path, wanted.format, wanted.like, wanted.known)
    names = completed(wanted.path.name, found)
    texts, keep = (by_number(c, found.format.header, names) for c in (wanted.texts, wanted.keep_na))
    frame = _without(frame.set_axis(names, axis=1), found.format.missing_texts, keep)
    for label in set(texts).intersection(names):
        frame[label] = frame[label].map(str, na_action="ignore")
    frame = frame.reset_index(drop=True).infer_objects()
    return finished(frame, found, wanted, texts + keep)


def _read_typed(kind: str, wanted: Wanted) -> TableRead:
    """A file whose columns have names and types."""
    import pandas as pd

    frame = pd.read_parquet(wanted.path) if kind == "parquet" else pd.read_feather(wanted.path)
    frame = frame.reset_index(drop=True).set_axis(list(map(str, frame.columns)), axis=1)
    refuse_repeated(wanted.path.name, list(frame.columns))
    if wanted.format.missing:
        frame = _without(frame, wanted.format.missing, wanted.keep_na)
    blank = [name for name in frame.columns if re.fullmatch(r"Unnamed: \d+", name)]  # as pandas calls them
    return without_counts(
        frame, blank, TableFormat(missing=wanted.format.missing, dates=wanted.format.dates), [], wanted
    )


def _without(frame: Frame, missing: Collection[str], keep: Collection[str]) -> Frame:
    """The frame without the entries that stand for missing ones, texts and numbers."""
    numbers = {float(text) for text in missing if NUMBER.fullmatch(text)}
    frame = frame.copy()
    for label in frame.columns.difference(list(keep)):
        values = frame[label]
        try:
            gone = values.isin(numbers if values.dtype.kind in "iuf" else {*missing, *numbers})
        except (TypeError, ValueError):  # lists and the like, which are refused later; dates
            continue
        if gone.any():
            frame[label] = values.mask(gone)
    return frame
