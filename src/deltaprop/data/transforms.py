"""Inputs to numbers a network can take: frozen transforms, learned from training rows, plain values for JSON.

Every transform gives float32 rows; `names` are the names of the network's inputs that it makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, matrix, number
from .columns import DATE_FORMATS, Column, Frame, Series, categories, dates, numbers

MAX_CATEGORIES = 32  # a column of more keeps its most frequent ones and an "other" bucket


def mean_and_scale(obj: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of x (n, d), NaN left out; scale 0 marks a constant column.

    Examples
    --------
    >>> [row.tolist() for row in mean_and_scale("x", np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]]))]
    [[2.0, 7.0], [1.0, 0.0]]
    """
    x = np.asarray(x, np.float64)
    seen = ~np.isnan(x)
    count = np.maximum(seen.sum(axis=0), 1)
    low = np.where(seen, x, np.inf).min(axis=0, initial=np.inf)
    high = np.where(seen, x, -np.inf).max(axis=0, initial=-np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.where(seen, x / count, 0.0).sum(axis=0)
        scale = np.sqrt(np.where(seen, (x - mean) ** 2, 0.0).sum(axis=0) / count)
    constant = low >= high  # exact, where rounding would leave a constant column a tiny scale
    mean = np.where(constant & seen.any(axis=0), np.where(np.isfinite(low), low, 0.0), mean)
    scale = np.where(constant, 0.0, scale)
    if not (np.isfinite(mean).all() and np.isfinite(scale).all()):
        column = int(np.argmin(np.isfinite(mean) & np.isfinite(scale)))
        got = f"reaches from {low[column]:g} to {high[column]:g}"
        raise InputError(
            f"{obj}: column {column + 1} {got}, expected numbers below 1e150; express it in a larger unit."
        )
    return mean, scale


def standardize(obj: str, name: str, x: np.ndarray, mean: Any, scale: Any) -> np.ndarray:
    """(x − mean) / scale as float32, 0 where scale is 0; refused where float32 cannot hold the result."""
    mean, scale = np.asarray(mean, np.float64), np.asarray(scale, np.float64)
    with np.errstate(over="ignore"):
        z = (x - mean) / np.where(scale > 0.0, scale, 1.0)
    z = np.where(scale > 0.0, z, 0.0)
    if np.abs(z).max(initial=0.0) > np.finfo(np.float32).max:
        got = f"has {np.abs(z).max():g} standard deviations from the mean of training"
        raise InputError(f"{obj}: {name} {got}, expected numbers like those of training; check its units.")
    return z.astype(np.float32)


@dataclass(frozen=True)
class Numeric:
    """z = (x − mean) / scale, missing entries filled; a second column marks them if training had some.

    The fill value is the training rows' median. A column that is constant in training (scale 0) gives 0.
    """

    name: str
    fill: float
    mean: float
    scale: float
    indicator: bool

    def __post_init__(self) -> None:
        _check_scale("Numeric", self.scale)

    @classmethod
    def learn(cls, column: Column, values: Series) -> Numeric:
        """From the training rows of a column."""
        array = numbers(f"column {column.name!r}", column.name, values)
        (mean,), (scale,) = mean_and_scale(f"column {column.name!r}", array[:, None])
        missing = np.isnan(array)
        fill = 0.0 if missing.all() else np.nanmedian(array)
        return cls(column.name, float(fill), float(mean), float(scale), bool(missing.any()))

    @property
    def names(self) -> tuple[str, ...]:
        """One or two: the number, and whether it is missing."""
        return (self.name, f"{self.name} is missing") if self.indicator else (self.name,)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, 1 or 2) float32."""
        array = numbers(obj, self.name, values)
        missing = np.isnan(array)
        z = standardize(
            obj, f"column {self.name!r}", np.where(missing, self.fill, array), self.mean, self.scale
        )
        return np.stack([z, missing.astype(np.float32)], axis=1) if self.indicator else z[:, None]

    def describe(self) -> str:
        """One line for the user."""
        constant = ", constant in training: 0" if self.scale == 0.0 else ""
        filled = f", missing entries filled by {self.fill:g} and marked" if self.indicator else ""
        return f"{self.name}: number, mean {self.mean:g}, standard deviation {self.scale:g}{constant}{filled}"


@dataclass(frozen=True)
class Categorical:
    """One column of 0 and 1 for each category, one for all others, one for missing entries.

    `other` and `missing` say whether these two exist, because training had such entries. A category that training
    did not show goes to `other`, or is 0 everywhere where there is no such column.
    """

    name: str
    categories: tuple[str, ...]
    other: bool
    missing: bool

    def __post_init__(self) -> None:
        if len(set(self.categories)) < len(self.categories):
            raise InputError(
                "Categorical: categories repeats an entry, expected distinct texts; remove the repetition."
            )

    @classmethod
    def learn(cls, column: Column, values: Series) -> Categorical:
        """From the training rows: every category, or the 32 most frequent of those that occur more than once."""
        entries = categories(values)
        gaps = np.array([entry is None for entry in entries], bool)
        found, counts = np.unique(entries[~gaps].astype(str), return_counts=True)
        kept = found.tolist()
        if len(kept) > MAX_CATEGORIES:
            frequent = np.argsort(-counts, kind="stable")[:MAX_CATEGORIES]
            kept = sorted(found[i].item() for i in frequent if counts[i] > 1)
        return cls(column.name, tuple(kept), bool(kept) and len(kept) < len(found), bool(gaps.any()))

    @property
    def names(self) -> tuple[str, ...]:
        """One name a column: ``colour=red``, ``colour=(other)``, ``colour is missing``."""
        names = [f"{self.name}={category}" for category in self.categories]
        names += [f"{self.name}=(other)"] * self.other + [f"{self.name} is missing"] * self.missing
        return tuple(names)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32 of 0 and 1."""
        width, known = len(self.names), len(self.categories)
        place: dict[str | None, int] = {category: i for i, category in enumerate(self.categories)}
        nowhere = width  # a column that is cut off again
        place[None] = known + self.other if self.missing else nowhere
        unseen = known if self.other else nowhere
        z = np.zeros((len(values), width + 1), np.float32)
        z[np.arange(len(values)), [place.get(entry, unseen) for entry in categories(values)]] = 1.0
        return np.ascontiguousarray(z[:, :width])

    def describe(self) -> str:
        """One line for the user."""
        if not self.categories:
            return f"{self.name}: text that hardly repeats: not used" + (
                ", except where missing" * self.missing
            )
        other = ", all rarer ones together" if self.other else ""
        return f"{self.name}: {len(self.categories)} categories{other}{', missing marked' * self.missing}"


