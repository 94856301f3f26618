"""What separates the fields of a text, and what begins its comments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile

from .header import MOST_TITLES
from .numerals import is_number
from .records import Record, records, usual_width
from .table_format import MISSING, SEPARATORS, TableFormat

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
    if share >= 0.9 and (shares[best] < 0.5 or (best == "," and _only_in_numbers(lines))):
        return " "
    if share >= 0.9 and width > usual_width(lines, best)[0]:
        filled_up = best == "\t" and any("  " in line for line in lines)  # blanks, and tabs among them
        if shares[best] < 0.9 or filled_up:
            return " "
    return best if shares[best] else ","


def _only_in_numbers(lines: Sequence[str]) -> bool:
    """Whether commas are nowhere but in numbers between blanks: 0,5 1,5."""
    fields = [field for record in records(lines, " ") for field in record.fields if "," in field]
    return all(is_number(field) and field[-1] != "," for field in fields)


def comment_of(
    lines: Sequence[str], plain: Sequence[str], separator: str, usual: str | None = None
) -> tuple[str, int]:
    """The sign that begins comments, and the number of the first lines that it holds for.

    It begins the file, or a line with more or fewer fields than the rows have. Where rows begin with it too, without a
    blank, as #ff0000 and #N/A do, it begins comments above them only. Without comments it is "". `usual` is tried too.
    """
    width, _ = usual_width(plain, separator)
    starts = {record.line for record in records(lines, separator)}  # no lines within quoted texts
    filled = {i: line.lstrip(" ") for i, line in enumerate(lines, 1) if i in starts}
    for sign in dict.fromkeys((*COMMENTS, usual or COMMENTS[0])):
        fields = {
            i: records([line], separator)[0].fields for i, line in filled.items() if line.startswith(sign)
        }
        if not fields or 2 * len(fields) > len(filled):
            continue
        comments = {i for i in fields if fields[i][0] not in MISSING}
        above = list(takewhile(comments.__contains__, filled))
        below = fields.keys() - set(above)
        rows = [i for i in below if len(fields[i]) == width and not filled[i].startswith(f"{sign} ")]
        # The name of the first column can begin with the sign: %change,price
        first = filled[next(iter(filled))]
        column = len(fields) == 1 and (first[1:2] in (separator, "") or (sign == "%" and first[1] != " "))
        if column and above and len(fields[above[0]]) == width:
            continue
        if above:
            return sign, above[-1] if rows else len(lines)
        if not rows and any(len(fields[i]) != width for i in below):
            return sign, len(lines)
    return "", 0
