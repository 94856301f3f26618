"""Dates as people write them: formats by strptime's codes, and whether the day or the month comes first."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

Series = Any  # of pandas, as in columns.py
CLOCKS = ("", " %H:%M", " %H:%M:%S")
DIGITS = (
    *("%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y"),
)
MONTH_NAMES = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d-%b-%y")
DATE_FORMATS = ("ISO8601", *(date + clock for date in DIGITS + MONTH_NAMES for clock in CLOCKS))
ORDERS = ("day-first", "month-first")
EXAMPLE = datetime.datetime(2024, 12, 31, 17, 5)
LONGEST = 40  # characters of a date
SOME = 200  # texts by which most formats are ruled out

_LIKE_DATES = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d|\b[A-Za-z]{3}\b.{0,3}\d{2}"
_ISO = r"\s*\d{4}-\d{2}-\d{2}(?!\d)"
_TWO_NUMBERS = re.compile(r"\s*(\d{1,2})([-/])(\d{1,2})\2(?:\d{4}|\d{2})(?: .*)?")


def example(format: str) -> str:
    """The last evening of 2024 in a date format."""
    return EXAMPLE.strftime("%Y-%m-%d" if format == "ISO8601" else format)


def date_format(texts: Series, counts: np.ndarray, order: str | None = None) -> tuple[str, float]:
    """The format that reads most of the texts, with dates of ISO 8601 among them, and its share; "" if below a half.

    Of several that read as many, the first; those in the `order`, one of `ORDERS`, come before those in the other.
    """
    if share_of(texts.str[:LONGEST].str.contains(_LIKE_DATES, regex=True), counts) < 0.5:
        return "", 0.0  # ISO 8601 would read the number 2024 as a year
    shares = {"ISO8601": share_of(_reads(texts, "ISO8601"), counts)}
    if shares["ISO8601"] < 1.0:
        others = ~texts.str.match(_ISO)
        rest, rest_counts = texts[others], counts[others.to_numpy(bool)]
        for format in sorted(DATE_FORMATS[1:], key=lambda f: _order(f) not in (None, order or _order(f))):
            if share_of(_reads(rest[:SOME], format), rest_counts[:SOME]) >= 0.5:
                shares[format] = share_of(_reads(texts, format), counts)
    best = max(shares, key=shares.__getitem__)
    return (best, shares[best]) if shares[best] >= 0.5 else ("", 0.0)


def clear_format(texts: Series) -> str:
    """The format that reads all of the texts, if none reads them with day and month exchanged; else ""."""
    texts = texts.drop_duplicates()
    format, share = date_format(texts, np.ones(len(texts)))
    clear = share == 1.0 and not (_order(format) and _reads(texts, _swapped(format)).all())
    return format if clear else ""


def moments(values: Series, format: str) -> Series:
    """Texts as timestamps in UTC, NaT where one is no date of this format; dates of ISO 8601 are read in any case."""
    import pandas as pd

    found = pd.to_datetime(values, format=format, errors="coerce", utc=True)
    if format == "ISO8601" or not (open_ones := found.isna() & values.notna()).any():
        return found
    iso = values[open_ones & values.astype("str").str.match(_ISO).fillna(False)]
    if iso.empty:
        return found
    read = pd.to_datetime(iso.astype("str"), format="ISO8601", errors="coerce", utc=True)
    return found.fillna(read.reindex(values.index))


def shown_order(columns: Iterable[Series]) -> str | None:
    """The one of `ORDERS` that dates such as 31/12/2024 show in some columns of texts, if they show the same."""
    shown = set()
    for values in columns:
        head = values.dropna().head(SOME)
        if not all(isinstance(entry, str) and _TWO_NUMBERS.fullmatch(entry) for entry in head):
            continue
        found = [
            match for match in map(_TWO_NUMBERS.fullmatch, values.dropna().astype(str).unique()) if match
        ]
        days, months = (any(int(match[place]) > 12 for match in found) for place in (1, 3))
        shown |= {ORDERS[months]} if days != months else set()
    return shown.pop() if len(shown) == 1 else None


def doubt(values: Series, format: str) -> str:
    """What the dates in a column leave open, for a note on them: the order of day and month, the century."""
    open_ends = []
    order, texts = _order(format), values.dropna().drop_duplicates()
    if order and _reads(texts, _swapped(format)).equals(_reads(texts, format)):
        other = next(one for one in ORDERS if one != order)
        day = order.partition("-")[0]
        open_ends.append(f"; no entry shows that the {day} comes first (otherwise: --dates {other})")
    if "%y" in format:
        open_ends.append("; years 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999")
    return "".join(open_ends)


def _order(format: str) -> str | None:
    """The order of day and month in a format; None if none is in the other."""
    if _swapped(format) == format or _swapped(format) not in DATE_FORMATS:
        return None
    return ORDERS[format.index("%m") < format.index("%d")]


def _swapped(format: str) -> str:
    return re.sub("%[dm]", lambda code: "%m" if code[0] == "%d" else "%d", format)


def _reads(texts: Series, format: str) -> Series:
    return moments(texts, format).notna()


def share_of(true: Series, counts: np.ndarray) -> float:
    """Of the entries with these counts, the part of those that are true."""
    return float(counts[true.to_numpy(bool)].sum() / max(counts.sum(), 1))
