"""Columns of a table: what each holds, and its entries read as numbers, dates or categories.

`recognise` looks at a column once, when a table is loaded; `numbers`, `dates` and `categories` read the column of this
and every later table, and name column, row and value where an entry does not fit. Rows are counted from 1, below the
header.
"""

from __future__ import annotations

import datetime
import decimal
import numbers as abstract
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError

Series = Any  # of pandas, which is imported only where it is used and ships no types
Frame = Any
CLOCKS = ("", " %H:%M", " %H:%M:%S")
DATES = (
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
)
DATE_FORMATS = ("ISO8601", *(date + clock for date in DATES for clock in CLOCKS))
DECORATION = r"[\s,'_$€£¥%]"  # what people write around and into numbers: 1,234  $5  12 %
DAY = 86400.0
CORRECT = "correct the entry, or leave it empty"


@dataclass(frozen=True)
class Column:
    """A column of a table: kind "number", "category" or "date"; for dates how they are written (strptime's codes)."""

    name: str
    kind: str
    format: str = ""


def recognise(obj: str, name: str, values: Series) -> Column:
    """What a column holds.

    Numbers and booleans are numbers, dates are dates. Text is dates or numbers if at least half of its entries are
    (the others are then refused when the column is read, rather than a number with a slip of the pen turning the
    whole column into categories), and categories otherwise.

    Raises
    ------
    InputError
        If every entry is missing, or entries are neither text, numbers nor dates.

    Examples
    --------
    >>> import pandas as pd
    >>> recognise("flights.csv", "when", pd.Series(["24.12.2024", None, "31.12.2024"]))
    Column(name='when', kind='date', format='%d.%m.%Y')
    """
    from pandas.api import types

    present = values.dropna()
    if present.empty:
        raise InputError(
            f"{obj}: column {name!r} has no value at all, expected at least one; leave it out: --drop "
            f"{name!r}."
        )
    if isinstance(values.dtype, types.CategoricalDtype):
        return Column(name, "category")
    if types.is_datetime64_any_dtype(values.dtype):
        return Column(name, "date", "ISO8601")
    if types.is_bool_dtype(values.dtype) or types.is_any_real_numeric_dtype(values.dtype):
        return Column(name, "number")
    entries = present.astype(object)
    holds = {_family(entry) for entry in entries}
    if "other" in holds:
        odd = type(next(entry for entry in entries if _family(entry) == "other")).__name__
        wanted = "numbers, texts or dates"
        raise InputError(
            f"{obj}: column {name!r} holds entries of type {odd}, expected {wanted}; leave it out: --drop "
            f"{name!r}."
        )
    if holds <= {"number"}:
        return Column(name, "number")
    if holds <= {"date"}:
        return Column(name, "date", "ISO8601")
    texts = entries.astype(str)
    written = _date_format(texts)
    if written:
        return Column(name, "date", written)
    return Column(name, "number" if _share_of_numbers(texts) >= 0.5 else "category")


def numbers(obj: str, name: str, values: Series, remedy: str = CORRECT) -> np.ndarray:
    """A column as float64 (n,), NaN where an entry is missing; text and infinity are refused."""
    import pandas as pd
    from pandas.api import types

    if types.is_bool_dtype(values.dtype) or types.is_any_real_numeric_dtype(values.dtype):
        array = values.to_numpy(np.float64, na_value=np.nan)
    else:
        entries = values.astype(object)
        if any(_family(entry) in ("date", "other") for entry in entries[values.notna()]):
            raise InputError(
                f"{obj}: column {name!r} holds {values.dtype} entries, expected numbers; {remedy}."
            )
        read: Series = pd.to_numeric(entries, errors="coerce")
        array = read.to_numpy(np.float64, na_value=np.nan)
        _refuse_first(obj, name, entries, np.isnan(array) & values.notna().to_numpy(), "a number", remedy)
    _refuse_first(obj, name, values, np.isinf(array), "a finite number", remedy)
    return array


