"""Where the table is in a text or a sheet, and how it is written, from its first lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ...errors import InputError
from .header import ROWS, column_names, count_titles, header, is_row_of_units
from .numerals import OPPOSITE, decimal_sign
from .records import Record, begins, read_records, records
from .separators import COMMENTS, comment_of, separator_of
from .table_format import TableFormat

SPELLED = {"\t": "tabs", " ": "blanks", ";": "semicolons", "|": "vertical bars", ",": "commas"}


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
    plain = [line for line in lines if line.strip() and line.lstrip(" ")[0] not in COMMENTS]
    if 2 * len(plain) < sum(map(bool, map(str.strip, lines))):
        plain = list(lines)  # what begins most lines is no comment
    separator = given.separator or separator_of(plain[:ROWS], tabs, like, known)
    if given.separator is None and separator != "," and not (tabs and separator == "\t"):
        notes.append(
            f"the fields are separated by {SPELLED.get(separator, repr(separator))} (otherwise: --separator)"
        )
    comment, last = given.comment, len(lines)
    if comment is None:
        comment, last = comment_of(lines, plain, separator, like.comment)
    kept = ["" if i < last and begins(line, comment) else line for i, line in enumerate(lines)]
    if given.comment is None and kept != list(lines):
        where = "" if last == len(lines) else "above the rows "
        notes.append(f"lines {where}that begin with {comment} are comments (otherwise: --comment)")
    found = records(kept, separator)
    heads = []
    for i, line in enumerate(lines[: min(last, found[0].line - 1)] if found else [], 1):
        if begins(line, comment):
            content = line.lstrip().removeprefix(comment).lstrip(comment[:1])
            heads += [Record(i, record.fields) for record in records([content], separator)]
    # Where rows begin with the sign too, only the lines above them are comments, and they are recognised again.
    format = given.filled(separator=separator, comment=None if 0 < last < len(lines) else comment)
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
    missing = given.missing_texts
    if titles := count_titles(records, given, known, missing):
        what = "the line" if titles == 1 else f"the {titles} lines"
        notes.append(f"{what} above the header {'is a title and was' if titles == 1 else 'were'} left out")
        records = records[titles:]
    head, body = header(records, given, like, known, comment, missing)
    if given.header is None and head is None:
        remedy = "(otherwise: --header)"
        notes.append(f"the file has no header, its columns are called column1, column2, … {remedy}")
    if head is not None and head is comment:
        notes.append(f"the header is the comment in line {head.line} (otherwise: --no-header)")
    if head is not None and is_row_of_units(len(head.fields), body, missing):
        notes.append(f"line {body[0].line}, below the header, holds units and was left out")
        body = body[1:]
    names, trailing = column_names(name, head, body)
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
    records = read_records((line.rstrip("\r\n") for line in lines), found.format.separator or ",")
    width = len(found.names)
    short = [record.line for record in records if record.line >= found.start and len(record.fields) < width]
    if not short:
        return []
    have = f"{len(short)} lines have" if len(short) > 1 else "1 line has"
    return [f"{have} fewer fields than columns, the first is line {short[0]}: the last are missing"]
