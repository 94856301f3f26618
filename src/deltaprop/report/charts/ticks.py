"""Where the ticks of an axis stand, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .text import number, power


@dataclass(frozen=True)
class Ticks:
    """Places on an axis, and their labels."""

    places: Sequence[float]
    labels: Sequence[str]


def linear(low: float, high: float, count: int = 5, *, integer: bool = False) -> Ticks:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, about `count` of them.

    Source: Heckbert, *Nice numbers for graph labels*, Graphics Gems (1990), p. 61–63.

    Examples
    --------
    >>> linear(0.12, 0.97).labels
    ['0.2', '0.4', '0.6', '0.8']
    """
    exponent, digit = _nice((high - low) / max(count, 1))
    if integer and exponent < 0:
        exponent, digit = 0, 1
    step = digit * 10.0**exponent
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Division by a power of ten is exact where multiplication by 0.1 is not.
    unit = 10.0 ** abs(exponent)
    whole = [digit * k for k in range(first, last + 1)]
    places = [k * unit if exponent >= 0 else k / unit for k in whole]
    return Ticks(places, _labels(places, exponent))


def whole(low: float, high: float, count: int = 5) -> Ticks:
    """The same, at whole numbers only.

    Examples
    --------
    >>> whole(1, 3).labels
    ['1', '2', '3']
    """
    return linear(low, high, count, integer=True)


def _nice(step: float) -> tuple[int, int]:
    """The exponent e and the digit d (1, 2 or 5) of the number d·10^e that is nearest to a step."""
    exponent = math.floor(math.log10(step))
    part = step / 10.0**exponent
    digit = next((d for d, most in ((1, 1.5), (2, 3.0), (5, 7.0)) if part < most), 10)
    return (exponent + 1, 1) if digit == 10 else (exponent, digit)


def _labels(places: Sequence[float], exponent: int) -> list[str]:
    """All with as many decimals as the step has; millions (M) and powers of ten where there are too many zeros."""
    largest = max((abs(place) for place in places), default=0.0)
    if 1e6 <= largest < 1e9:
        return [f"{p / 1e6:.{max(6 - exponent, 0)}f}M".replace("-", "−") if p else "0" for p in places]
    if largest >= 1e9 or exponent < -4:
        common = math.floor(math.log10(largest)) if largest else 0
        decimals = max(common - exponent, 0)
        return [
            f"{p / 10.0**common:.{decimals}f}×{power(common)}".replace("-", "−") if p else "0" for p in places
        ]
    decimals = max(-exponent, 0)
    comma = "," if largest >= 1e4 else ""
    return [f"{p:{comma}.{decimals}f}".replace("-", "−") for p in places]


def thousands(ticks: Ticks) -> Ticks:
    """The same with shorter labels where all are multiples of a thousand.

    >>> thousands(linear(0, 12_000, 2)).labels
    ['0', '5k', '10k']
    """
    if not any(ticks.places) or any(place % 1000 for place in ticks.places) or "M" in ticks.labels[-1]:
        return ticks
    return Ticks(
        ticks.places, [f"{place / 1000:,.0f}k".replace("-", "−") if place else "0" for place in ticks.places]
    )


def logarithmic(low: float, high: float, count: int = 5) -> Ticks:
    """Powers of ten from `low` to `high`; over a short range their multiples by 2 and 5 as well.

    Examples
    --------
    >>> logarithmic(0.0004, 2).labels, logarithmic(0.3, 4).labels
    (['0.001', '0.01', '0.1', '1'], ['0.5', '1', '2'])
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, -(-(last - first + 1) // (count + 1)))
    found = [(1, e) for e in range(first, last + 1) if e % every == 0]
    if len(found) < 3:
        found = [(d, e) for e in range(first - 1, last + 1) for d in (1, 2, 5)]
        found = [(d, e) for d, e in found if low <= float(f"{d}e{e}") <= high]
    if len(found) < 2:
        return linear(low, high, count)
    plain = all(-4 <= e < 6 for _, e in found)
    places = [float(f"{d}e{e}") for d, e in found]
    labels = [
        number(place) if plain else (f"{d}×" * (d > 1)) + power(e)
        for place, (d, e) in zip(places, found, strict=True)
    ]
    return Ticks(places, labels)


def dates(low: float, high: float, count: int = 5) -> Ticks:
    """The beginnings of years, months or days, for an axis of days since 1970.

    Examples
    --------
    >>> dates(0, 200).labels
    ['1970-01', '1970-03', '1970-05', '1970-07']
    """
    days = (high - low) / max(count, 1)
    for unit, length, steps in (("D", 1.0, (1, 2, 7, 14)), ("M", 30.4, (1, 2, 3, 6)), ("Y", 365.2, ())):
        step = next((s for s in steps if s * length >= 0.8 * days), 0)
        if step or unit == "Y":
            break
    start, end = (np.datetime64("1970-01-01") + np.timedelta64(math.floor(edge), "D") for edge in (low, high))
    if not step:
        exponent, digit = _nice(max(days / length, 1.0))
        step = digit * 10**exponent
    first, last = (edge.astype(f"datetime64[{unit}]").astype(int) for edge in (start, end))
    offset = 1970 if unit == "Y" else 0  # years count from 0, months and days from 1970
    marks = np.arange(-(-(first + offset) // step) * step, last + offset + 1, step) - offset
    moments = marks.astype(f"datetime64[{unit}]")
    places = moments.astype("datetime64[D]").astype(float)
    inside = (places >= low) & (places <= high)
    return Ticks(places[inside].tolist(), moments[inside].astype(str).tolist())
