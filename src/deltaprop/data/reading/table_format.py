"""How a table is written in a file: given by options, or recognised from the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from ...errors import InputError, short
from ..dates import ORDERS

SEPARATORS = "\t;|,"  # the first of several that fit
NAMES = {"tab": "\t", "space": " ", "none": ""}
SPACES = (" ", "\u00a0", "\u202f", "\u2009")  # of usual width, no-break, narrow no-break, thin
THOUSANDS = (".", ",", "'", "’", *SPACES)

#: Texts that stand for a missing entry: those of pandas, and the question mark of the UCI repository.
MISSING = (
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "?"),
)
#: One of them that is a number, such as -999.
NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+")


@dataclass(frozen=True)
class TableFormat:
    """How a table is written in a file; None stands for what is recognised from the file.

    Parameters
    ----------
    header : bool, optional
        Whether the first row names the columns; without, they are called column1, column2, …
    separator : str, optional
        A character, "tab", or "space" for any number of blanks.
    decimal : {".", ","}, optional
    thousands : str, optional
        The sign between groups of three digits: ``.``, ``,``, an apostrophe, or "space" for spaces of any kind; or
        "none".
    comment : str, optional
        What begins lines to be ignored; or "none".
    encoding : str, optional
        Such as "utf-8", "utf-16" or "cp1252", by a name that Python knows.
    sheet : str, optional
        of a workbook, by name, or by number from 1; default: the first visible one that is not empty.
    missing : tuple of str, optional
        Texts that stand for missing entries besides empty ones, in place of `MISSING`.
    dates : {"day-first", "month-first"}, optional
        How dates such as 01/02/2024 are read where no entry shows it.

    Raises
    ------
    InputError
        If a field is anything else.

    Examples
    --------
    >>> TableFormat(separator="tab").separator
    '\\t'
    """

    header: bool | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    comment: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    missing: tuple[str, ...] | None = None
    dates: str | None = None

    def __post_init__(self) -> None:
        for field in ("separator", "thousands", "comment"):
            value = getattr(self, field)
            self._set(field, NAMES.get(value, value) if isinstance(value, str) else value)
        if self.thousands in SPACES:
            self._set("thousands", " ")
        self._refuse("header", self.header is None or isinstance(self.header, bool), "True or False")
        self._refuse(
            "separator",
            self.separator is None or _separates(self.separator),
            "a sign such as ;, tab or space",
        )
        self._refuse("decimal", self.decimal in (None, ".", ","), "'.' or ','")
        signs = f"one of {' '.join(THOUSANDS[:4])} space, none"
        self._refuse("thousands", self.thousands in (None, "", *THOUSANDS), signs)
        self._refuse(
            "comment", self.comment is None or _is_sign(self.comment), "what a line begins with, or none"
        )
        self._refuse(
            "encoding", self.encoding is None or _is_encoding(self.encoding), "one such as utf-8 or cp1252"
        )
        self._refuse(
            "sheet", self.sheet is None or isinstance(self.sheet, str), "the name or number of a sheet"
        )
        self._refuse(
            "missing", self.missing is None or all(isinstance(m, str) for m in self.missing), "texts"
        )
        self._refuse("dates", self.dates in (None, *ORDERS), " or ".join(ORDERS))
        if self.thousands and self.thousands == self.decimal:
            found = f"--thousands and --decimal are both {short(self.decimal)}"
            raise InputError(f"data: {found}, expected different signs; change one.")

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _refuse(self, name: str, allowed: bool, expected: str) -> None:
        if not allowed:
            found = f"--{name} is {short(getattr(self, name))}"
            raise InputError(f"data: {found}, expected {expected}; change it.")

    @property
    def missing_texts(self) -> tuple[str, ...]:
        """The texts that stand for a missing entry."""
        return MISSING if self.missing is None else ("", *self.missing)

    def options(self) -> dict[str, Any]:
        """What is known, by the names and in the spelling of the options; what a file does not have is left out.

        >>> TableFormat(separator="\\t", decimal=",", comment="none").options()
        {'separator': 'tab', 'decimal': ','}
        """
        spelled = {character: name for name, character in NAMES.items()}
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value if isinstance(value, tuple) else spelled.get(value, value)
            for name, value in known.items()
            if value not in (None, "")
        }

    def of_others(self) -> TableFormat:
        """What holds for similar files too, whatever they look like: missing entries, and the signs that they lack."""
        return TableFormat(
            missing=self.missing,
            thousands="" if self.thousands == "" else None,
            comment="" if self.comment == "" else None,
        )

    def filled(self, **recognised: Any) -> TableFormat:
        """This format with the fields that are None taken from `recognised`."""
        return replace(self, **{k: v for k, v in recognised.items() if getattr(self, k) is None})


RECOGNISED = TableFormat()  #: everything from the file
FORMAT_OPTIONS = tuple(field.name for field in fields(TableFormat))


def _separates(value: Any) -> bool:
    one = isinstance(value, str) and len(value) == 1 and value.isascii()
    return one and not value.isalnum() and value not in '"\r\n\0'


def _is_sign(value: Any) -> bool:
    return isinstance(value, str) and value.strip() == value and len(value.splitlines()) <= 1


def _is_encoding(value: Any) -> bool:
    try:
        "".encode(value)
    except (LookupError, ValueError, TypeError):
        return False
    return True
