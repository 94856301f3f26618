"""Text files: their encoding and format recognised, and their rows read by pandas."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import IO, TextIO

from ...errors import InputError
from ..columns import Frame
from ..options import by_number
from . import layout, opened, quotes
from .entries import TableRead, Wanted, completed, finished
from .layout import Layout
from .numerals import is_identifier
from .records import begins
from .table_format import NUMBER

SAMPLE = 1 << 17  # characters by which a format is recognised
FEW_LINES, MOST_BLOCKS = 20, 128  # lines by which a format is recognised at least, if they are not too long
RARE = 0.2  # share of the rows that have no last entry, below which they are looked at for lacking fields
TRAILING = "\0"  # the name, while a file is read, of a last column without name or entries


def read_characters(content: str, wanted: Wanted) -> TableRead:
    return _read_text(lambda: io.StringIO(content.removeprefix("\ufeff"), newline=""), wanted)


def read_bytes(open_bytes: Callable[[], IO[bytes]], wanted: Wanted) -> TableRead:
    """A text file, by its encoding."""
    asked = wanted.format.encoding
    with open_bytes() as file:
        sample = file.read(SAMPLE)
    encoding = asked or opened.recognise_encoding(wanted.path, sample, wanted.like.encoding)
    doubt = ""
    try:
        if encoding != "cp1252" or asked or not (doubt := opened.nearly_utf_8(sample)):
            return _read_encoded(open_bytes, encoding, wanted)
    except UnicodeDecodeError as error:
        if asked or encoding != "utf-8":
            raise
        doubt = opened.nearly_utf_8(error.object)
    return _read_encoded(open_bytes, opened.single_bytes(open_bytes), wanted, doubt)  # beyond the sample


def _read_encoded(
    open_bytes: Callable[[], IO[bytes]], encoding: str, wanted: Wanted, doubt: str = ""
) -> TableRead:
    def open_text() -> TextIO:
        marked = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        return io.TextIOWrapper(open_bytes(), marked, newline="")

    read = _read_text(open_text, wanted)
    said = []
    if wanted.format.encoding is None and encoding != "utf-8":
        said = [f"the text is read as {encoding}{doubt} (otherwise: --encoding)"]
    return TableRead(read.frame, replace(read.format, encoding=encoding, sheet=None), said + read.notes)


def _read_text(open_text: Callable[[], TextIO], wanted: Wanted) -> TableRead:
    """A text: its format recognised from its first lines, then read by pandas."""
    path, given = wanted.path, wanted.format
    with open_text() as file:
        lines = _first_lines(file)
    opened.refuse_markup(path, "\n".join(lines[:5]))
    tabs = any(suffix.lower() in (".tsv", ".tab") for suffix in path.suffixes)
    found = layout.of_text(path.name, lines, given, wanted.like, wanted.known, tabs)
    names = completed(path.name, found)
    texts, keep = (by_number(c, found.format.header, names) for c in (wanted.texts, wanted.keep_na))
    try:
        with open_text() as file:
            for _ in range(found.start - 1):
                file.readline()
            frame = _parsed(file, found, names, texts + keep + _identifiers(found, names), keep)
    except ValueError as error:  # a quote that is not closed also makes rows too long, or ends with the file
        if "line" in str(error) or "EOF" in str(error):
            _refuse_open_quotes(open_text, found, path.name)
        raise
    if quotes.over_lines(frame):
        _refuse_open_quotes(open_text, found, path.name)
    said = layout.short_rows(_lines(open_text, found), found) if _may_be_short(frame, found) else []
    if given.missing != wanted.like.missing:  # which are those of training
        said += [
            f"--missing {text!r} is nowhere in the file" for text in _absent(open_text, given.missing or ())
        ]
    return finished(frame, replace(found, notes=found.notes + said), wanted, texts + keep)


def _refuse_open_quotes(open_text: Callable[[], TextIO], found: Layout, name: str) -> None:
    width = len(found.names) + found.trailing
    quotes.refuse_open(name, _lines(open_text, found), found.format.separator or ",", width)


def _lines(open_text: Callable[[], TextIO], found: Layout) -> Iterator[str]:
    """The lines of a text with their ends, comments as blank lines; a blank for several where blanks separate."""
    with open_text() as file:
        for line in file:
            if begins(line, found.format.comment or ""):
                yield "\n"
            else:
                yield " ".join(line.split()) + "\n" if found.format.separator == " " else line


def _absent(open_text: Callable[[], TextIO], texts: Sequence[str]) -> list[str]:
    """Those of the texts that a file does not hold, however it writes those that are numbers."""
    absent = {text: f"{abs(float(text)):g}" if NUMBER.fullmatch(text) else text for text in texts if text}
    with open_text() as file:
        last = ""
        while absent and (block := file.read(SAMPLE)):
            absent = {text: sought for text, sought in absent.items() if sought not in last + block}
            last = block[-100:]
    return list(absent)


def _may_be_short(frame: Frame, found: Layout) -> bool:
    """Whether rows may lack fields: some have no last entry, or of many such rows one of the first lacks fields."""
    if frame.shape[1] < 2 or frame.empty:
        return False
    share = frame.iloc[:, -1].isna().mean()
    return 0 < share < RARE or any(len(record.fields) < len(found.names) for record in found.records)


def _first_lines(file: TextIO) -> list[str]:
    """The first lines, whole ones, without their ends."""
    blocks = [file.read(SAMPLE)]
    ends = len(blocks[0].splitlines())
    while (more := file.read(SAMPLE)) and ends <= FEW_LINES and len(blocks) < MOST_BLOCKS:
        blocks.append(more)
        ends += more.count("\n") + more.count("\r")
    text = "".join(blocks)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if more or not lines[-1] else lines


def _parsed(file: TextIO, found: Layout, names: list[str], texts: list[str], keep: list[str]) -> Frame:
    """The rows of a text file from here on, as pandas reads them in the format that was found."""
    import pandas as pd

    separator, missing = found.format.separator or ",", list(found.format.missing_texts)
    labels = names + [TRAILING] * found.trailing
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the first lose entries
            frame = pd.read_csv(
                _Uncommented(file, found.format.comment) if found.format.comment else file,  # type: ignore[arg-type]
                sep=r"\s+" if separator == " " else separator,
                decimal=found.format.decimal or ".",
                header=None,
                names=labels,
                skipinitialspace=True,
                skip_blank_lines=len(labels) > 1
                or bool(found.format.comment),  # of one column: missing entries
                index_col=False,
                keep_default_na=False,
                na_values={label: [""] if label in keep else missing for label in labels}
                if keep
                else missing,
                low_memory=False,
                dtype=dict.fromkeys(texts, str),
            )
    except pd.errors.EmptyDataError:
        return pd.DataFrame(columns=pd.Index(names))
    except pd.errors.ParserError as error:
        raise _with_line(error, found) from None
    if found.trailing:
        if frame[TRAILING].notna().any():
            row = int(frame[TRAILING].notna().argmax()) + 1
            raise InputError(
                f"data: row {row} has more fields than columns, expected {len(names)}; quote them."
            )
        del frame[TRAILING]
    return frame


class _Uncommented(io.TextIOBase):
    """A text in which comments are blank lines, so that its lines keep their numbers."""

    def __init__(self, file: TextIO, comment: str) -> None:
        self._file, self._comment = file, comment
        self._pattern = re.compile(rf"(?<![^\r\n]) *{re.escape(comment)}[^\r\n]*")

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        size = -1 if size is None else size
        text = self._file.read(size)
        if text and size >= 0:
            text += self._file.readline()
        return self._pattern.sub("", text) if self._comment in text else text


def _with_line(error: Exception, found: Layout) -> Exception:
    """pandas' error with the number of the line in the file."""
    if match := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error)):
        expected, line, saw = map(int, match.groups())
        line += found.start - 1
        return ValueError(f"line {line} has {saw} fields, expected {expected}")
    return error


def _identifiers(found: Layout, names: list[str]) -> list[str]:
    """The columns with entries such as 00123, which numbers would not keep."""
    fields = {name: [r.fields[j] for r in found.records if j < len(r.fields)] for j, name in enumerate(names)}
    return [name for name, column in fields.items() if any(map(is_identifier, column))]