@dataclass(frozen=True)
class Date:
    """Linear time, standardised, and the calendar as angles: sine and cosine of the year, the week and the day.

    fill, mean and scale are days since 1970-01-01 UTC. The day's angle is there if training showed times of day
    (`clock`); missing dates are filled by the median, and marked if training had some (`indicator`).
    """

    name: str
    format: str
    fill: float
    mean: float
    scale: float
    clock: bool
    indicator: bool

    def __post_init__(self) -> None:
        _check_scale("Date", self.scale)
        if self.format not in DATE_FORMATS:
            raise InputError(
                f"Date: format is {self.format!r}, expected one of {', '.join(DATE_FORMATS)}; choose one of "
                "them."
            )

    @classmethod
    def learn(cls, column: Column, values: Series) -> Date:
        """From the training rows of a column."""
        days = dates(f"column {column.name!r}", column.name, values, column.format)
        missing = np.isnan(days)
        (mean,), (scale,) = mean_and_scale(f"column {column.name!r}", days[:, None])
        seen = days[~missing]
        fill = float(np.median(seen)) if seen.size else 0.0
        clock = bool((seen % 1.0 != 0.0).any())
        return cls(column.name, column.format, fill, float(mean), float(scale), clock, bool(missing.any()))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the time, of the sines and cosines, and of the mark of missing dates."""
        cycles = ("year", "week", "day") if self.clock else ("year", "week")
        angles = [f"{self.name} {part} {cycle}" for cycle in cycles for part in ("sin", "cos")]
        return (self.name, *angles, *([f"{self.name} is missing"] if self.indicator else []))

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) dates → (n, len(names)) float32."""
        days = dates(obj, self.name, values, self.format)
        missing = np.isnan(days)
        days = np.where(missing, self.fill, days)
        whole = np.floor(days).astype("datetime64[D]")
        january = whole.astype("datetime64[Y]")
        length = ((january + 1).astype("datetime64[D]") - january.astype("datetime64[D]")).astype(np.float64)
        year = (days - january.astype("datetime64[D]").astype(np.float64)) / length
        week = (days + 3.0) / 7.0  # 1970-01-01 was a Thursday
        columns = [standardize(obj, f"column {self.name!r}", days, self.mean, self.scale)]
        for part in (year, week, days)[: 3 if self.clock else 2]:
            angle = 2.0 * np.pi * (part % 1.0)
            columns += [np.sin(angle).astype(np.float32), np.cos(angle).astype(np.float32)]
        if self.indicator:
            columns.append(missing.astype(np.float32))
        return np.stack(columns, axis=1)

    def describe(self) -> str:
        """One line for the user."""
        filled = ", missing dates filled and marked" if self.indicator else ""
        return f"{self.name}: date, {len(self.names)} inputs (time and calendar){filled}"


