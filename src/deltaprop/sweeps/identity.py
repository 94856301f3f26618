"""What tells functions and data files apart, so that a log is continued by the sweep that began it alone."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

import joblib

from ..errors import InputError


def identity(function: Any) -> str:
    """The name of a function and a hash of its content, the same in every process.

    The content of a function is its code, defaults and closure, that of a `functools.partial` its function and
    arguments, that of an object its attributes. Values that joblib cannot hash count by their class. What a function
    calls by a global name is not looked at.

    Examples
    --------
    >>> identity(lambda settings: settings["rate"]) == identity(lambda settings: -settings["rate"])
    False
    """
    named = function
    while isinstance(named, functools.partial):
        named = named.func
    return f"{_name(named)} {joblib.hash(repr(_content(function, ())))}"


def file_digests(paths: Iterable[Path]) -> dict[str, str]:
    """Size and SHA-256 of each file.

    Raises
    ------
    InputError
        If one cannot be read.
    """
    found = {}
    for path in sorted(paths):
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[str(path)] = f"{path.stat().st_size} bytes, sha256 {digest}"
        except OSError as error:
            got = f"{path} cannot be read ({error.strerror})"
            raise InputError(f"sweep: {got}, expected the file of the data; check the path.") from error
    return found


def _name(value: Any) -> str:
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _content(value: Any, within: tuple[Any, ...]) -> Any:
    """Nested lists of texts; `within` are the functions it is a part of, which may refer to themselves."""
    if any(value is outer for outer in within):
        return "recursive"
    within = (*within, value)
    match value:
        case functools.partial():
            parts = [value.func, *value.args, *sorted(value.keywords)]
            parts += [value.keywords[name] for name in sorted(value.keywords)]
        case MethodType():
            parts = [value.__func__, value.__self__]
        case FunctionType():
            defaults = value.__kwdefaults__ or {}
            parts = [
                *(value.__defaults__ or ()),
                *sorted(defaults),
                *(defaults[name] for name in sorted(defaults)),
            ]
            parts += _cells(value)
            return [_name(value), _code(value.__code__), *(_content(part, within) for part in parts)]
        case _:
            return [_name(value), _hash(value)]
    return [type(value).__name__, *(_content(part, within) for part in parts)]


def _cells(function: FunctionType) -> Iterator[Any]:
    """The values of the closure that are set."""
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            yield "empty"


def _code(constant: Any) -> Any:
    """Code, or a constant of it, as nested lists of texts; a set has no order of its own."""
    match constant:
        case CodeType():
            constants = [_code(c) for c in constant.co_consts]
            return [constant.co_code.hex(), constant.co_names, constant.co_varnames, constants]
        case tuple():
            return [_code(c) for c in constant]
        case frozenset():
            return ["frozenset", sorted(map(repr, constant))]
    return repr(constant)


def _hash(value: Any) -> str:
    try:
        return str(joblib.hash(value))
    except Exception:  # pickling may raise anything
        return "not hashable"
