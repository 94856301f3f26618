"""Sheets of Excel workbooks: their cells, and where the table is among them."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from ..errors import InputError, short
from . import layout
from .columns import Frame
from .layout import Layout, Record
from .table_format import TableFormat


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
            cells = book.parse(sheet, header=None, dtype=object, na_filter=False)
    cells = cells.astype(object).where((cells != "") & cells.notna(), None)
    cells = cells.loc[:, cells.notna().any()].dropna(how="all")
    lines = (cells.index + 1).tolist()
    texts = ([_text(cell) for cell in row] for row in cells.head(layout.ROWS).itertuples(index=False))
    records = [Record(*pair) for pair in zip(lines, texts, strict=False)]
    found = layout.of_records(path.name, records, given, like, known)
    notes = found.notes
    if len(names) > 1 and given.sheet is None:
        notes = [f"the sheet is {short(sheet)}, one of {len(names)} (otherwise: --sheet)", *notes]
    # A sheet has neither a separator nor, being read by cells, comments and an encoding.
    format = replace(found.format, sheet=sheet, separator=None, comment=None, encoding=None)
    found = replace(found, format=format, notes=notes)
    return cells.loc[found.start - 1 :].iloc[:, : len(found.names)], found


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
