"""Numbers as people write them: with decimal commas, separators of thousands, and units."""

from __future__ import annotations

import numbers
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..columns import Series
from .table_format import MISSING, SPACES, THOUSANDS, TableFormat
from .units import Unit, is_believable, signed, split, without

OPPOSITE = {".": ",", ",": "."}  # the decimal sign where this one stands between thousands
FIRST = 50  # entries that are looked at before a whole column is
ODD, MOST_ODD = 0.05, 10  # texts among numbers: their share, and how many different ones, are less

_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
_PLAIN = re.compile(rf"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+){_EXPONENT}")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_GROUPED = re.compile(
    rf"[+-]?[0-9]{{1,3}}([{''.join(THOUSANDS)}])(?:[0-9]{{3}}(?:\1[0-9]{{3}})*|[0-9]{{2}}(?:\1[0-9]{{2}})*\1[0-9]{{3}})"
    r"(?:[.,][0-9]*)?"
)
_DATE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ].*)?|[0-9]{1,2}:[0-9]{2}(?::[0-9.]+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}")
_MARKED = re.compile(rf"[+-]?[0-9]*([.,])[0-9]*{_EXPONENT}")
_LEADING_ZEROS = re.compile(r"0[0-9]{2,}")


def is_number(field: str) -> bool:
    """Whether a field reads as a number in some way of writing."""
    text = split(field).number
    return bool(_PLAIN.fullmatch(text) or _GROUPED.fullmatch(text) or _INFINITE.fullmatch(text))


def is_value(field: str) -> bool:
    """Whether a field reads as a number, a date or a time, and so is no name of a column; "10 km" may be one."""
    return (is_number(field) and split(field).unit.is_currency) or bool(_DATE.fullmatch(field.strip()))


def is_identifier(field: str) -> bool:
    """Whether a field is digits that a number would not keep: 00123."""
    return bool(_LEADING_ZEROS.fullmatch(field.strip()))


class Decimal(NamedTuple):
    """The decimal sign of a file, and a number that could also be read otherwise if none decides."""

    sign: str
    ambiguous: str = ""


def decimal_sign(fields: Iterable[str], separator: str, usual: str | None = None) -> Decimal:
    """The decimal sign that most numbers show; `usual` where none does, else the one that goes with the separator.

    1,234 and 1.234 show none, as the sign may stand between thousands.

    >>> decimal_sign(["1.234,5", "01.02.2024", "0,5"], ";")
    Decimal(sign=',', ambiguous='')
    >>> decimal_sign(["1.234", "5"], ";")
    Decimal(sign='.', ambiguous='1.234')
    """
    votes, open_ones = {".": 0, ",": 0}, {".": "", ",": ""}
    for field in fields:
        text = split(field).number
        if match := _AMBIGUOUS.fullmatch(text):
            open_ones[match[1]] = open_ones[match[1]] or text
        elif match := _MARKED.fullmatch(text):
            votes[match[1]] += text not in ".,"
        elif match := _GROUPED.fullmatch(text):
            last = max(text.rfind("."), text.rfind(","))
            if match[1] in OPPOSITE and text.count(match[1]) > 1:  # 1.234.567 or 1.234.567,8
                votes[OPPOSITE[match[1]]] += 1
            elif last >= 0:  # 1.234,5 or 1 234,5
                votes[text[last]] += 1
    if votes[","] != votes["."]:
        return Decimal(max(votes, key=votes.__getitem__))
    if votes[","]:
        return Decimal("," if separator == ";" else ".")
    ambiguous = open_ones[","] or open_ones["."]
    if usual is not None:
        return Decimal(usual)
    # A semicolon separates where the comma is the decimal sign.
    return Decimal("," if open_ones[","] and separator == ";" else ".", ambiguous)


class Numbers(NamedTuple):
    """A column of texts read as numbers, and how they are written: the decimal sign, between thousands, the unit."""

    values: Series
    decimal: str
    thousands: str
    unit: Unit


