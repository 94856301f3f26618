"""Sheets of Excel workbooks: their cells, and where the table is among them."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import InputError, short
from . import layout
from .columns import Frame
from .layout import Layout, Record
from .table_format import TableFormat

_NO_VALUE = re.compile(
    rb'<c (?![^>]* t="str")[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)


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
            sheet = _sheet(path.name, names, given.sheet, like.sheet)
            cells = _cells(book, sheet)
            others = iter(names[1:] if given.sheet is None and sheet == names[0] else ())
            while cells.empty and (other := next(others, None)) is not None:
                sheet, cells = other, _cells(book, other)
            part = getattr(book.book[sheet], "_worksheet_path", None)
    lines = (cells.index + 1).tolist()
    texts = ([_text(cell) for cell in row] for row in cells.head(layout.ROWS).itertuples(index=False))
    records = [Record(*pair) for pair in zip(lines, texts, strict=False)]
    found = layout.of_records(path.name, records, given, like, known)
    notes = found.notes
    if len(names) > 1 and given.sheet is None:
        all_names = f"{', '.join(map(short, names[:8]))}{' …' * (len(names) > 8)}"
        notes = [f"the sheet is {short(sheet)}, one of {all_names} (otherwise: --sheet)", *notes]
    if part and (count := _without_value(path, part)):
        cells_have = "cell has a formula" if count == 1 else "cells have formulas"
        notes = [
            *notes,
            f"{count} {cells_have} without a stored value: missing (to store values: save it in Excel)",
        ]
    # A sheet has neither a separator nor, being read by cells, comments and an encoding.
    format = replace(found.format, sheet=sheet, separator=None, comment=None, encoding=None)
    found = replace(found, format=format, notes=notes)
    return cells.loc[found.start - 1 :].iloc[:, : len(found.names)], found


def _cells(book: Any, sheet: str) -> Frame:
    """The cells of a sheet, None where empty, without empty rows and columns; its rows keep their numbers."""
    cells = book.parse(sheet, header=None, dtype=object, na_filter=False)
    cells = cells.astype(object).where((cells != "") & cells.notna(), None)
    return cells.loc[:, cells.notna().any()].dropna(how="all")


def _without_value(path: Path, part: str) -> int:
    """The number of cells in a sheet's XML with a formula but no value, as programs write them that do not compute."""
    with zipfile.ZipFile(path) as workbook:
        return len(_NO_VALUE.findall(workbook.read(part.lstrip("/"))))


def _sheet(name: str, names: list[str], asked: str | None, usual: str | None) -> str:
    """The sheet that is asked for, by name or by number from 1; else the usual one where it exists; else the first."""
    if asked is None:
        return usual if usual in names else names[0]
    if asked not in names and asked.isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    if asked not in names:
        known = ", ".join(map(short, names[:20]))
        raise InputError(f"{name}: --sheet is {short(asked)}, expected one of {known}; correct it.")
    return asked


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
