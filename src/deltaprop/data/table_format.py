"""How a table is written in a text file: its separator and its decimal sign, as given or as recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ..errors import InputError, short

SEPARATORS = ",;\t|"
NAMES = {"tab": "\t", "space": " "}


@dataclass(frozen=True)
class TableFormat:
    """How a table is written; None stands for what is recognised from the file.

    Parameters
    ----------
    separator : str, optional
        A character, "tab" or "space".
    decimal : {".", ","}, optional

    Raises
    ------
    InputError
        If a field is anything else.

    Examples
    --------
    >>> TableFormat(separator="tab")
    TableFormat(separator='\\t', decimal=None)
    """

    separator: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "separator", NAMES.get(self.separator or "", self.separator))
        if self.separator is not None and len(self.separator) != 1:
            found = f"separator is {short(self.separator)}"
            raise InputError(f"data: {found}, expected a character, tab or space; give one.")
        if self.decimal not in (None, ".", ","):
            raise InputError(f"data: decimal is {short(self.decimal)}, expected '.' or ','; give one.")

    def options(self) -> dict[str, Any]:
        """What is known, by the names and in the spelling of the options.

        >>> TableFormat(separator="\\t").options()
        {'separator': 'tab'}
        """
        spelled = {character: name for name, character in NAMES.items()}
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: spelled.get(value, value) for name, value in known.items() if value is not None}


RECOGNISED = TableFormat()  #: everything from the file


def recognise(lines: Sequence[str], given: TableFormat, tabs: bool = False) -> TableFormat:
    """The format of a file that begins with these lines; what is given stays. `tabs`: its name says that it has tabs.

    >>> recognise(["a;b", "0,5;1"], TableFormat())
    TableFormat(separator=';', decimal=',')
    """
    line, *rows = lines or [""]
    separator = given.separator or ("\t" if tabs else max(SEPARATORS, key=outside_quotes(line).count))
    commas = separator == ";" and _has_decimal_commas(rows)
    return replace(given, separator=separator, decimal=given.decimal or ("," if commas else "."))


def _has_decimal_commas(rows: Sequence[str]) -> bool:
    """Whether these rows have numbers such as 0,5 and none such as 0.5."""
    text = "".join(rows)
    return bool(re.search(r"\d,\d", text)) and not re.search(r"\d\.\d", text)


def outside_quotes(line: str) -> str:
    """A line without its quoted parts."""
    return "".join(line.split('"')[::2])
