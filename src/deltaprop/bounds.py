"""Bounds of numbers, declared with the fields of a dataclass: ``rate: NonNegative = 0.1``."""

from dataclasses import Field, fields
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

import numpy as np

from .errors import number


class Bounds(NamedTuple):
    """The interval of a number; an `open_` bound is excluded."""

    low: float = -np.inf
    high: float = np.inf
    open_low: bool = False
    open_high: bool = False
    integer: bool = False


Number = Annotated[float, Bounds()]
NonNegative = Annotated[float, Bounds(low=0)]
Positive = Annotated[float, Bounds(low=0, open_low=True)]
UnitInterval = Annotated[float, Bounds(low=0, high=1)]
Fraction = Annotated[float, Bounds(low=0, high=1, open_high=True)]
Count = Annotated[int, Bounds(low=1, integer=True)]


class Bounded:
    """A dataclass that refuses numbers outside the bounds of its annotations; None only where it is the default.

    NumPy scalars become Python numbers, which do not change the dtype of arrays. Postponed annotations (those of a
    file with ``from __future__ import annotations``) count only if every annotation of the class can be evaluated.
    """

    def __post_init__(self):
        bounded = [(field, bounds, getattr(self, field.name)) for field, bounds in _bounds(type(self))]
        starts = [self._at_start(value) for _, _, value in bounded]
        for (field, bounds, value), start in zip(bounded, starts, strict=True):
            if value is None and field.default is None:
                continue
            number(type(self).__name__, field.name, start, **bounds._asdict())
            if isinstance(value, np.generic):
                object.__setattr__(self, field.name, value.item())

    def _at_start(self, value: Any) -> Any:
        """The number to check, of a value that may stand for one that changes."""
        return value


@cache
def _bounds(cls: type) -> list[tuple[Field, Bounds]]:
    """The fields of a dataclass that have bounds."""
    try:
        hints = get_type_hints(cls, include_extras=True)
    except (
        Exception
    ):  # postponed annotations may be anything, such as names that only a type checker resolves
        hints = {field.name: field.type for field in fields(cls)}
    return [(field, bounds) for field in fields(cls) if (bounds := _bounds_of(hints[field.name]))]


def _bounds_of(hint: Any) -> Bounds | None:
    """The bounds of an annotation, such as ``Count`` or ``Count | None``."""
    for kind in (hint, *get_args(hint)):
        if metadata := getattr(kind, "__metadata__", ()):
            return metadata[0]
    return None