@dataclass(frozen=True)
class Table:
    """The columns of a table, each by its own transform, side by side."""

    columns: tuple[Numeric | Categorical | Date, ...]

    @classmethod
    def learn(cls, columns: tuple[Column, ...], x: Frame) -> Table:
        """From the training rows of a table."""
        return cls(tuple(BY_KIND[column.kind].learn(column, x[column.name]) for column in columns))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The table's columns."""
        return tuple(column.name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The network's inputs."""
        return tuple(name for column in self.columns for name in column.names)

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """A table with at least the columns of training, or an array of as many columns → (n, d) float32."""
        import pandas as pd

        if not isinstance(x, pd.DataFrame):
            array = np.asarray(x)
            _check_width(obj, array, self.feature_names)
            x = pd.DataFrame(array, columns=list(self.feature_names)).infer_objects()
        check_columns(obj, x, self.feature_names)
        parts = [column.transform(obj, x[column.name]) for column in self.columns]
        return np.concatenate([np.empty((len(x), 0), np.float32), *parts], axis=1)

    def describe(self) -> list[str]:
        """One line a column."""
        return [column.describe() for column in self.columns]


@dataclass(frozen=True)
class Standardize:
    """z = (x − mean) / scale for each feature of an array; features constant in training (scale 0) give 0."""

    feature_names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.feature_names) == len(self.mean) == len(self.scale):
            raise InputError(
                "Standardize: mean, scale differ in length, expected one a feature; give as many as names."
            )
        _check_scale("Standardize", *self.scale)

    @classmethod
    def learn(cls, feature_names: tuple[str, ...], x: np.ndarray, together: bool = False) -> Standardize:
        """From the training rows of an array; `together`: one mean and scale for all features.

        The pixels of images belong together: a pixel that is dark in nearly every training image would otherwise be
        blown up where it is not.

        Examples
        --------
        >>> Standardize.learn(("left", "right"), np.array([[0.0, 2.0], [4.0, 2.0]]), together=True).mean
        (2.0, 2.0)
        """
        mean, scale = mean_and_scale("x", x.reshape(-1, 1) if together else x)
        mean, scale = (np.broadcast_to(v, len(feature_names)) for v in (mean, scale))
        return cls(feature_names, tuple(mean.tolist()), tuple(scale.tolist()))

    @property
    def names(self) -> tuple[str, ...]:
        """The network's inputs: the features themselves."""
        return self.feature_names

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """(n, d) numbers, or a table with columns of these names → (n, d) float32."""
        return standardize(obj, "x", _array(obj, x, self.feature_names), self.mean, self.scale)

    def describe(self) -> list[str]:
        """One line for the user."""
        constant = sum(scale == 0.0 for scale in self.scale)
        also = f"; {constant} constant in training give 0" if constant else ""
        how = "each" if len({*zip(self.mean, self.scale, strict=True)}) > 1 else "together"
        return [f"{len(self.mean)} features, {how} centred and scaled to standard deviation 1{also}"]


