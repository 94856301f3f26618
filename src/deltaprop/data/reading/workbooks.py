"""Sheets of Excel workbooks: their cells, and where the table is among them."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import InputError, short
from ..columns import Frame
from . import layout
from .layout import Layout
from .records import Record
from .table_format import TableFormat

#: A cell with a formula but no value, as programs write it that do not compute; texts may be empty.
_NO_VALUE = re.compile(
    rb'<c (?![^>]* t="str")[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_MERGED = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]+)([0-9]+):[A-Z]+([0-9]+)"')


def read_sheet(
    path: Path, given: TableFormat, like: TableFormat, known: Collection[str]
) -> tuple[Frame, Layout]:
    """The cells of the table's rows as objects, None where empty, and the layout: see `layout.of_text`."""
    import pandas as pd

    try:
        import openpyxl  # noqa: F401
    except ImportError:
        remedy = "pip install openpyxl, or save the table as .csv"
        raise InputError(f"data: {path} is a workbook, expected openpyxl to read it; {remedy}.") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's, of styles and extensions, which do not matter here
        with pd.ExcelFile(path, engine="openpyxl") as book:
            names = list(map(str, book.sheet_names))
            usual = [like.sheet] if like.sheet and like.sheet in names else _by_visibility(book)
            sheets = usual if given.sheet is None else [_asked(path.name, names, given.sheet)]
            read = ((sheet, *_cells(path, book, sheet)) for sheet in sheets)
            sheet, cells, said = next(
                (one for one in read if not one[1].empty), (sheets[0], pd.DataFrame(), [])
            )
    lines = (cells.index + 1).tolist()
    texts = ([_text(cell) for cell in row] for row in cells.head(layout.ROWS).itertuples(index=False))
    records = [Record(*pair) for pair in zip(lines, texts, strict=False)]
    found = layout.of_records(path.name, records, given, like, known)
    notes = found.notes + said
    if len(names) > 1 and given.sheet is None:
        all_names = f"{', '.join(map(short, names[:8]))}{' …' * (len(names) > 8)}"
        notes = [f"the sheet is {short(sheet)}, one of {all_names} (otherwise: --sheet)", *notes]
    # A sheet has neither a separator nor, being read by cells, comments and an encoding.
    format = replace(found.format, sheet=sheet, separator=None, comment=None, encoding=None)
    found = replace(found, format=format, notes=notes)
    return cells.loc[found.start - 1 :].iloc[:, : len(found.names)], found


def _by_visibility(book: Any) -> list[str]:
    sheets = sorted(book.book.worksheets, key=lambda sheet: getattr(sheet, "sheet_state", "") != "visible")
    return [str(sheet.title) for sheet in sheets]


def _cells(path: Path, book: Any, sheet: str) -> tuple[Frame, list[str]]:
    """The cells of a sheet, None where empty, without empty rows and columns; rows keep their numbers; and notes."""
    cells = book.parse(sheet, header=None, dtype=object, na_filter=False)
    cells = cells.astype(object).where((cells != "") & cells.notna(), None)
    notes = []
    marks = _marks(path, getattr(book.book[sheet], "_worksheet_path", ""))
    if marks.no_values:
        have = "cell has a formula" if marks.no_values == 1 else "cells have formulas"
        remedy = "to store values: save it in Excel"
        notes.append(f"{marks.no_values} {have} without a stored value: missing ({remedy})")
    if filled := sum(_fill(cells, *corners) for corners in marks.merged):
        notes.append(f"{filled} rows of merged cells have the entry of the first one")
    return cells.loc[:, cells.notna().any()].dropna(how="all"), notes


class _Marks(NamedTuple):
    """Of a sheet: the number of formulas without a value, and the first and last row and the column of merged cells."""

    no_values: int = 0
    merged: Sequence[tuple[int, int, int]] = ()


def _marks(path: Path, part: str) -> _Marks:
    """What a sheet's XML says that openpyxl does not while it reads a sheet row by row."""
    from openpyxl.utils import column_index_from_string

    if not part:
        return _Marks()
    count, merged, rest = 0, [], b""
    with zipfile.ZipFile(path) as workbook, workbook.open(part.lstrip("/")) as file:
        while block := file.read(1 << 20):
            text = rest + block
            end = max(text.rfind(b"<c "), text.rfind(b"<mergeCell "))
            text, rest = (text[:end], text[end:]) if end > 0 else (text, b"")
            count += len(_NO_VALUE.findall(text))
            merged += _MERGED.findall(text)
        count += len(_NO_VALUE.findall(rest))
        merged += _MERGED.findall(rest)
    corners = (
        (int(top), int(bottom), column_index_from_string(column.decode())) for column, top, bottom in merged
    )
    return _Marks(count, [(top, bottom, column) for top, bottom, column in corners if top < bottom])


def _fill(cells: Frame, top: int, bottom: int, column: int) -> int:
    """Give cells of a column that are merged over several rows the entry of the first; the number of those filled."""
    if bottom > len(cells) or column > cells.shape[1] or cells.iat[top - 1, column - 1] is None:
        return 0
    cells.iloc[top:bottom, column - 1] = cells.iat[top - 1, column - 1]
    return bottom - top


def _asked(name: str, names: list[str], asked: str) -> str:
    """The sheet that is asked for, by name or by number from 1."""
    if asked not in names and asked.isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    if asked not in names:
        known = ", ".join(map(short, names[:20]))
        raise InputError(f"{name}: --sheet is {short(asked)}, expected one of {known}; correct it.")
    return asked


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