def read_column(
    values: Series, format: TableFormat, given: TableFormat, known: bool = False
) -> Numbers | None:
    """A column of texts as numbers if every entry is one in the same way of writing; None otherwise.

    The decimal sign of the file comes first; the other one must be shown by an entry that cannot be read otherwise.
    Words after all numbers are units if the numbers are quantities, or `known` to be. Of columns that are written
    otherwise than Python writes numbers a few entries may be texts: they stay, to be refused by row.

    >>> import pandas as pd
    >>> prices = pd.Series(["1.234,5 €", None, "12 €"])
    >>> read_column(prices, TableFormat(decimal=","), TableFormat()).values.tolist()
    [1234.5, nan, 12.0]
    """
    present = values.dropna()
    cells = present.iloc[:0]
    if values.dtype == object:  # of a workbook, in which numbers can be cells or texts
        are_texts = np.array([isinstance(entry, str) for entry in present], dtype=bool)
        present, cells = present[are_texts], present[~are_texts]
        if not all(isinstance(cell, numbers.Real) and not isinstance(cell, bool) for cell in cells):
            return None
    head = [entry.strip() for entry in present.iloc[:FIRST]]
    measures = [split(entry) for entry in head if is_number(entry)]
    if (
        not measures
        or not _are_slips([entry for entry in head if not is_number(entry)], len(head))
        or any(is_identifier(one.number) for one in measures)
    ):
        return None
    names = Counter(str(measure.unit) for measure in measures)
    unit = max((measure.unit for measure in measures), key=lambda unit: names[str(unit)])
    stripped = present.astype("str").str.strip()
    texts = signed(stripped)
    texts = without(texts, unit) if str(unit) else texts
    decimal, thousands, fits = min(_attempts(texts, format, given), key=lambda attempt: (~attempt[2]).sum())
    odd = present[~fits]
    plain = decimal == "." and not thousands and texts[fits].equals(stripped[fits])
    if len(odd) and (plain or not _are_slips(odd.tolist(), len(present)) or odd.nunique() >= MOST_ODD):
        return None
    if decimal != format.decimal and texts.str.fullmatch(_AMBIGUOUS.pattern).all():
        return None
    read = _as_numbers(texts[fits], decimal, thousands)
    if not (known or is_believable(unit, read)):
        return None
    whole = read.reindex(values.index)
    if len(odd) or len(cells):
        whole = whole.astype(object).where(values.isna() | whole.notna(), values).infer_objects()
    return Numbers(whole, decimal, " " if thousands in SPACES else thousands, unit)


def _are_slips(odd: list[str], entries: int) -> bool:
    """Whether texts among numbers are slips of the pen, or one mark of missing entries, rather than labels."""
    few = len(odd) < ODD * entries or len(odd) <= (entries >= 10)
    mark = len(set(odd)) == 1 and not is_number(odd[0])
    return few or (mark and 2 * len(odd) < entries)


def _attempts(texts: Series, format: TableFormat, given: TableFormat) -> Iterator[tuple[str, str, Series]]:
    """Each way of writing and which of the texts fit it, up to the first that all fit."""
    for decimal, thousands in _ways(format, given):
        point, group = re.escape(decimal), re.escape(thousands)
        pattern = rf"[+-]?(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+){_EXPONENT}"
        if thousands:
            groups = rf"[0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[0-9]?(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}"  # or 1,00,000
            pattern += rf"|[+-]?[1-9](?:{groups})(?:{point}[0-9]*)?"
        fits = texts.str.fullmatch(pattern).fillna(False).astype(bool)
        yield decimal, thousands, fits
        if fits.all():
            return


def _ways(format: TableFormat, given: TableFormat) -> list[tuple[str, str]]:
    """Decimal and thousands signs in the order in which they are tried: first those of the file."""
    usual = format.decimal or "."
    signs = THOUSANDS if given.thousands is None else SPACES if given.thousands == " " else (given.thousands,)
    return [
        (decimal, sign)
        for decimal in (usual, OPPOSITE[usual])
        for sign in dict.fromkeys(("", *signs))
        if sign != decimal
    ]


def _as_numbers(texts: Series, decimal: str, thousands: str) -> Series:
    import pandas as pd

    if thousands:
        texts = texts.str.replace(thousands, "", regex=False)
    if decimal != ".":
        texts = texts.str.replace(decimal, ".", regex=False)
    return pd.to_numeric(texts.astype(object))


def is_missing(field: str, missing: Iterable[str] = MISSING) -> bool:
    """Whether a field stands for a missing entry."""
    return not field.strip() or field.strip() in missing
