"""Columns named by options such as ``--target``: checked, and the nearest name suggested for a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import InputError, short
from .columns import Frame
from .reading.table_format import TableFormat


def column_names(option: str, given: Any) -> list[str]:
    """One name or several as a list of texts."""
    if not isinstance(given, Iterable):
        raise InputError(f"data: {option} is {short(given)}, expected names of columns; write them as text.")
    return [given] if isinstance(given, str) else [str(name) for name in given]


def by_number(given: Sequence[str], header: bool | None, columns: Sequence[str]) -> list[str]:
    """The columns that an option gives; by their numbers from 1 where the file does not name them.

    >>> by_number(["2"], False, ["column1", "column2"])
    ['column2']
    """
    numbers = {str(i): name for i, name in enumerate(columns, 1)} if header is False else {}
    return [name if name in columns else numbers.get(name, name) for name in given]


def check_by_number(
    name: str, frame: Frame, like: TableFormat, trained: Iterable[str] = (), targets: Sequence[str] = ()
) -> None:
    """Refuse a file without header if that of training had one, or has other columns by number.

    `trained` are all columns of training, if they are known; the targets may lack at the end.

    >>> import pandas as pd
    >>> new = pd.DataFrame({"column1": [1], "column2": [2]})
    >>> check_by_number("new.csv", new, TableFormat(header=False), ["column1", "column3", "column2"], ["column3"])
    """
    if like.header:
        wanted = "one that names the columns of training"
        raise InputError(f"{name}: the file has no header, expected {wanted}; add it.")
    numbers = [match[1] for match in map(re.compile(r"(?:column)?([0-9]+)").fullmatch, trained) if match]
    columns, width = frame.shape[1], max(map(int, numbers), default=0)
    lacking = [f"column{i}" for i in range(columns + 1, width + 1)]
    if width and (columns > width or not {*lacking} <= {*targets}):
        found = f"the file has no header and {columns} columns"
        raise InputError(
            f"{name}: {found}, expected the {width} of training in their order; add those that lack."
        )


def check_names(table: str, given: Mapping[str, list[str]], columns: Sequence[str]) -> None:
    """Refuse names by option, such as ``{"--target": ["species"]}``, that do not fit the columns or each other."""
    known = f"one of the columns {', '.join(map(short, columns[:20]))}{', …' * (len(columns) > 20)}"
    targets, dropped = given["--target"], given["--drop"]
    if not targets:
        raise InputError(f"{table}: --target is not given, expected {known}; name the column to predict.")
    for option, names in given.items():
        for name in names:
            if name not in columns:
                remedy = _remedy(option, name, columns)
                raise InputError(f"{table}: {option} names {short(name)}, expected {known}; {remedy}")
        if len(set(names)) < len(names):
            raise InputError(
                f"{table}: {option} names a column twice, expected distinct columns; name it once."
            )
    for option in ("--drop", "--keep", "--time", "--group"):
        for name in given.get(option, ()):
            if name in targets:
                found = f"{option} names the target {short(name)}"
                raise InputError(f"{table}: {found}, expected another column; omit it.")
    if both := [name for name in given["--keep"] if name in dropped]:
        found = f"--keep and --drop both name {short(both[0])}"
        raise InputError(f"{table}: {found}, expected one of them; leave one out.")


def _remedy(option: str, name: str, columns: Sequence[str]) -> str:
    parts = [part.strip() for part in name.split(",")]
    if len(parts) > 1 and set(parts) <= set(columns):
        return f"repeat the option: {' '.join(f'{option} {part!r}' for part in parts)}."
    if name.isdecimal() and 1 <= int(name) <= len(columns):
        return "correct the name, or say that the file has no header (--no-header)."
    near = nearest(name, columns)
    return "correct the name." if near is None else f"did you mean {short(near)}?"


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The name among `known` that is most like `name` apart from its case, if one is.

    >>> nearest("specis", ["sepal length", "Species"]), nearest("price", ["sepal length", "Species"])
    ('Species', None)
    """
    from difflib import get_close_matches

    spelled = {one.strip().casefold(): one for one in known}
    found = get_close_matches(name.strip().casefold(), spelled, n=1)
    return spelled[found[0]] if found else None
