"""Files of tables: what a file holds by its suffix and first bytes, compressed ones opened, the encoding of texts."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from ...errors import InputError

TEXTS = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data")
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
TYPED = {
    ".parquet": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
SAVE = "save the table as .csv or .xlsx"
UNREADABLE = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook (.xls)",
    b"%PDF-": "a PDF",
    b"SQLite format 3\0": "a database",
    b"\x89HDF\r\n": "HDF5",
    b"{\\rtf": "a text document",
}
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8",
}
#: A compressed file is refused beyond 1 GiB that are more than 200 times its size; real tables shrink less.
LARGE, RATIO = 1 << 30, 200
CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f]")


class Source(NamedTuple):
    """What a file holds: "text", "parquet", "feather" or "excel", and how to open it, without compression."""

    kind: str
    open: Callable[[], IO[bytes]]


def source(path: Path) -> Source:
    """What the file holds, by its first bytes where they tell, else by its suffix."""
    if not os.path.isfile(path):  # False for a path longer than the system allows, where pathlib raises
        state = "is a folder" if os.path.isdir(path) else "does not exist"
        raise InputError(f"data: {path} {state}, expected a .csv or .parquet file; check the path.")
    name, suffix = path.name.lower(), path.suffix.lower()
    inner = Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix
    if not (inner in TEXTS or suffix in TYPED or suffix == ".zip") or name == suffix:
        known = ", ".join((*TEXTS, *TYPED))
        raise InputError(f"data: {path} has another suffix, expected one of {known}; {SAVE}.")
    found = _opened(path)
    kind = _kind(path, found)
    if kind is None:
        return Source(TYPED.get(suffix, "text"), found)
    return Source(kind, found)


def _opened(path: Path) -> Callable[[], IO[bytes]]:
    """How to open what the file holds, as its first bytes say."""

    def plain() -> IO[bytes]:
        return open(path, "rb")

    with plain() as file:
        head = file.read(10)
    if head.startswith(b"\x1f\x8b"):
        return _expanding(path, lambda: cast(IO[bytes], gzip.open(path, "rb")))
    if re.match(rb"BZh[1-9]1AY&SY", head):
        return _expanding(path, lambda: bz2.open(path, "rb"))
    if head.startswith(b"\xfd7zXZ\0"):
        return _expanding(path, lambda: lzma.open(path, "rb"))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _expanding(path, lambda: _zstandard(path))
    if head.startswith(b"PK\x03\x04") and not (members := _members(path)).intersection(
        ("xl/workbook.xml", "content.xml")
    ):
        if len(members) != 1:
            found = f"{path} holds {len(members)} files"
            raise InputError(f"data: {found}, expected an archive of one table; unpack it and name one.")
        return _expanding(path, lambda: zipfile.ZipFile(path).open(min(members)))
    return plain


def _expanding(path: Path, opened: Callable[[], IO[bytes]]) -> Callable[[], IO[bytes]]:
    return lambda: cast(IO[bytes], io.BufferedReader(_Expanding(path, opened()), 1 << 20))


class _Expanding(io.RawIOBase):
    """The content of a compressed file, refused before one that was made to fill the memory has done so."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self._left = max(LARGE, RATIO * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        chunk = self._file.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            found = f"{self._path} expands to more than {RATIO} times its size"
            raise InputError(f"data: {found}, expected a table; if it is one, unpack the file.")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._file.close()
        super().close()


def _members(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return {name for name in names if not _is_of_system(name)}


def _is_of_system(member: str) -> bool:
    """Whether a member of an archive is a folder, or was put there by the system: of macOS, a hidden file."""
    return member.endswith("/") or member.startswith("__MACOSX/") or Path(member).name.startswith(".")


def _zstandard(path: Path) -> IO[bytes]:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")  # type: ignore[return-value]


def _kind(path: Path, opened: Callable[[], IO[bytes]]) -> str | None:
    """What the first bytes say that a file holds; None: nothing, as those of a text."""
    with opened() as file:
        head = file.read(512)
    if head.startswith(b"PK\x03\x04"):
        members = _members(path) if path.suffix.lower() not in COMPRESSED else set()
        if "xl/workbook.xml" in members:
            return "excel"
        raise InputError(f"data: {path} holds an archive or an office document, expected a table; {SAVE}.")
    for begin, what in UNREADABLE.items():
        if head.startswith(begin):
            raise InputError(f"data: {path} holds {what}, expected a table; {SAVE}.")
    for begin, kind in ((b"PAR1", "parquet"), (b"ARROW1\0\0", "feather"), (b"FEA1", "feather")):
        # a header can begin with PAR1: the file must also end as these do
        if head.startswith(begin) and _ends_with(path, begin.rstrip(b"\0")):
            return kind
    return None


def _ends_with(path: Path, end: bytes) -> bool:
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(end)))
        return file.read() == end


