"""Configuration as plain data, and back: how networks and optimizers are written to JSON and TOML.

An object becomes a dict of its class's name and its fields,

    LeakyReLU(alpha=0.2)   ⇄   {"type": "LeakyReLU", "alpha": 0.2}

nested where fields are such objects themselves; a tuple becomes a list, and None is left out where it is the default
(TOML has no word for it). Reading constructs only classes of a given table, and only from fields of the declared types:
a file cannot name code to run.
"""

import math
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from .errors import InputError, short

DEEPEST = 50  # nesting that no real network reaches: a residual block within a residual block within …

#: Metadata of a field that is left out of the spec, and so has its default on reading, where it has no plain form.
LEFT_OUT_IF_OPAQUE = {"left_out_if_opaque": True}


def to_spec(obj: Any) -> dict[str, Any]:
    """The plain data of a frozen dataclass.

    Parameters
    ----------
    obj : dataclass instance
        Its fields hold numbers, strings, booleans, None, other such objects, or tuples of these.

    Returns
    -------
    dict
        ``{"type": class name, field: value, ...}``, ready for JSON and TOML.

    Raises
    ------
    InputError
        If `obj` or something within it has no such form (a function, an array, a number that is not finite).

    Examples
    --------
    >>> from deltaprop.functions.schedules import Linear, Warmup
    >>> to_spec(Warmup(Linear(0.1, 0, 9), 20))["schedule"]
    {'type': 'Linear', 'initial': 0.1, 'final': 0, 'steps': 9}
    """
    return _spec("obj", obj)


def from_spec(spec: Any, classes: Iterable[type], kind: type = object) -> Any:
    """The object that `to_spec` turned into `spec`.

    Parameters
    ----------
    spec : dict
        As `to_spec` returns it; it may come from an untrusted file.
    classes : iterable of type
        The dataclasses that may be constructed, at any depth.
    kind : type
        What the object as a whole must be.

    Raises
    ------
    InputError
        If a type or field is unknown, a field is missing, a value has the wrong type, or the class refuses it.

    Examples
    --------
    >>> from deltaprop.functions.schedules import Cosine
    >>> from_spec({"type": "Cosine", "initial": 0.1, "steps": 500}, [Cosine])
    Cosine(initial=0.1, steps=500, final=0.0)
    >>> from_spec({"type": "Cosine", "initial": "os.remove", "steps": 500}, [Cosine])
    Traceback (most recent call last):
    ...
    deltaprop.errors.InputError: Cosine: initial is 'os.remove', expected float; correct the file.
    """
    obj = _construct("spec", spec, {c.__name__: c for c in classes}, depth=0)
    if not isinstance(obj, kind):
        raise InputError(
            f"spec: type is {type(obj).__name__!r}, expected an object of {kind.__name__}; correct the file."
        )
    return obj


def _plain(where: str, value: Any) -> Any:
    """A field's value as plain data."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"to_spec: {where} is {value}, expected a finite number; change it.")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_plain(f"{where}[{i}]", entry) for i, entry in enumerate(value)]
    return _spec(where, value)


def _spec(where: str, obj: Any) -> dict[str, Any]:
    """The plain data of a dataclass."""
    if not is_dataclass(obj) or isinstance(obj, type):
        raise InputError(
            f"to_spec: {where} is {short(obj)}, expected a configuration object; write your class as a dataclass."
        )
    spec: dict[str, Any] = {"type": type(obj).__name__}
    for f in fields(obj):
        value = getattr(obj, f.name)
        if not f.init or (value is None and f.default is None):
            continue
        try:
            spec[f.name] = _plain(f"{spec['type']}.{f.name}", value)
        except InputError:
            if f.metadata != LEFT_OUT_IF_OPAQUE:
                raise
    return spec


def _construct(where: str, spec: Any, table: dict[str, type], depth: int) -> Any:
    """The object of one dict, its fields first."""
    if not isinstance(spec, dict) or not isinstance(spec.get("type"), str):
        raise InputError(f"{where}: value is {short(spec)}, expected a table with a type; correct the file.")
    name = spec["type"]
    if name not in table:
        known = ", ".join(sorted(table))
        raise InputError(
            f"{where}: type is {short(name)}, expected one of {known}; correct the file, or name your "
            "own class on loading."
        )
    if depth > DEEPEST:
        raise InputError(f"{where}: value is nested more than {DEEPEST} deep, expected less; flatten it.")
    cls = table[name]
    given = {key: value for key, value in spec.items() if key != "type"}
    declared = {f.name: f for f in fields(cls) if f.init}
    if unknown := [key for key in given if key not in declared]:
        wanted = "one of " + ", ".join(declared) if declared else "no fields"
        raise InputError(f"{name}: field is {short(unknown[0])}, expected {wanted}; correct the file.")
    for key, f in declared.items():
        if f.default is MISSING and f.default_factory is MISSING and key not in given:
            raise InputError(f"{name}: {key} is missing, expected a value; complete the file.")
    hints = _hints(cls)
    values = {key: _read(name, key, value, hints[key], table, depth + 1) for key, value in given.items()}
    try:
        return cls(**values)
    except InputError:
        raise
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InputError(f"{name}: {error}; correct the file.") from error


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(name: str, key: str, value: Any, hint: Any, table: dict[str, type], depth: int) -> Any:
    """`value` as the type that the field declares; refused if it is of none."""
    if isinstance(value, dict):
        value = _construct(f"{name}.{key}", value, table, depth)
    elif isinstance(value, list) and (entry := _entry_hint(hint)) is not None:
        return tuple(_read(name, f"{key}[{i}]", v, entry, table, depth) for i, v in enumerate(value))
    if not any(_is_a(value, option) for option in _options(hint)):
        wanted = " or ".join(_title(option) for option in _options(hint))
        raise InputError(f"{name}: {key} is {short(value)}, expected {wanted}; correct the file.")
    return value


def _options(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a union; the hint itself where it is none."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _entry_hint(hint: Any) -> Any:
    """X of the alternative tuple[X, ...] of a hint, if there is one."""
    return next((get_args(option)[0] for option in _options(hint) if get_origin(option) is tuple), None)


def _is_a(value: Any, option: Any) -> bool:
    if option is Any:
        return True
    if get_origin(option) is Literal:
        return isinstance(value, str) and value in get_args(option)
    if isinstance(value, bool):
        return option is bool
    if isinstance(value, int) and option is float:  # a whole number is a float as well
        return abs(value) <= 2**53
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(option, type) and isinstance(value, option)


def _title(option: Any) -> str:
    if get_origin(option) is Literal:
        return " or ".join(get_args(option))
    return {NoneType: "nothing"}.get(option, getattr(option, "__name__", str(option)))
