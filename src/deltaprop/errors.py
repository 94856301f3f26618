"""Errors about inputs: one line that names the object, the argument, what was got, what was expected and the remedy.

Errors are raised at the boundary, before anything changes; behind the boundary the mathematics trusts its arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class InputError(ValueError):
    """An input that cannot be used, said in one line: ``object: argument got, expected wanted; remedy.``

    Examples
    --------
    >>> raise InputError("Dense: x has shape (32, 9), expected (n, 8); check the inputs of the network.")
    Traceback (most recent call last):
    ...
    deltaprop.errors.InputError: Dense: x has shape (32, 9), expected (n, 8); check the inputs of the network.
    """


def choose(obj: str, argument: str, value: Any, table: dict[str, Any], kind: type) -> Any:
    """An object of class `kind`: given itself, or by its name in `table`.

    Raises
    ------
    InputError
        If `value` is neither.
    """
    if isinstance(value, kind):
        return value
    if isinstance(value, str) and value in table:
        return table[value]
    wanted = f"one of {', '.join(table)}"
    if table and isinstance(next(iter(table.values())), kind):
        wanted += f", or {'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"
    raise InputError(f"{obj}: {argument} is {value!r}, expected {wanted}; choose one of these names.")


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
    """Refuse `value` unless it is a finite number within its bounds (an `open_` bound is itself excluded)."""
    is_number = isinstance(value, (int, np.integer) if integer else (int, float, np.integer, np.floating))
    if is_number and not isinstance(value, bool) and (isinstance(value, int) or np.isfinite(value)):
        above = value > low if open_low else value >= low
        below = value < high if open_high else value <= high
        if above and below:
            return
    kind = "an integer" if integer else "a number"
    left, right = "(" if open_low or low == -np.inf else "[", ")" if open_high or high == np.inf else "]"
    raise InputError(
        f"{obj}: {argument} is {value!r}, expected {kind} in {left}{low}, {high}{right}; change {argument}."
    )


def matrix(obj: str, argument: str, value: Any, columns: int, remedy: str) -> np.ndarray:
    """`value` as a numeric, finite array of shape (n, columns); refused otherwise.

    Integers, unsigned bytes and booleans pass as they are; the caller converts to its own dtype.
    """
    x = numeric(obj, argument, value)
    if x.ndim != 2 or x.shape[1] != columns:
        raise InputError(f"{obj}: {argument} has shape {x.shape}, expected (n, {columns}); {remedy}.")
    return finite(obj, argument, x)


def numeric(obj: str, argument: str, value: Any) -> np.ndarray:
    """`value` as a NumPy array of booleans, integers or real floating-point numbers; refused otherwise."""
    try:
        x = np.asarray(value)
    except ValueError:
        raise InputError(
            f"{obj}: {argument} has rows of different lengths, expected an array of numbers; make every row "
            "equally long."
        ) from None
    if x.dtype.kind not in "buif":
        raise InputError(
            f"{obj}: {argument} has dtype {x.dtype}, expected numbers; turn text and categories into numbers "
            "first (deltaprop.data does it for tables)."
        )
    return x


def finite(obj: str, argument: str, x: np.ndarray) -> np.ndarray:
    """`x` itself if it holds neither NaN nor infinity; otherwise the first such entry is named."""
    if x.dtype.kind == "f" and not _sums_to_finite(x) and not np.isfinite(x).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        place = ", ".join(map(str, where))
        raise InputError(
            f"{obj}: {argument} has {x[where]} at [{place}], expected finite numbers; remove or fill such "
            "entries, or check the units of the data."
        )
    return x


def representable(obj: str, argument: str, x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """`x` itself if its finite numbers stay finite in `dtype`; otherwise the first that does not is named."""
    limit = np.finfo(dtype).max
    wider = x.dtype.kind == "f" and x.dtype.itemsize > dtype.itemsize
    if wider and x.size and max(x.max(), -x.min()) > limit:
        where = tuple(int(i) for i in np.argwhere(np.abs(x) > limit)[0])
        place = ", ".join(map(str, where))
        wanted = f"numbers within ±{limit:.3g}, the range of {dtype}"
        raise InputError(
            f"{obj}: {argument} has {x[where]} at [{place}], expected {wanted}; rescale them, or choose "
            "dtype float64."
        )
    return x


def _sums_to_finite(x: np.ndarray) -> bool:
    """A quick test that needs no memory: NaN and infinity survive a sum (an overflow of finite numbers may not)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()))


def weights(obj: str, value: Any, n: int) -> np.ndarray:
    """`value` as sample weights: shape (n,), finite, none negative, not all zero; float64."""
    w = finite(obj, "sample_weight", numeric(obj, "sample_weight", value)).astype(np.float64)
    if w.shape != (n,):
        raise InputError(
            f"{obj}: sample_weight has shape {w.shape}, expected ({n},); give one weight a sample."
        )
    if (w < 0).any() or (n and not w.any()):
        got = "has negative entries" if (w < 0).any() else "is zero everywhere"
        raise InputError(
            f"{obj}: sample_weight {got}, expected weights ≥ 0, some > 0; leave samples out by weight 0."
        )
    if not _sums_to_finite(w):
        raise InputError(
            f"{obj}: sample_weight has an infinite sum, expected weights of ordinary size; divide them by "
            "the largest."
        )
    return w
