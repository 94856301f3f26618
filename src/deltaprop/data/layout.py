"""Where the table is in a text or a sheet: separator, comments, titles, header and rows, from its first lines."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..errors import InputError, short
from .numerals import OPPOSITE, decimal_sign, is_missing, is_number, is_value
from .table_format import MISSING, SEPARATORS, TableFormat

MOST_TITLES = 20  # lines above the header
LONGEST_FIELD = 1 << 30  # characters: Python's csv refuses more than 131,072 otherwise
LONGEST_UNIT = 12  # characters
ROWS = 200  # that are looked at to recognise what the columns hold
COMMENTS = "#%"  # signs that begin comments
SPELLED = {"\t": "tabs", " ": "blanks", ";": "semicolons", "|": "vertical bars", ",": "commas"}


class Record(NamedTuple):
    """A row as it stands in a file: the number of its line, from 1, and its fields without blanks around them."""

    line: int
    fields: list[str]


@dataclass(frozen=True)
class Layout:
    """Where the table is and how it is written: a complete format, but for encoding, thousands, sheet and missing."""

    format: TableFormat
    names: list[str]  # of the columns
    start: int  # number of the first line with data, from 1
    records: list[Record]  # the first rows of data
    trailing: bool  # each line ends with a separator, as if a column without name or entries came last
    notes: list[str]


def of_text(
    name: str,
    lines: Sequence[str],
    given: TableFormat,
    like: TableFormat,
    known: Collection[str] = (),
    tabs: bool = False,
) -> Layout:
    """The layout of a text that begins with these lines.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    given, like : TableFormat
        What is known; and what is assumed where the lines do not decide.
    known : collection of str
        Names of columns, by which a header is recognised.
    tabs : bool
        Whether the file's name says that tabs separate its fields.
    """
    notes = []
    if lines and (excel := lines[0].strip('"'))[:4].lower() == "sep=" and len(excel) == 5:
        given = given.filled(separator=excel[4])
        lines = ["", *lines[1:]]
    plain = [line for line in lines if line.strip() and line.lstrip()[0] not in COMMENTS]
    if 2 * len(plain) < sum(map(bool, map(str.strip, lines))):
        plain = list(lines)  # what begins most lines is no comment
    separator = given.separator or _separator(plain[:ROWS], tabs, like, known)
    if given.separator is None and separator != "," and not (tabs and separator == "\t"):
        notes.append(
            f"the fields are separated by {SPELLED.get(separator, repr(separator))} (otherwise: --separator)"
        )
    comment = given.comment
    if comment is None:
        comment = _comment(lines, plain, separator) or like.comment or ""
    kept = ["" if begins(line, comment) else line for line in lines]
    if given.comment is None and kept != list(lines):
        notes.append(f"lines that begin with {comment} are comments (otherwise: --comment)")
    found = _records(kept, separator)
    heads = []
    for i, line in enumerate(lines[: found[0].line - 1] if found else [], 1):
        if begins(line, comment):
            content = line.lstrip().removeprefix(comment).lstrip(comment[:1])
            heads += [Record(i, record.fields) for record in _records([content], separator)]
    format = given.filled(separator=separator, comment=comment)
    layout = of_records(name, found, format, like, known, heads[-1] if heads else None)
    return replace(layout, notes=notes + layout.notes)


def of_records(
    name: str,
    records: list[Record],
    given: TableFormat,
    like: TableFormat,
    known: Collection[str] = (),
    comment: Record | None = None,
) -> Layout:
    """The layout of the rows of a text or a sheet; `comment`, the last one above them, may be the header."""
    notes = []
    if not records:
        raise InputError(f"data: {name} is empty, expected a header and rows; check the file.")
    missing = MISSING if given.missing is None else ("", *given.missing)
    if titles := _titles(records, given, known, missing):
        what = "the line" if titles == 1 else f"the {titles} lines"
        notes.append(f"{what} above the header {'is a title and was' if titles == 1 else 'were'} left out")
        records = records[titles:]
    head, body = _header(records, given, like, known, comment, missing)
    if given.header is None and head is None:
        remedy = "(otherwise: --header)"
        notes.append(f"the file has no header, its columns are called column1, column2, … {remedy}")
    if head is not None and head is comment:
        notes.append(f"the header is the comment in line {head.line} (otherwise: --no-header)")
    if head is not None and _is_row_of_units(len(head.fields), body, missing):
        notes.append(f"line {body[0].line}, below the header, holds units and was left out")
        body = body[1:]
    names, trailing = _names(name, head, body)
    fields = (field for record in body[:ROWS] for field in record.fields)
    # Commas and semicolons hint at the decimal sign more than a file that is separated otherwise does.
    comparable = like.separator in (None, given.separator) or given.separator not in (",", ";")
    usual = like.decimal if comparable else None
    decimal, ambiguous = decimal_sign(fields, given.separator or ",", usual)
    asked = given.decimal or OPPOSITE.get(given.thousands or "")
    decimal = asked or decimal
    if asked is None and (decimal == "," or (ambiguous and given.separator == ";")):
        which = f"numbers such as {ambiguous} are read with" if ambiguous else "numbers have"
        sign, other = ("comma", ".") if decimal == "," else ("point", ",")
        notes.append(f"{which} a decimal {sign} (otherwise: --decimal {other})")
    format = given.filled(header=head is not None, decimal=decimal)
    start = body[0].line if body else (head or records[0]).line + 1
    return Layout(format, names, start, body, trailing, notes)


def short_rows(lines: Iterable[str], found: Layout) -> list[str]:
    """A note on the rows of a text that have fewer fields than columns, if there are any."""
    records = _read((line.rstrip("\r\n") for line in lines), found.format.separator or ",")
    width = len(found.names)
    short = [record.line for record in records if record.line >= found.start and len(record.fields) < width]
    if not short:
        return []
    have = f"{len(short)} lines have" if len(short) > 1 else "1 line has"
    return [f"{have} fewer fields than columns, the first is line {short[0]}: the last are missing"]


def begins(line: str, comment: str) -> bool:
    """Whether a line is a comment."""
    return bool(comment) and line.lstrip().startswith(comment)


def outside_quotes(line: str) -> str:
    """A line without its quoted parts."""
    return "".join(line.split('"')[::2])


def _records(lines: Iterable[str], separator: str) -> list[Record]:
    return list(_read(lines, separator))


def _read(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """The rows that are not blank; a quoted field may go over several lines."""
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_FIELD))
    if separator == " ":
        lines = (" ".join(line.split()) for line in lines)
    reader = csv.reader((line + "\n" for line in lines), delimiter=separator, skipinitialspace=True)
    line = 1
    for fields in reader:
        if any(map(str.strip, fields)) or len(fields) > 1:
            yield Record(line, [field.strip() for field in fields])
        line = reader.line_num + 1


def _usual_width(lines: Iterable[str], separator: str) -> tuple[int, float]:
    """The most frequent number of fields, if it is more than one, and the share of the rows that have it."""
    widths = [len(record.fields) for record in _records(lines, separator)]
    width, count = max(
        Counter(w for w in widths if w > 1).items(), key=lambda item: item[::-1], default=(1, 0)
    )
    return width, count / max(1, len(widths))


def _separator(lines: Sequence[str], tabs: bool, like: TableFormat, known: Collection[str]) -> str:
    """What separates known names of columns; else that of a similar file that nothing shows; else what looks so."""
    found, usual = _visible_separator(lines, tabs), like.separator or ","
    signs = dict.fromkeys((like.separator or found, found, *SEPARATORS, " "))
    named = {sign: _most_named(_records(lines[: MOST_TITLES + 1], sign), known) for sign in signs}
    if max(named.values()):
        return max(named, key=named.__getitem__)  # the first of several
    hidden = usual not in SEPARATORS + " " and like.header is False
    return usual if hidden and _usual_width(lines, usual)[1] >= 0.9 else found


def _most_named(records: Iterable[Record], known: Collection[str]) -> int:
    return max((len({*record.fields} & {*known}) for record in records), default=0)


def _visible_separator(lines: Sequence[str], tabs: bool) -> str:
    """What splits most lines into the same number of fields; the first of `SEPARATORS` that does, else blanks."""
    shares = {separator: _usual_width(lines, separator)[1] for separator in SEPARATORS}
    if tabs and shares["\t"]:
        return "\t"
    best = max(shares, key=shares.__getitem__)
    width, share = _usual_width(lines, " ")
    if share >= 0.9 and shares[best] < 0.5:
        return " "
    if share >= 0.9 and width > _usual_width(lines, best)[0]:
        filled_up = best == "\t" and any("  " in line for line in lines)  # blanks, and tabs among them
        if shares[best] < 0.9 or filled_up or (best == "," and _only_in_numbers(lines)):
            return " "
    return best if shares[best] else ","


def _only_in_numbers(lines: Sequence[str]) -> bool:
    """Whether commas are nowhere but in numbers between blanks: 0,5 1,5."""
    fields = [field for record in _records(lines, " ") for field in record.fields if "," in field]
    return all(is_number(field) and field[-1] != "," for field in fields)


def _comment(lines: Sequence[str], plain: Sequence[str], separator: str) -> str:
    """The sign that begins comments; "" where none does.

    A sign is one if the file begins with it, or if it begins a line with more or fewer fields than the others.
    """
    usual, _ = _usual_width(plain, separator)
    starts = {record.line for record in _records(lines, separator)}  # no lines within quoted texts
    filled = [line.lstrip() for i, line in enumerate(lines, 1) if i in starts]
    for sign in COMMENTS:
        marked = [line for line in filled if line.startswith(sign)]
        if not marked or 2 * len(marked) > len(filled):
            continue
        widths = [len(_records([line], separator)[0].fields) for line in marked]
        if any(width != usual for width in widths):
            return sign
        # The name of the first column can begin with the sign: %change,price
        column = len(marked) == 1 and (
            marked[0][1:2] in (separator, "") or (sign == "%" and marked[0][1] != " ")
        )
        if filled[0].startswith(sign) and not column:
            return sign
    return ""


def _titles(
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


def _header(
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


def _is_row_of_units(width: int, body: list[Record], missing: Collection[str]) -> bool:
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


def _names(name: str, head: Record | None, body: list[Record]) -> tuple[list[str], bool]:
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


def refuse_repeated(name: str, header: Sequence[str]) -> None:
    """Refuse a name of two columns."""
    if repeated := [column for column, count in Counter(header).items() if count > 1]:
        column = short(repeated[0])
        raise InputError(f"{name}: header names column {column} twice, expected distinct names; rename one.")


def _names_of_rows(entries: list[str]) -> bool:
    """Whether the entries are 1, 2, 3, … or 0, 1, 2, …, or different texts."""
    counted = any(entries == [str(i + first) for i in range(len(entries))] for first in (0, 1))
    distinct = len(set(entries)) == len(entries) and not any(map(is_value, entries))
    return len(entries) > 1 and (counted or distinct)
