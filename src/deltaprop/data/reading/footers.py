"""What stands below the rows of a table, as spreadsheets and reports have it: empty rows, totals, remarks."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ...errors import short
from ..columns import Frame, Series
from .numerals import is_value

MOST = 5  # rows below the table that are not empty
_TOTAL = re.compile(
    r"(?:(?:grand|sub)?[ -]?totals?|sums?|average|mean|summe|gesamt\w*|insgesamt|mittelwert|durchschnitt|somme|moyenne"
    r"|totale?|suma|media|[Σ∑]|合计|总计|小计|平均):?",
    re.IGNORECASE,
)


def without_footer(frame: Frame) -> tuple[Frame, list[str]]:
    """The table without what stands below its rows, and notes on that."""
    frame, notes = _without_empty_rows(frame)
    removed: list[str] = []
    while len(removed) < MOST and len(frame) > 1 and _is_footer(frame):
        entry = frame.iloc[-1].dropna().iloc[0]
        removed.insert(0, short(entry))
        frame, _ = _without_empty_rows(frame.iloc[:-1])
    if removed:
        rows = f"{len(removed)} rows" if len(removed) > 1 else "1 row"
        notes.append(f"{rows} below the table left out: {', '.join(removed)}")
    elif len(frame) > 1 and _is_total(frame):
        notes.append(f"the last row looks like a total ({short(frame.iloc[-1, 0])}); if it is, delete it")
    return frame, notes


def _without_empty_rows(frame: Frame) -> tuple[Frame, list[str]]:
    """The frame without rows at its end that have no entry, as spreadsheets leave them."""
    if frame.empty or frame.iloc[-1].notna().any():
        return frame, []
    filled = np.flatnonzero(frame.notna().any(axis=1).to_numpy())
    rows = int(filled[-1]) + 1 if len(filled) else 0
    empty = len(frame) - rows
    return frame.iloc[:rows], [f"{empty} empty row{'s' * (empty > 1)} at the end left out"]


def _is_footer(frame: Frame) -> bool:
    """Whether the last row is a total with few entries, or a remark in the first field alone."""
    last = frame.iloc[-1]
    entries, first = last.dropna(), last.iloc[0]
    if _is_total(frame):
        return len(entries) - 1 <= (len(last) - 1) / 2
    if len(last) < 3 or len(entries) != 1 or not isinstance(first, str) or is_value(first):
        return False
    return " " in first or ":" in first or _holds_values(frame.iloc[:-1, 0])


def _is_total(frame: Frame) -> bool:
    """Whether the first entry of the last row is "Total" or the like, and no other of its column."""
    first: Any = frame.iloc[-1, 0]
    total = isinstance(first, str) and _TOTAL.fullmatch(first.strip())
    return bool(total) and not (frame.iloc[:-1, 0] == first).any()


def _holds_values(column: Series) -> bool:
    """Whether a column holds numbers or dates, as far as its first entries show."""
    head = column.dropna().head(50)
    return len(head) > 0 and all(is_value(str(entry)) for entry in head)