def recognise_encoding(path: str | os.PathLike, sample: bytes, usual: str | None = None) -> str:
    """The encoding of a text that begins with `sample`: by its mark, or UTF-8, UTF-16, UTF-32, GB 18030, Windows-1252.

    `usual`, that of a similar file, is taken if it is one that nothing in a file shows, such as Windows-1251.

    >>> recognise_encoding("a.csv", "Größe;Maß".encode("latin-1"))
    'cp1252'
    """
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        found = {
            encoding: _ascii(sample, encoding)
            for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
        }
        best = max(found, key=found.__getitem__)
        if found[best] < 0.05:
            raise InputError(f"data: {path} holds binary data (zero bytes), expected text; {SAVE}.")
        return best
    hidden = [] if usual is None or _is_recognised(usual) else [usual]
    encodings = ("utf-8", *hidden, *["gb18030"] * _is_chinese(sample), "cp1252", "latin-1")
    encoding = next(e for e in encodings if _decoded(sample, e) is not None)
    if len(CONTROLS.findall(_decoded(sample, encoding) or "")) > len(sample) / 100:
        raise InputError(f"data: {path} holds binary data (control characters), expected text; {SAVE}.")
    return encoding


def _is_recognised(encoding: str) -> bool:
    name = codecs.lookup(encoding).name
    return name.startswith("utf") or name in ("gb18030", "cp1252", "iso8859-1")


def _is_chinese(sample: bytes) -> bool:
    """Whether bytes beyond ASCII are pairs apart from Latin letters, most of them of common characters in GB 2312.

    >>> _is_chinese("年龄,收入".encode("gbk")), _is_chinese("Größe,Maß".encode("cp1252"))
    (True, False)
    """
    runs = re.findall(rb"[\x80-\xff]+", sample)
    apart = re.findall(rb"(?<![A-Za-z\x80-\xff])(?:[\x81-\xfe]{2})+(?![A-Za-z\x80-\xff])", sample)
    leads = b"".join(run[::2] for run in apart)
    common = sum(0xB0 <= lead <= 0xD7 for lead in leads)
    return bool(runs) and len(apart) >= 0.8 * len(runs) and common >= 0.5 * len(leads)


def single_bytes(opened: Callable[[], IO[bytes]]) -> str:
    """The encoding of a text that is not UTF-8: "cp1252", or "latin-1" where it has a byte that cp1252 has not."""
    with opened() as file:
        while chunk := file.read(1 << 20):
            if _decoded(chunk, "cp1252") is None:
                return "latin-1"
    return "cp1252"


def nearly_utf_8(sample: bytes) -> str:
    """What is said of a text that is UTF-8 but for a few bytes, such as one line from elsewhere; empty for others.

    >>> nearly_utf_8("Größe\\nMaß\\nÖl\\n".encode() + "ß\\n".encode("latin-1"))
    ', as line 4 is not UTF-8, which the others are'
    """
    text = sample.decode("utf-8", errors="replace")
    wrong = text[:-1].count("\ufffd")  # the last character may be cut
    others = sum(not character.isascii() for character in text) - wrong
    if not wrong or others < 3 * wrong:
        return ""
    line = text[: text.index("\ufffd")].count("\n") + 1
    return f", as line {line} is not UTF-8, which the others are"


def _decoded(sample: bytes, encoding: str) -> str | None:
    """The characters, but for a last one that is cut; None if there are others."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return None


def _ascii(sample: bytes, encoding: str) -> float:
    """The share of ASCII characters, 0 where the sample is not of this encoding."""
    text = _decoded(sample, encoding)
    if not text or "\0" in text or CONTROLS.search(text):
        return 0.0
    return sum(map(str.isascii, text)) / len(text)


def refuse_markup(path: str | os.PathLike, text: str) -> None:
    """Refuse what begins as HTML, XML or JSON do."""
    begin = text[:200].lstrip().lower()
    if re.match(r"<(!doctype|html|\?xml|table|head)\b|<\?xml", begin) or re.match(
        r'\{\s*"|\[\s*[\[{]', begin
    ):
        what = "HTML or XML" if begin.startswith("<") else "JSON"
        raise InputError(f"data: {path} holds {what}, expected a table; {SAVE}.")
