"""Columns of a table: the kind of each (number, category or date), and its entries read as that kind.

`infer_kind` decides once, when a table is loaded, and keeps the reason. The same column of this and every later table
is read as that kind; an entry that does not fit is refused with its column, row (from 1, below the header) and value.
"""

from __future__ import annotations

import datetime
import decimal
import numbers
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError, short
from .dates import clear_format, date_format, example, moments, share_of

Series = Any  # of pandas, which is imported where it is used and ships no types
Frame = Any
DECORATION = r"[\s,'_$€£¥%]"  # often found in and around numbers: 1,234  $5  12 %
APART = r"[0-9]\s[0-9]{1,2}(?:\s|$)"  # digits that are not between thousands: 41 79 101 11 21
CORRECT = "correct the entry, or leave it empty"


@dataclass(frozen=True)
class Column:
    """A column of kind "number", "boolean", "category" or "date".

    `format` of dates is "ISO8601" or strptime's codes.
    """

    name: str
    kind: str
    format: str = ""
    reason: str | None = field(default=None, compare=False)


def infer_kind(
    obj: str,
    name: str,
    values: Series,
    remedy: str = "leave it out: --drop {!r}",
    dates: str | None = None,
) -> Column:
    """The kind of a column, and why: categories become one-hot inputs, numbers and dates do not.

    `dates`, "day-first" or "month-first", decides for dates that can be read either way.

    Text is read as dates or numbers if at least half of the entries are (the others are then
    refused: one typing error should not turn numbers into categories), and as categories otherwise.

    >>> import pandas as pd
    >>> infer_kind("flights.csv", "when", pd.Series(["24.12.2024", None, "31.12.2024"]))
    Column(name='when', kind='date', format='%d.%m.%Y', reason='100% of the entries are dates like 31.12.2024')
    """
    from pandas.api import types

    if holds_numbers(values) and values.notna().any():
        return Column(name, "number", reason="every entry is a number")
    present = values.dropna()
    if present.empty:
        raise InputError(f"{obj}: column {name!r} has no value at all, expected some; {remedy.format(name)}.")
    if isinstance(values.dtype, types.CategoricalDtype):
        return Column(name, "category", reason="stored as categories")
    uniform = values.dtype.kind in "biufM"  # one entry tells the type of all
    entries, counts = _distinct((present.iloc[:1] if uniform else present).astype(object))
    held = {_entry_type(entry) for entry in entries}
    if "other" in held:
        odd = next(type(entry).__name__ for entry in entries if _entry_type(entry) == "other")
        wanted = f"numbers, texts or dates; {remedy.format(name)}"
        raise InputError(f"{obj}: column {name!r} holds entries of type {odd}, expected {wanted}.")
    if held == {"number"}:
        if all(isinstance(entry, (bool, np.bool_)) for entry in entries):
            return Column(name, "boolean", reason="every entry is a boolean")
        return Column(name, "number", reason="every entry is a number")
    if held == {"date"}:
        return Column(name, "date", "ISO8601", "every entry is a date")
    texts = entries.astype(str)
    format, share = date_format(texts, counts, dates)
    if format:
        return Column(name, "date", format, f"{share:.0%} of the entries are dates like {example(format)}")
    share = share_of(_like_numbers(texts), counts)
    if share >= 0.5:
        return Column(name, "number", reason=f"{share:.0%} of the entries are numbers")
    return Column(name, "category", reason=f"text: {share:.0%} of the entries are numbers, fewer than half")


def no_numbers(values: Series) -> list[str]:
    """The different entries of a column that are no numbers, not even without ``$``, ``%``, commas and the like.

    >>> import pandas as pd
    >>> no_numbers(pd.Series(["113803", "A/5 21171", "$5", "1,234.50", None, "A/5 21171"]))
    ['A/5 21171']
    """
    import pandas as pd

    texts = pd.Series(values.dropna().astype(object).unique(), dtype=object).astype(str)
    return texts[~_like_numbers(texts)].tolist()


def _like_numbers(texts: Series) -> Series:
    import pandas as pd

    bare = texts.str.replace(DECORATION, "", regex=True)
    found = pd.to_numeric(bare, errors="coerce").notna()
    return found & ~texts.str.contains(APART, regex=True) if found.any() else found


def holds_numbers(values: Series) -> bool:
    """Whether the type of a column says that it holds integers or floating-point numbers, as NumPy has them."""
    return isinstance(values.dtype, np.dtype) and values.dtype.kind in "iuf"


