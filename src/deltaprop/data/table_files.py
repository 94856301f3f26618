"""Table files read as they come: texts of any format, Excel workbooks, Parquet and Feather."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple, TextIO

import numpy as np

from ..errors import InputError
from . import layout, opened, quotes
from .columns import Frame, Series
from .footers import without_footer
from .layout import Layout
from .numerals import is_identifier, read_column
from .options import by_number
from .table_format import MISSING, RECOGNISED, TableFormat
from .unused import counts_rows

SAMPLE = 1 << 17  # characters by which a format is recognised
FEW_LINES, MOST_BLOCKS = 20, 128  # lines by which a format is recognised at least, if they are not too long
SOME = 1000  # entries that are looked at for leading zeros
RARE = 0.2  # share of the rows that have no last entry, below which they are looked at for lacking fields
_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+")
UNITS = "units"  # the attribute of a frame that was read: by column what stands beside its numbers
TRAILING = "\0"  # the name, while a file is read, of a last column without name or entries


class TableRead(NamedTuple):
    """A table with string column names and rows numbered from 0, its complete format, and what was done to it."""

    frame: Frame
    format: TableFormat
    notes: list[str]


@dataclass(frozen=True)
class _Wanted:
    """What is known before a file is read: the parameters of `read_table`."""

    path: Path
    format: TableFormat
    like: TableFormat
    known: Collection[str]
    texts: Sequence[str]
    keep_na: Sequence[str]
    numbers: Collection[str]


def read_table(
    path: str | os.PathLike,
    texts: Sequence[str] = (),
    content: str | None = None,
    format: TableFormat = RECOGNISED,
    keep_na: Sequence[str] = (),
    like: TableFormat = RECOGNISED,
    known: Collection[str] = (),
    numbers: Collection[str] = (),
) -> TableRead:
    """Read a table.

    Parameters
    ----------
    path : path of a file
        A text (.csv, .tsv, .tab, .txt, .dat or .data; or one of these as .gz, .bz2, .xz, .zst or .zip), a workbook
        (.xlsx, .xlsm), .parquet or .feather.
    texts : sequence of str
        Columns that keep the spelling of a text file: 01 stays 01.
    content : str, optional
        The characters of a text file: nothing is read from disk, and `path` only names the table.
    format : TableFormat
        What is not to be recognised.
    keep_na : sequence of str
        Columns where NA, None and the like are labels; only empty entries are missing.
    like : TableFormat
        Of a similar table: assumed where the file does not decide.
    known : collection of str
        Names of columns, by which a header is recognised.
    numbers : collection of str
        Columns that are no categories: words after all of their numbers are units.

    Raises
    ------
    InputError
        If the file cannot be read, or has no rows.
    """
    import pandas as pd

    wanted = _Wanted(Path(path), format, like, known, texts, keep_na, numbers)
    try:
        if content is not None:
            return _read_characters(content, wanted)
        kind, open_bytes = opened.source(wanted.path)
        if kind == "text":
            return _read_bytes(open_bytes, wanted)
        return _read_excel(wanted) if kind == "excel" else _read_typed(kind, wanted)
    except (InputError, MemoryError):
        raise
    except UnicodeError:
        found = f"{path} is not {format.encoding or 'UTF-8'} text"
        remedy = "leave --encoding out, or correct it" if format.encoding else "name it (--encoding)"
        raise InputError(f"data: {found}, expected another encoding; {remedy}.") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"data: {path} is empty, expected a header and rows; check the file.") from None
    except Exception as error:  # pyarrow's and pandas' own classes: foreign, truncated or ragged files
        what = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
        found = f"{path} cannot be read ({what.splitlines()[0].rstrip('.')})"
        raise InputError(
            f"data: {found}, expected a complete {wanted.path.suffix} file; check it."
        ) from error


def _read_characters(content: str, wanted: _Wanted) -> TableRead:
    return _read_text(lambda: io.StringIO(content.removeprefix("\ufeff"), newline=""), wanted)


def _read_bytes(open_bytes: Callable[[], IO[bytes]], wanted: _Wanted) -> TableRead:
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
    open_bytes: Callable[[], IO[bytes]], encoding: str, wanted: _Wanted, doubt: str = ""
) -> TableRead:
    def open_text() -> TextIO:
        marked = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        return io.TextIOWrapper(open_bytes(), marked, newline="")

    read = _read_text(open_text, wanted)
    said = []
    if wanted.format.encoding is None and encoding != "utf-8":
        said = [f"the text is read as {encoding}{doubt} (otherwise: --encoding)"]
    return TableRead(read.frame, replace(read.format, encoding=encoding, sheet=None), said + read.notes)


def _read_text(open_text: Callable[[], TextIO], wanted: _Wanted) -> TableRead:
    """A text: its format recognised from its first lines, then read by pandas."""
    path, given = wanted.path, wanted.format
    with open_text() as file:
        lines = _first_lines(file)
    opened.refuse_markup(path, "\n".join(lines[:5]))
    tabs = any(suffix.lower() in (".tsv", ".tab") for suffix in path.suffixes)
    found = layout.of_text(path.name, lines, given, wanted.like, wanted.known, tabs)
    names = _completed(path.name, found)
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
    return _finished(frame, replace(found, notes=found.notes + said), wanted, texts + keep)


def _refuse_open_quotes(open_text: Callable[[], TextIO], found: Layout, name: str) -> None:
    width = len(found.names) + found.trailing
    quotes.refuse_open(name, _lines(open_text, found), found.format.separator or ",", width)


def _lines(open_text: Callable[[], TextIO], found: Layout) -> Iterator[str]:
    """The lines of a text with their ends, comments as blank lines; a blank for several where blanks separate."""
    with open_text() as file:
        for line in file:
            if layout.begins(line, found.format.comment or ""):
                yield "\n"
            else:
                yield " ".join(line.split()) + "\n" if found.format.separator == " " else line


def _absent(open_text: Callable[[], TextIO], texts: Sequence[str]) -> list[str]:
    """Those of the texts that a file does not hold, however it writes those that are numbers."""
    absent = {text: f"{abs(float(text)):g}" if _NUMBER.fullmatch(text) else text for text in texts if text}
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

    separator, missing = found.format.separator or ",", _missing(found.format)
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
        self._pattern = re.compile(rf"(?<![^\r\n])[ \t]*{re.escape(comment)}[^\r\n]*")

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


def _missing(format: TableFormat) -> list[str]:
    return list(MISSING if format.missing is None else ("", *format.missing))


def _identifiers(found: Layout, names: list[str]) -> list[str]:
    """The columns with entries such as 00123, which numbers would not keep."""
    fields = {name: [r.fields[j] for r in found.records if j < len(r.fields)] for j, name in enumerate(names)}
    return [name for name, column in fields.items() if any(map(is_identifier, column))]


def _completed(name: str, found: Layout) -> list[str]:
    """The names of the columns; those without are called by their numbers, or as pandas does beside others."""
    called = "Unnamed: {}" if found.format.header else "column{}"
    names = [label or called.format(j + (not found.format.header)) for j, label in enumerate(found.names)]
    layout.refuse_repeated(name, names)
    return names


def _read_excel(wanted: _Wanted) -> TableRead:
    """A sheet of a workbook: cells keep their types; texts among them are read as those of a text file."""
    from .workbooks import read_sheet

    frame, found = read_sheet(wanted.path, wanted.format, wanted.like, wanted.known)
    names = _completed(wanted.path.name, found)
    texts, keep = (by_number(c, found.format.header, names) for c in (wanted.texts, wanted.keep_na))
    frame = _without(frame.set_axis(names, axis=1), _missing(found.format), keep)
    for label in set(texts).intersection(names):
        frame[label] = frame[label].map(str, na_action="ignore")
    frame = frame.reset_index(drop=True).infer_objects()
    return _finished(frame, found, wanted, texts + keep)


def _read_typed(kind: str, wanted: _Wanted) -> TableRead:
    """A file whose columns have names and types."""
    import pandas as pd

    frame = pd.read_parquet(wanted.path) if kind == "parquet" else pd.read_feather(wanted.path)
    frame = frame.reset_index(drop=True).set_axis(list(map(str, frame.columns)), axis=1)
    layout.refuse_repeated(wanted.path.name, list(frame.columns))
    if wanted.format.missing:
        frame = _without(frame, wanted.format.missing, wanted.keep_na)
    blank = [name for name in frame.columns if re.fullmatch(r"Unnamed: \d+", name)]  # as pandas calls them
    return _without_counts(
        frame, blank, TableFormat(missing=wanted.format.missing, dates=wanted.format.dates), [], wanted
    )


def _without(frame: Frame, missing: Collection[str], keep: Collection[str]) -> Frame:
    """The frame without the entries that stand for missing ones, texts and numbers."""
    numbers = {float(text) for text in missing if _NUMBER.fullmatch(text)}
    frame = frame.copy()
    for label in frame.columns.difference(list(keep)):
        values = frame[label]
        try:
            gone = values.isin(numbers if values.dtype.kind in "iuf" else {*missing, *numbers})
        except (TypeError, ValueError):  # lists and the like, which are refused later; dates
            continue
        if gone.any():
            frame[label] = values.mask(gone)
    return frame


def _finished(frame: Frame, found: Layout, wanted: _Wanted, texts: Collection[str]) -> TableRead:
    """The table with texts read as numbers where all are, and without rows and columns that hold nothing."""
    import pandas as pd

    frame, said = without_footer(frame)
    notes = found.notes + said
    if found.format.header and (repeated := _repeats_header(frame)).any():
        notes.append(f"rows that repeat the header left out: {repeated.sum()}")
        frame = frame[~repeated].reset_index(drop=True)
    signs: dict[tuple[str, str], list[str]] = {}
    identifiers, others = [], []
    for label in frame.columns.difference(list(texts), sort=False):
        values = frame[label]
        if not (values.dtype == object or isinstance(values.dtype, pd.StringDtype)):
            continue
        if _are_identifiers(values):
            frame[label] = values.astype("category")
            identifiers.append(label)
        elif numbers := read_column(values, found.format, wanted.format, label in wanted.numbers):
            frame[label] = numbers.values
            signs.setdefault((numbers.thousands, str(numbers.unit)), []).append(label)
            if numbers.decimal != found.format.decimal:
                others.append(label)
    if identifiers:
        notes.append(f"{_columns(identifiers)}: entries such as 00123 are kept as texts")
    if others:
        sign = "point" if found.format.decimal == "," else "comma"
        notes.append(
            f"{_columns(others)}: numbers have a decimal {sign} (otherwise: --category {others[0]!r})"
        )
    notes += _removed(signs, wanted.format)
    format, separators = found.format, {thousands for thousands, _ in signs if thousands}
    if len(separators) == 1 and found.format.decimal not in separators:
        format = format.filled(thousands=separators.pop())
    names = _completed(wanted.path.name, found)
    blank = [name for name, label in zip(names, found.names, strict=True) if not label and format.header]
    read = _without_counts(frame, blank, format, notes, wanted)
    read.frame.attrs[UNITS] = {label: unit for (_, unit), labels in signs.items() if unit for label in labels}
    return read


def _repeats_header(frame: Frame) -> np.ndarray:
    """Which rows (n,) are the header once more, as where files were joined."""
    repeated = np.ones(len(frame), dtype=bool)
    for label, values in frame.items():
        if not repeated.any():
            break
        repeated &= (values == label).to_numpy(bool, na_value=False) if values.dtype.kind == "O" else False
    return repeated


def _are_identifiers(values: Series) -> bool:
    """Whether a column holds only digits, which numbers would not keep in all entries."""
    present = values.dropna()
    return any(isinstance(entry, str) and is_identifier(entry) for entry in present.head(SOME)) and all(
        isinstance(entry, str) and entry.strip().isdecimal() for entry in present
    )


def _removed(signs: Mapping[tuple[str, str], list[str]], given: TableFormat) -> list[str]:
    """Notes on the signs of thousands and units without which columns were read as numbers."""
    notes = []
    for (thousands, unit), labels in signs.items():
        found = ["a space" if thousands == " " else repr(thousands)] if thousands else []
        removed = [f"{sign} between thousands" for sign in found] + [repr(unit)] * bool(unit)
        options = ["--thousands none"] * bool(thousands and given.thousands is None)
        remedy = " or ".join([*options, f"--category {labels[0]!r}"])
        if removed:
            what = " and ".join(removed)
            notes.append(f"{_columns(labels)}: numbers are read without {what} (otherwise: {remedy})")
    return notes


def _without_counts(
    frame: Frame, blank: list[str], format: TableFormat, notes: list[str], wanted: _Wanted
) -> TableRead:
    """The frame without columns that have no name and number the rows; others without name are said."""
    if len(frame) == 0:
        name = wanted.path.name
        raise InputError(f"{name}: the table has no rows below its header, expected some; add rows.")
    counts = [label for label in blank if counts_rows(frame[label])]
    if counts:
        notes.append("the column without a name was left out: it numbers the rows")
    if called := [label for label in blank if label not in counts and frame[label].notna().any()]:
        one = (
            "the column without a name is"
            if len(called) == 1
            else f"{len(called)} columns without a name are"
        )
        notes.append(f"{one} called {_listed(called)}")
    return TableRead(frame.drop(columns=counts), format, notes)


def _columns(names: list[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {_listed(names)}"


def _listed(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:8]))}{' …' * (len(names) > 8)}"
