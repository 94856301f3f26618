"""The combinations of settings that a sweep tries: a grid, or random draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from scipy import stats

from ..errors import InputError, number, short
from ..seeds import stream

Settings = Mapping[str, Any]
Space = Mapping[str, Any]

#: More combinations than this are a mistake.
MOST = 100_000


def combinations(space: Space, samples: int | None = None, seed: int = 0) -> list[dict[str, Any]]:
    """All combinations of the values in `space`; or `samples` different ones, drawn at random.

    Parameters
    ----------
    space : mapping of str to values
        For each setting a list of values. Where combinations are drawn, also a distribution: an object with
        ``rvs(random_state=…)``, such as ``scipy.stats.loguniform(1e-4, 1)``.
    samples : int, optional
        ≥ 1.
    seed : int
        ≥ 0; the draws are a pure function of it, and fewer samples are the first of more.

    Returns
    -------
    list of dict
        In the order of the grid, in which the last setting changes fastest; or in the order of drawing.

    Raises
    ------
    InputError
        If the space is empty, has a value twice, or has fewer combinations than are to be drawn.

    Source of random draws instead of a grid: Bergstra and Bengio, *Random search for hyper-parameter optimization*
    (2012).

    Examples
    --------
    >>> combinations({"init": ["he", "glorot"], "rate": [0.1, 0.01]})[1]
    {'init': 'he', 'rate': 0.01}
    >>> combinations({"rate": stats.loguniform(1e-4, 1), "units": [8, 16]}, samples=2)[0]["units"]
    16
    """
    if not space:
        raise InputError("sweep: the space has no settings, expected at least one; give some values to try.")
    number("sweep", "seed", seed, low=0, integer=True)
    lists = {name: _values(name, values) for name, values in space.items() if not hasattr(values, "rvs")}
    if samples is None:
        if drawn := next((name for name in space if name not in lists), None):
            found = f"{drawn} is a distribution without samples"
            raise InputError(f"sweep: {found}, expected a list of values; list some, or give samples.")
        count = math.prod(map(len, lists.values()))
        if count > MOST:
            found = f"the grid has {count:,} combinations"
            raise InputError(f"sweep: {found}, expected at most {MOST:,}; give samples, or fewer values.")
        return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]
    number("sweep", "samples", samples, low=1, high=MOST, integer=True)
    count = math.prod(len(lists[name]) if name in lists else _support(space[name]) for name in space)
    if samples > count:
        found = f"samples is {samples}, more than the {count} combinations of the space"
        raise InputError(f"sweep: {found}, expected at most as many; leave samples out for all of them.")
    return _drawn(space, samples, np.random.default_rng(stream(seed, "search")))


def distribution(name: str, given: Mapping[str, Any]) -> Any:
    """The values or the distribution that a file names, such as ``{"loguniform": [1e-4, 1]}``.

    ``uniform`` and ``loguniform`` have a lower and an upper end, ``integers`` the smallest and the largest, ``choice``
    the values to choose from.

    Examples
    --------
    >>> distribution("batch_size", {"integers": [8, 64]}).rvs(random_state=0)
    52
    """
    kind, values = next(iter(given.items())) if len(given) == 1 else ("", None)
    if kind == "choice":
        return values
    if kind not in DISTRIBUTIONS:
        wanted = f"one of {', '.join(DISTRIBUTIONS)} or choice, such as {{ loguniform = [0.001, 0.1] }}"
        raise InputError(f"sweep: {name} is {short(dict(given))}, expected {wanted}; correct it.")
    integer = kind == "integers"
    if not isinstance(values, list) or len(values) != 2:
        raise InputError(
            f"sweep: {name} is {kind} of {short(values)}, expected [low, high]; give two numbers."
        )
    low, high = values
    bound = 0 if kind == "loguniform" else -math.inf
    number("sweep", f"{name}: low", low, low=bound, open_low=True, integer=integer)
    number("sweep", f"{name}: high", high, low=low, open_low=True, integer=integer)
    return DISTRIBUTIONS[kind](low, high)


DISTRIBUTIONS = {
    "uniform": lambda low, high: stats.uniform(low, high - low),
    "loguniform": stats.loguniform,
    "integers": lambda low, high: stats.randint(low, high + 1),
}


def _values(name: str, values: Any) -> list[Any]:
    """The values of a setting; refused if there are none, or one of them twice."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence | np.ndarray):
        found = f"{name} is {short(values)}"
        raise InputError(f"sweep: {found}, expected a list of values or a distribution; put it in a list.")
    listed = [_plain(value) for value in values]
    if not listed:
        raise InputError(f"sweep: {name} has no values, expected at least one; give some, or leave it out.")
    for i, value in enumerate(listed):
        if any(_key(value) == _key(other) for other in listed[:i]):
            raise InputError(
                f"sweep: {name} has {short(value)} twice, expected different values; remove one."
            )
    return listed


def _drawn(space: Space, samples: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Different combinations, in the order of drawing."""
    drawn: dict[Any, dict[str, Any]] = {}
    while len(drawn) < samples:
        settings = {name: _draw(values, rng) for name, values in space.items()}
        drawn.setdefault(tuple(map(_key, settings.values())), settings)
    return list(drawn.values())


def _draw(values: Any, rng: np.random.Generator) -> Any:
    if hasattr(values, "rvs"):
        return _plain(values.rvs(random_state=rng))
    return _plain(values[rng.integers(len(values))])


def _support(values: Any) -> float:
    """How many values a distribution has; of a discrete one of SciPy what lies between its ends."""
    if hasattr(values, "dist") and isinstance(values.dist, stats.rv_discrete):
        low, high = values.support()
        return high - low + 1
    return math.inf


def _plain(value: Any) -> Any:
    """A NumPy scalar as a Python number."""
    return value.item() if isinstance(value, np.generic) else value


def _key(value: Any) -> str:
    """What makes values the same: 1 and 1.0 are, and so are equal lists and tuples."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return repr([_key(entry) for entry in value] if isinstance(value, list | tuple) else value)