def read_numbers(
    obj: str, name: str, values: Series, remedy: str = CORRECT, expected: str = "a number"
) -> np.ndarray:
    """A column as float64 (n,), NaN where an entry is missing; text and infinity are refused."""
    import pandas as pd
    from pandas.api import types

    if types.is_bool_dtype(values.dtype) or types.is_any_real_numeric_dtype(values.dtype):
        array = values.to_numpy(np.float64, na_value=np.nan)
    else:
        entries = values.astype(object)
        if any(_entry_type(entry) in ("date", "other") for entry in entries.dropna()):
            found = f"column {name!r} holds {values.dtype} entries"
            raise InputError(f"{obj}: {found}, expected numbers; {remedy}.")
        array = pd.to_numeric(entries.map(_in_float_range), errors="coerce").to_numpy(
            np.float64, na_value=np.nan
        )
        _refuse_first(obj, name, values, np.isnan(array) & values.notna().to_numpy(), expected, remedy)
    _refuse_first(obj, name, values, np.isinf(array), "a finite number", remedy)
    return array


def read_booleans(obj: str, name: str, values: Series) -> np.ndarray:
    """A column of booleans, or of 0 and 1, as float64 (n,), NaN where an entry is missing."""
    x = read_numbers(obj, name, values, expected="true or false")
    _refuse_first(obj, name, values, ~np.isin(x, (0.0, 1.0)) & ~np.isnan(x), "true or false", CORRECT)
    return x


def parse_dates(
    obj: str, name: str, values: Series, format: str = "ISO8601", remedy: str = CORRECT
) -> Series:
    """A column of dates as timestamps, NaT where an entry is missing; dates without a time zone count as UTC."""
    dates = values.dtype.kind == "M"
    held = {"date"} if dates else {_entry_type(entry) for entry in values.dropna().astype(object)}
    expected = f"like {example(format)}"
    if held - {"date", "text"}:
        found = f"column {name!r} holds {values.dtype} entries"
        raise InputError(f"{obj}: {found}, expected dates {expected}; write them as in training.")
    format = "ISO8601" if held == {"date"} else format
    read = moments(values, format)
    unread = held == {"text"} and (read.isna() & values.notna()).any()
    if unread and (other := clear_format(values.dropna())):
        read = moments(values, other)  # a file can be written otherwise than that of training
    bad = (read.isna() & values.notna()).to_numpy()
    _refuse_first(obj, name, values, bad, f"a date {expected}", remedy)
    return read


def read_dates(obj: str, name: str, values: Series, format: str = "ISO8601") -> np.ndarray:
    """A column of dates as days since 1970-01-01 UTC, float64 (n,), NaN where an entry is missing."""
    read = parse_dates(obj, name, values, format).dt.tz_convert(None).to_numpy()
    return (read - np.datetime64(0, "s")) / np.timedelta64(1, "D")


def read_texts(values: Series) -> np.ndarray:
    """A column as texts: object (n,), None where an entry is missing; whole numbers are written without a point."""
    texts = np.empty(len(values), dtype=object)
    present = values.notna().to_numpy()
    texts[present] = [text(entry) for entry in values[present].astype(object)]
    return texts


def text(entry: Any) -> str:
    """An entry as text, independent of the type that the file's reader gave the column: 3, 3.0 and "3" are "3"."""
    if isinstance(entry, (float, np.floating)) and float(entry).is_integer():
        return str(int(entry))
    return str(entry)


def is_readable(entry: Any) -> bool:
    """Whether an entry is a text, a number, a boolean, a date, or missing."""
    import pandas as pd

    return _entry_type(entry) != "other" or (np.ndim(entry) == 0 and bool(pd.isna(entry)))


def _entry_type(entry: Any) -> str:
    if isinstance(entry, str):
        return "text"
    if isinstance(entry, (numbers.Real, decimal.Decimal, np.bool_)):
        return "number"
    return "date" if isinstance(entry, (datetime.date, np.datetime64)) else "other"


def _in_float_range(entry: Any) -> Any:
    """An entry; infinity for an integer that float64 cannot hold, which pandas refuses to convert."""
    return np.inf if isinstance(entry, int) and abs(entry) > sys.float_info.max else entry


def _distinct(entries: Series) -> tuple[Series, np.ndarray]:
    """The entries without repetitions, and how often each occurs."""
    import pandas as pd

    try:
        found, distinct = pd.factorize(entries)
    except TypeError:  # lists and the like, which are refused
        return entries, np.ones(len(entries))
    return pd.Series(distinct, dtype=object), np.bincount(found)


def _row(values: Series, place: int) -> int:
    """The number, from 1, of a row in the table that the entries were taken from, where their index tells it."""
    index = values.index
    counted = index.dtype.kind == "i" and index.is_monotonic_increasing and index.is_unique
    return int(index[place] if counted else place) + 1


def _refuse_first(obj: str, name: str, values: Series, bad: np.ndarray, expected: str, remedy: str) -> None:
    if bad.any():
        first = int(np.argmax(bad))
        entry = values.iloc[first]
        entry = entry.item() if isinstance(entry, np.generic) else entry
        place = f"{short(entry)} in row {_row(values, first)}"
        raise InputError(f"{obj}: column {name!r} has {place}, expected {expected}; {remedy}.")
