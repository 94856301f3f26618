"""Which row names the columns: titles above it, units below it, and the names themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from ...errors import InputError, short
from .numerals import is_missing, is_number, is_value
from .records import Record
from .table_format import TableFormat

MOST_TITLES = 20  # lines above the header
LONGEST_UNIT = 12  # characters
ROWS = 200  # that are looked at to recognise what the columns hold


def count_titles(
    records: list[Record], given: TableFormat, known: Collection[str], missing: Collection[str]
) -> int:
    """The number of rows above the header: it has most known names, or they have an entry in the first field only."""
    heads = records[: MOST_TITLES + 1]
    named = [len({*record.fields} & {*known}) for record in heads]
    if (
        any(named) and given.header is not False
    ):  # a title can be called as a column is: the header is the row with more entries
        return max(range(len(heads)), key=lambda i: (named[i], sum(map(bool, heads[i].fields)), -i))
    width = max(len(record.fields) for record in records[:ROWS])
    count = 0
    while count < min(MOST_TITLES, len(records) - 1) and _only_first(records[count].fields, width):
        count += 1
    below = [len(record.fields) == len(records[count].fields) for record in records[count + 1 : ROWS]]
    if count == 0 or sum(map(bool, records[count].fields)) < 2 or 2 * sum(below) < len(below):
        return 0
    return count if given.header is False or _is_header(records[count], records[count + 1 :], missing) else 0


def _only_first(fields: list[str], width: int) -> bool:
    return width > 1 and bool(fields[0]) and not any(fields[1:])


def header(
    records: list[Record],
    given: TableFormat,
    like: TableFormat,
    known: Collection[str],
    comment: Record | None,
    missing: Collection[str],
) -> tuple[Record | None, list[Record]]:
    """The row that names the columns, or None, and the rows of data."""
    first, body = records[0], records[1:]
    if given.header is False:
        return None, records
    if any(field in known for field in first.fields):
        return first, body
    named = _is_header(first, body, missing)
    if comment is not None and len(comment.fields) == len(first.fields):
        named_there = any(field in known for field in comment.fields)
        data_here = not named and not any(map(is_value, comment.fields))
        if named_there or data_here:
            return comment, records
    if given.header or (named and like.header is not False):
        return first, body
    return None, records


def _is_header(first: Record, body: list[Record], missing: Collection[str]) -> bool:
    """Whether a row has a text above numbers or dates, or there are only texts, most of them nowhere below."""
    alike = []  # the columns of numbers or dates in which the first row has one too
    rows = [record for record in body[:ROWS] if record.fields != first.fields] or body[:ROWS]
    for j, field in enumerate(first.fields):
        column = [r.fields[j] for r in rows if j < len(r.fields) and not is_missing(r.fields[j], missing)]
        if column and sum(map(is_value, column)) >= 0.8 * len(column) and not is_missing(field, missing):
            if not is_value(field):
                return True
            alike.append((field, column))
    if not alike:
        return not _occurs_below(first, body, missing)
    return _counts(first.fields) or _years(alike)


def _occurs_below(first: Record, body: list[Record], missing: Collection[str]) -> bool:
    """Whether at least half of the entries of a row are in the same columns of rows that do not repeat it."""
    others = [record.fields for record in body[:ROWS] if record.fields != first.fields]
    places = [j for j, field in enumerate(first.fields) if not is_missing(field, missing)]
    seen = [first.fields[j] in {fields[j] for fields in others if j < len(fields)} for j in places]
    return 2 * sum(seen) >= len(seen) > 0


def _counts(fields: list[str]) -> bool:
    """Whether these are 0, 1, 2, 3 …: the names that libraries give to columns without names."""
    return len(fields) > 3 and fields == [str(i) for i in range(len(fields))]


def _years(columns: list[tuple[str, list[str]]]) -> bool:
    """Whether columns of something else have years for names."""
    names = [name for name, _ in columns]
    entries = [entry for _, column in columns for entry in column]
    distinct = len(set(names)) == len(names) > 1
    return distinct and all(map(_is_year, names)) and sum(map(_is_year, entries)) < 0.2 * len(entries)


def _is_year(field: str) -> bool:
    return field.isdecimal() and len(field) == 4 and 1800 <= int(field) <= 2100


def is_row_of_units(width: int, body: list[Record], missing: Collection[str]) -> bool:
    """Whether the first row has texts where all others have numbers, and elsewhere no entry that recurs."""
    if len(body) < 4 or len(body[0].fields) != width or width < 2:
        return False
    units, labels = [], []
    for j, field in enumerate(body[0].fields):
        column = [
            r.fields[j] for r in body[1:ROWS] if j < len(r.fields) and not is_missing(r.fields[j], missing)
        ]
        if is_missing(field, missing) or not column:
            continue
        numbers = all(map(is_number, column))
        if (
            is_number(field)
            or is_value(field)
            or len(field) > LONGEST_UNIT
            or (not numbers and field in column)
        ):
            return False
        (units if numbers else labels).append(field)
    return len(units) > 1 or (len(units) == 1 and not labels)


def column_names(name: str, head: Record | None, body: list[Record]) -> tuple[list[str], bool]:
    """The names of the columns, and whether a column without name or entries comes last; ragged rows are refused."""
    widths = Counter(len(record.fields) for record in body)
    named = len(head.fields) if head else 0
    usual = max(widths, key=lambda width: (widths[width], width == named, width), default=named)
    full = [record.fields for record in body if len(record.fields) == usual]
    names = head.fields if head else [""] * usual
    open_end = usual > 1 and bool(full) and not any(fields[-1] for fields in full)
    if len(names) == usual + 1 and not names[-1]:
        names = names[:-1]  # only the header ends with a separator
    elif len(names) == usual - 1 and len(full) == len(body) and _names_of_rows([row[0] for row in full]):
        names = ["", *names]  # the names of the rows have no name, as R and pandas write them
    trailing = open_end and (len(names) == usual - 1 or (len(names) == usual and not names[-1]))
    if trailing:
        names = names[: usual - 1]
    width = len(names)
    for line, fields in body:
        if len(fields) > width + trailing or (len(fields) > width and fields[-1]):
            expected = f"{width} as {'in the header' if head else 'in most others'}"
            remedy = "quote fields that contain the separator, or name it (--separator)"
            if any("\n" in field for field in fields):
                remedy = 'close the quote that it opens, or remove the sign "'
            raise InputError(f"{name}: line {line} has {len(fields)} fields, expected {expected}; {remedy}.")
    refuse_repeated(name, [column for column in names if column])
    return names, trailing


def _names_of_rows(entries: list[str]) -> bool:
    """Whether the entries are 1, 2, 3, … or 0, 1, 2, …, or different texts."""
    counted = any(entries == [str(i + first) for i in range(len(entries))] for first in (0, 1))
    distinct = len(set(entries)) == len(entries) and not any(map(is_value, entries))
    return len(entries) > 1 and (counted or distinct)


def refuse_repeated(name: str, header: Sequence[str]) -> None:
    """Refuse a name of two columns."""
    if repeated := [column for column, count in Counter(header).items() if count > 1]:
        column = short(repeated[0])
        raise InputError(f"{name}: header names column {column} twice, expected distinct names; rename one.")
