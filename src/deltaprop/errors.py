"""Checks of user input, and the exception that they raise: one line naming object, argument, value and remedy.

Input is checked where it enters, before anything changes; everything behind trusts its arrays.
"""

from __future__ import annotations

import reprlib
import sys
import warnings
from math import sqrt
from typing import Any

import numpy as np

from .reductions import dot

LARGEST = float(np.finfo(np.float32).max)  # networks compute in float32 by default
LONGEST = 1000  # characters of a message: names and paths can be as long as values


class InputError(ValueError):
    """Invalid input, in one line: ``object: argument got, expected wanted; remedy.``

    A message of more than 1000 characters is shortened in the middle.

    Examples
    --------
    >>> raise InputError("Dense: x has shape (32, 9), expected (n, 8); check the inputs of the network.")
    Traceback (most recent call last):
    ...
    deltaprop.errors.InputError: Dense: x has shape (32, 9), expected (n, 8); check the inputs of the network.
    """

    def __init__(self, message: str) -> None:
        message, half = " ".join(message.splitlines()), LONGEST // 2
        super().__init__(message if len(message) <= LONGEST else f"{message[:half]} … {message[-half:]}")


class _Repr(reprlib.Repr):
    """`repr` on one line of limited length, for any object."""

    def __init__(self):
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 3, 60, 80

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() < 4096:  # beyond, Python may refuse to write the digits
            return super().repr_int(x, level)
        return f"an integer of {x.bit_length()} bits"


def short(value: Any) -> str:
    """`repr(value)` for a message: one line, shortened where it is long.

    Examples
    --------
    >>> short("x" * 1000)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
    >>> short(10**5000)
    'an integer of 16610 bits'
    """
    return " ".join(_Repr().repr(value).splitlines())


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, at the line of the user's program that called into the package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in _INSIDE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


_INSIDE = (__name__.split(".")[0], "sklearn")


def choose(obj: str, argument: str, value: Any, table: dict[str, Any], kind: type) -> Any:
    """`value` itself if it is a `kind`, or the entry of `table` that it names; refused if it is neither."""
    if isinstance(value, kind):
        return value
    if isinstance(value, str) and value in table:
        return table[value]
    wanted = f"one of {', '.join(table)}"
    if isinstance(next(iter(table.values()), None), kind):
        wanted += f", or {'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"
    raise InputError(f"{obj}: {argument} is {short(value)}, expected {wanted}; choose one of these names.")


def number(
    obj: str,
    argument: str,
    value: Any,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
    integer: bool = False,
) -> None:
    """Raise `InputError` unless `value` is a finite number within its bounds (an `open_` bound is excluded).

    Numbers that are not integers must also be in the range of float32.
    """
    kinds = (int, np.integer) if integer else (int, float, np.integer, np.floating)
    if isinstance(value, kinds) and not isinstance(value, bool):
        above = value > low if open_low else value >= low
        below = value < high if open_high else value <= high
        if above and below:
            if integer or -LARGEST <= value <= LARGEST:
                return
            low, high = max(low, -LARGEST), min(high, LARGEST)
    kind = "an integer" if integer else "a number"
    left, right = "(" if open_low or low == -np.inf else "[", ")" if open_high or high == np.inf else "]"
    raise InputError(
        f"{obj}: {argument} is {short(value)}, expected {kind} in {left}{low}, {high}{right}; change {argument}."
    )


def matrix(
    obj: str, argument: str, value: Any, columns: int, remedy: str, dtype: np.dtype | None = None
) -> np.ndarray:
    """`value` as a numeric array of shape (n, columns), finite in its own dtype, which is kept, and in `dtype`."""
    x = numeric(obj, argument, value)
    if x.ndim != 2 or x.shape[1] != columns:
        raise InputError(f"{obj}: {argument} has shape {x.shape}, expected (n, {columns}); {remedy}.")
    return finite(obj, argument, x, dtype)


def numeric(obj: str, argument: str, value: Any) -> np.ndarray:
    """`value` as a NumPy array of booleans, integers or real floating-point numbers."""
    try:
        x = np.asarray(value)
    except ValueError:
        got = f"{argument} has rows of different lengths"
        raise InputError(f"{obj}: {got}, expected an array of numbers; make all equally long.") from None
    if x.dtype.kind not in "buif":
        raise InputError(
            f"{obj}: {argument} has dtype {x.dtype}, expected numbers; turn text and categories into numbers "
            "first (deltaprop.data does it for tables)."
        )
    return x


def finite(obj: str, argument: str, x: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """`x` itself if its numbers are finite, and stay so in `dtype`; the error names the first that is not."""
    if x.dtype.kind != "f" or not x.size or _norm(x) <= LARGEST:
        return x
    low, high = x.min(), x.max()  # NaN if any entry is
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError(
            f"{obj}: {argument} has {_first(x, ~np.isfinite(x))}, expected finite numbers; remove or fill such "
            "entries, or check the units of the data."
        )
    limit = np.finfo(x.dtype if dtype is None else dtype).max
    if max(-low, high) > limit:
        raise InputError(
            f"{obj}: {argument} has {_first(x, np.abs(x) > limit)}, expected numbers within ±{limit:.3g}, the "
            f"range of {dtype}; rescale them, or choose dtype float64."
        )
    return x


def _norm(x: np.ndarray) -> float:
    """√Σ x² where one fast pass without copies finds it (no entry is larger); infinite or NaN otherwise."""
    flat = x.ravel("K") if x.flags.forc and x.dtype.char in "fd" else np.full(1, np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        return sqrt(dot(flat, flat))


def _first(x: np.ndarray, where: np.ndarray) -> str:
    """The first entry of x that `where` marks, and its place."""
    index = tuple(np.argwhere(where)[0].tolist())
    return f"{x[index]} at {list(index)}"


def weights(obj: str, value: Any, n: int, members: int = 1) -> np.ndarray:
    """`value` as sample weights: shape (n,) or (n, members), finite, none negative, not all zero; float64."""
    w = finite(obj, "sample_weight", numeric(obj, "sample_weight", value)).astype(np.float64)
    if w.shape != (n,) and (members == 1 or w.shape != (n, members)):
        wanted = f"({n},)" if members == 1 else f"({n},) or ({n}, {members})"
        raise InputError(f"{obj}: sample_weight has shape {w.shape}, expected {wanted}; give one per sample.")
    if (w < 0).any() or (n and not w.any()):
        got = "has negative entries" if (w < 0).any() else "is zero everywhere"
        raise InputError(f"{obj}: sample_weight {got}, expected weights ≥ 0, some > 0; change them.")
    with np.errstate(over="ignore"):
        total = w.sum()
    if n and not np.finfo(w.dtype).tiny <= total < np.inf:
        wanted = "a sum in the range of normal numbers"
        raise InputError(f"{obj}: sample_weight sums to {total}, expected {wanted}; divide by the largest.")
    return w
