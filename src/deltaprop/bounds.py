"""Bounds of numbers, declared with the fields of a dataclass: ``rate: NonNegative = 0.1``."""

from dataclasses import fields
from typing import Annotated, Any, NamedTuple

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

    Numbers of NumPy become Python's, which leave the dtype of arrays as it is. Annotations must not be postponed (by
    ``from __future__ import annotations``): those of a file that does so are not seen.
    """

    def __post_init__(self):
        bounded = [
            (field, annotation[0], getattr(self, field.name))
            for field in fields(self)  # type: ignore[arg-type]
            if (annotation := getattr(field.type, "__metadata__", ()))
        ]
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
