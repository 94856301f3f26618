"""Rows of a text, split into fields."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_FIELD = 1 << 30  # characters: Python's csv refuses more than 131,072 otherwise


class Record(NamedTuple):
    """A row as it stands in a file: the number of its line, from 1, and its fields without blanks around them."""

    line: int
    fields: list[str]


def records(lines: Iterable[str], separator: str) -> list[Record]:
    return list(read_records(lines, separator))


def read_records(lines: Iterable[str], separator: str) -> Iterator[Record]:
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


def usual_width(lines: Iterable[str], separator: str) -> tuple[int, float]:
    """The most frequent number of fields, if it is more than one, and the share of the rows that have it."""
    widths = [len(record.fields) for record in records(lines, separator)]
    width, count = max(
        Counter(w for w in widths if w > 1).items(), key=lambda item: item[::-1], default=(1, 0)
    )
    return width, count / max(1, len(widths))


def begins(line: str, comment: str) -> bool:
    """Whether a line is a comment."""
    return bool(comment) and line.lstrip(" ").startswith(comment)


def outside_quotes(line: str) -> str:
    """A line without its quoted parts."""
    return "".join(line.split('"')[::2])