def dates(obj: str, name: str, values: Series, written: str = "ISO8601", remedy: str = CORRECT) -> np.ndarray:
    """A column of dates as days since 1970-01-01 UTC, float64 (n,), NaN where an entry is missing.

    `written` is how dates stand in a text: "ISO8601" or strptime's codes. Dates without a time zone count as UTC.
    """
    import pandas as pd

    family = {_family(entry) for entry in values.dropna().astype(object)}
    if family - {"date", "text"}:
        got = f"holds {values.dtype} entries"
        raise InputError(
            f"{obj}: column {name!r} {got}, expected dates written {spoken(written)}; write its dates as in "
            "training."
        )
    read_as = "ISO8601" if family == {"date"} else written
    moments = pd.to_datetime(values, format=read_as, errors="coerce", utc=True)
    bad = (moments.isna() & values.notna()).to_numpy()
    _refuse_first(obj, name, values, bad, f"a date written {spoken(written)}", remedy)
    return ((moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds() / DAY).to_numpy(np.float64)


def categories(values: Series) -> np.ndarray:
    """A column as texts: object (n,), None where an entry is missing; a whole number is written without a point."""
    missing = values.isna().to_numpy()
    texts = [None if gap else text(entry) for entry, gap in zip(values.astype(object), missing, strict=True)]
    out = np.empty(len(texts), dtype=object)
    out[:] = texts
    return out


def text(entry: Any) -> str:
    """An entry as a text that does not depend on how the file's reader typed the column: 3, 3.0 and "3" are "3"."""
    if isinstance(entry, (float, np.floating)) and float(entry).is_integer():
        return str(int(entry))
    return str(entry)


def spoken(written: str) -> str:
    """A date format in words.

    >>> spoken("%d.%m.%Y %H:%M")
    'day.month.year hour:minute'
    """
    words = {
        "%Y": "year",
        "%m": "month",
        "%d": "day",
        "%b": "Month",
        "%H": "hour",
        "%M": "minute",
        "%S": "second",
    }
    if written == "ISO8601":
        return "year-month-day"
    for code, word in words.items():
        written = written.replace(code, word)
    return written


def _family(entry: Any) -> str:
    if isinstance(entry, str):
        return "text"
    if isinstance(entry, (abstract.Real, decimal.Decimal, np.bool_)):
        return "number"
    return "date" if isinstance(entry, (datetime.date, np.datetime64)) else "other"


def _date_format(texts: Series) -> str | None:
    """The format that reads the most of the texts, the earlier one of equals; None if it reads fewer than half."""
    import pandas as pd

    def share(written: str, entries: Series) -> float:
        return float(pd.to_datetime(entries, format=written, errors="coerce", utc=True).notna().mean())

    like_dates = texts.str.contains(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d|\b[A-Z][a-z]{2}\b.*\d{4}", regex=True)
    if like_dates.mean() < 0.5:
        return None  # ISO 8601 would read the number 2024 as a year
    beginning = texts.iloc[:200]
    candidates = [written for written in DATE_FORMATS if share(written, beginning) >= 0.5]
    best = max(candidates, key=lambda written: share(written, texts), default=None)
    return best if best and share(best, texts) >= 0.5 else None


def _share_of_numbers(texts: Series) -> float:
    import pandas as pd

    bare = texts.str.replace(DECORATION, "", regex=True)
    read: Series = pd.to_numeric(bare, errors="coerce")
    return float(read.notna().mean())


def _refuse_first(obj: str, name: str, values: Series, bad: np.ndarray, wanted: str, remedy: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        entry = values.iloc[row]
        entry = entry.item() if isinstance(entry, np.generic) else entry
        raise InputError(
            f"{obj}: column {name!r} has {entry!r} in row {row + 1}, expected {wanted}; {remedy}."
        )
