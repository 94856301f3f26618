"""What separates the fields of a text, and what begins its comments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .header import MOST_TITLES
from .numerals import is_number
from .records import Record, records, usual_width
from .table_format import SEPARATORS, TableFormat

COMMENTS = "#%"  # signs that begin comments


def separator_of(lines: Sequence[str], tabs: bool, like: TableFormat, known: Collection[str]) -> str:
    """What separates known names of columns; else that of a similar file that nothing shows; else what looks so."""
    found, usual = _visible_separator(lines, tabs), like.separator or ","
    signs = dict.fromkeys((like.separator or found, found, *SEPARATORS, " "))
    named = {sign: _most_named(records(lines[: MOST_TITLES + 1], sign), known) for sign in signs}
    if max(named.values()):
        return max(named, key=named.__getitem__)  # the first of several
    hidden = usual not in SEPARATORS + " " and like.header is False
    return usual if hidden and usual_width(lines, usual)[1] >= 0.9 else found


def _most_named(records: Iterable[Record], known: Collection[str]) -> int:
    return max((len({*record.fields} & {*known}) for record in records), default=0)


def _visible_separator(lines: Sequence[str], tabs: bool) -> str:
    """What splits most lines into the same number of fields; the first of `SEPARATORS` that does, else blanks."""
    shares = {separator: usual_width(lines, separator)[1] for separator in SEPARATORS}
    if tabs and shares["\t"]:
        return "\t"
    best = max(shares, key=shares.__getitem__)
    width, share = usual_width(lines, " ")
    if share >= 0.9 and shares[best] < 0.5:
        return " "
    if share >= 0.9 and width > usual_width(lines, best)[0]:
        filled_up = best == "\t" and any("  " in line for line in lines)  # blanks, and tabs among them
        if shares[best] < 0.9 or filled_up or (best == "," and _only_in_numbers(lines)):
            return " "
    return best if shares[best] else ","


def _only_in_numbers(lines: Sequence[str]) -> bool:
    """Whether commas are nowhere but in numbers between blanks: 0,5 1,5."""
    fields = [field for record in records(lines, " ") for field in record.fields if "," in field]
    return all(is_number(field) and field[-1] != "," for field in fields)


def comment_of(lines: Sequence[str], plain: Sequence[str], separator: str) -> str:
    """The sign that begins comments; "" where none does.

    A sign is one if the file begins with it, or if it begins a line with more or fewer fields than the others.
    """
    usual, _ = usual_width(plain, separator)
    starts = {record.line for record in records(lines, separator)}  # no lines within quoted texts
    filled = [line.lstrip() for i, line in enumerate(lines, 1) if i in starts]
    for sign in COMMENTS:
        marked = [line for line in filled if line.startswith(sign)]
        if not marked or 2 * len(marked) > len(filled):
            continue
        widths = [len(records([line], separator)[0].fields) for line in marked]
        if any(width != usual for width in widths):
            return sign
        # The name of the first column can begin with the sign: %change,price
        column = len(marked) == 1 and (
            marked[0][1:2] in (separator, "") or (sign == "%" and marked[0][1] != " ")
        )
        if filled[0].startswith(sign) and not column:
            return sign
    return ""