@dataclass(frozen=True)
class Pixels:
    """z = (x / 255 − mean) / scale for unsigned bytes; the defaults are those of MNIST's training images."""

    feature_names: tuple[str, ...]
    mean: float = 0.1307
    scale: float = 0.3081

    def __post_init__(self) -> None:
        number("Pixels", "scale", self.scale, low=0.0, open_low=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The network's inputs: the pixels themselves."""
        return self.feature_names

    @property
    def factor(self) -> float:
        """z = factor · x + offset."""
        return 1.0 / (255.0 * self.scale)

    @property
    def offset(self) -> float:
        """z = factor · x + offset."""
        return -self.mean / self.scale

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """(n, d) bytes, or numbers of 0…255 → (n, d) float32."""
        x = _array(obj, x, self.feature_names)
        if x.dtype == np.uint8:  # one of 256 values: looked up
            return ((np.arange(256) / 255.0 - self.mean) / self.scale).astype(np.float32)[x]
        if x.size and (x.min() < 0 or x.max() > 255):
            raise InputError(
                f"{obj}: x reaches from {x.min():g} to {x.max():g}, expected pixels of 0…255; scale the "
                "images to bytes."
            )
        return ((x / 255.0 - self.mean) / self.scale).astype(np.float32)

    def describe(self) -> list[str]:
        """One line for the user."""
        return [f"{len(self.feature_names)} pixels: (x / 255 − {self.mean:g}) / {self.scale:g}"]


BY_KIND: dict[str, Any] = {"number": Numeric, "category": Categorical, "date": Date}


def check_columns(obj: str, x: Frame, wanted: tuple[str, ...]) -> None:
    """Refuse a table that lacks one of the columns `wanted`."""
    lacking = [name for name in wanted if name not in x.columns]
    if lacking:
        got = f"lacks {', '.join(map(repr, lacking[:5]))}{' …' * (len(lacking) > 5)}"
        raise InputError(
            f"{obj}: the table {got}, expected every column the network was trained on; add them (entries "
            "may be missing)."
        )


def _check_scale(obj: str, *scales: float) -> None:
    for scale in scales:
        number(obj, "scale", scale, low=0.0)


def _array(obj: str, x: Any, feature_names: tuple[str, ...]) -> np.ndarray:
    """x as a numeric, finite (n, d) array; from a table the columns of these names, in this order."""
    if hasattr(x, "columns"):
        check_columns(obj, x, feature_names)
        x = np.stack([numbers(obj, name, x[name]) for name in feature_names], axis=1)
    elif np.ndim(x) == 2:
        _check_width(obj, np.asarray(x), feature_names)
    return matrix(obj, "x", x, len(feature_names), "give the features the network was trained on")


def _check_width(obj: str, x: np.ndarray, feature_names: tuple[str, ...]) -> None:
    if x.ndim != 2 or x.shape[1] != len(feature_names):
        shown = ", ".join(feature_names[:4]) + (", …" if len(feature_names) > 4 else "")
        remedy = f"give the features the network was trained on ({shown})"
        raise InputError(f"{obj}: x has shape {x.shape}, expected (n, {len(feature_names)}); {remedy}.")
