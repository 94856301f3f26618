"""Table columns and arrays as the float32 inputs of a network.

Every transform is learned from the training rows by scikit-learn and keeps plain numbers, stored as JSON and applied
with NumPy alone: loading a model runs no code. `names` are those of the network inputs that a transform makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError, matrix, number, short
from .columns import DATE_FORMATS, Column, Frame, Series, read_dates, read_numbers, read_texts

MAX_CATEGORIES = 32  # a column with more keeps the most frequent ones and an "other" input


def mean_and_scale(obj: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of x (n, d), ignoring NaN; scale 0 marks a constant column.

    >>> [row.tolist() for row in mean_and_scale("x", np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]]))]
    [[2.0, 7.0], [1.0, 0.0]]
    """
    from sklearn.preprocessing import StandardScaler

    with np.errstate(over="ignore", invalid="ignore"):
        fitted: Any = StandardScaler().fit(np.asarray(x, np.float64))
    mean, scale = fitted.mean_, np.sqrt(fitted.var_)
    empty = np.isnan(x).all(axis=0)
    overflows = ~np.isfinite(mean + scale) & ~empty
    if overflows.any():
        column = int(np.argmax(overflows))
        low, high = np.nanmin(x[:, column]), np.nanmax(x[:, column])
        found = f"column {column + 1} ranges from {low:g} to {high:g}"
        raise InputError(f"{obj}: {found}, expected numbers below 1e150; express it in a larger unit.")
    constant = fitted.scale_ != scale  # scikit-learn sets the scale of a constant column to 1
    return np.where(empty, 0.0, mean), np.where(constant, 0.0, scale)


def standardize(obj: str, name: str, x: np.ndarray, mean: Any, scale: Any) -> np.ndarray:
    """(x − mean) / scale as float32, 0 where scale is 0; refused where float32 cannot represent the result."""
    scale = np.asarray(scale, np.float64)
    with np.errstate(over="ignore"):
        z = (x - np.asarray(mean, np.float64)) / np.where(scale > 0.0, scale, np.inf)
    if (largest := max(z.max(initial=0.0), -z.min(initial=0.0))) > np.finfo(np.float32).max:
        found = f"{name} is {largest:g} standard deviations from the mean"
        raise InputError(f"{obj}: {found}, expected numbers like those of training; check its units.")
    return z.astype(np.float32)


@dataclass(frozen=True)
class Numeric:
    """A column of numbers: z = (x − mean) / scale, missing entries replaced by `fill`, the median of training.

    A column that is constant in training has scale 0 and gives 0. If training had missing entries (`indicator`), a
    further input marks them. `reason` says why the column is of its kind.
    """

    name: str
    fill: float
    mean: float
    scale: float
    indicator: bool
    reason: str | None = field(default=None, kw_only=True)
    kind: ClassVar = "number"

    def __post_init__(self) -> None:
        number(type(self).__name__, "scale", self.scale, low=0.0)

    @classmethod
    def learn(cls, column: Column, values: Series) -> Numeric:
        """From the training rows of a column."""
        x = read_numbers(f"column {column.name!r}", column.name, values)
        return cls(column.name, *_learn_scaling(column.name, x), reason=column.reason)

    @property
    def names(self) -> tuple[str, ...]:
        """The column, what is derived from it, and whether it is missing."""
        return (self.name, *self._derived(np.empty(0)), *[f"{self.name} is missing"] * self.indicator)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32."""
        x = self._read(obj, values)
        missing = np.isnan(x)
        x = np.where(missing, self.fill, x)
        z = standardize(obj, f"column {self.name!r}", x, self.mean, self.scale)
        inputs = [z, *self._derived(x).values(), *[missing] * self.indicator]
        return np.stack(inputs, axis=1, dtype=np.float32)

    def _read(self, obj: str, values: Series) -> np.ndarray:
        return read_numbers(obj, self.name, values)

    def _derived(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Further inputs by name, computed from the filled column."""
        return {}


@dataclass(frozen=True)
class Date(Numeric):
    """A column of dates: time as a number, and sine and cosine of the position within the year, the week and the day.

    fill, mean and scale are days since 1970-01-01 UTC; `format` is one of `DATE_FORMATS`. The inputs for the day exist
    only if training had times of day (`clock`).
    """

    format: str
    clock: bool
    kind: ClassVar = "date"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.format not in DATE_FORMATS:
            known = ", ".join(DATE_FORMATS)
            raise InputError(f"Date: format is {short(self.format)}, expected one of {known}; choose one.")

    @classmethod
    def learn(cls, column: Column, values: Series) -> Date:
        """From the training rows of a column."""
        days = read_dates(f"column {column.name!r}", column.name, values, column.format)
        clock, scaling = bool((days % 1.0 > 0.0).any()), _learn_scaling(column.name, days)
        return cls(column.name, *scaling, column.format, clock, reason=column.reason)

    def _read(self, obj: str, values: Series) -> np.ndarray:
        return read_dates(obj, self.name, values, self.format)

    def _derived(self, x: np.ndarray) -> dict[str, np.ndarray]:
        year = np.floor(x).astype("datetime64[D]").astype("datetime64[Y]")
        january, next_january = (y.astype("datetime64[D]").astype(np.float64) for y in (year, year + 1))
        monday = x + 3.0  # day 0 was a Thursday
        cycles = {"year": (x - january) / (next_january - january), "week": monday / 7.0}
        if self.clock:
            cycles["day"] = x
        derived = {}
        for cycle, phase in cycles.items():
            angle = 2.0 * np.pi * (phase % 1.0)
            derived |= {f"{self.name} sin {cycle}": np.sin(angle), f"{self.name} cos {cycle}": np.cos(angle)}
        return derived


def _learn_scaling(name: str, x: np.ndarray) -> tuple[float, float, float, bool]:
    """Median, mean and scale of a column x (n,), NaN ignored, and whether it has any."""
    from sklearn.impute import SimpleImputer

    column = x[:, None]
    (mean,), (scale,) = mean_and_scale(f"column {name!r}", column)
    imputer: Any = SimpleImputer(strategy="median", keep_empty_features=True).fit(column)
    return float(imputer.statistics_[0]), float(mean), float(scale), bool(np.isnan(x).any())


@dataclass(frozen=True)
class Categorical:
    """A column of categories, one-hot: an input of 0 and 1 for each, one for all others, one for missing entries.

    The last two exist if training had such entries (`other`, `missing`). A category not seen in training counts as one
    of the others, or gives 0 everywhere.
    """

    name: str
    categories: tuple[str, ...]
    other: bool
    missing: bool
    reason: str | None = None
    kind: ClassVar = "one-hot"

    def __post_init__(self) -> None:
        if len(set(self.categories)) < len(self.categories):
            raise InputError("Categorical: categories repeats an entry, expected distinct texts; remove it.")

    @classmethod
    def learn(cls, column: Column, values: Series) -> Categorical:
        """From the training rows: up to 32 categories all of them, otherwise the most frequent of those that repeat."""
        from sklearn.preprocessing import OneHotEncoder

        texts = read_texts(values.dropna())[:, None]
        if not len(texts):
            return cls(column.name, (), False, True, column.reason)
        many = len(np.unique(texts)) > MAX_CATEGORIES
        encoder = OneHotEncoder(max_categories=MAX_CATEGORIES + 1, min_frequency=2 if many else 1).fit(texts)
        rare = set() if encoder.infrequent_categories_[0] is None else set(encoder.infrequent_categories_[0])
        kept = tuple(category for category in encoder.categories_[0] if category not in rare)
        return cls(column.name, kept, bool(kept and rare), len(texts) < len(values), column.reason)

    @property
    def names(self) -> tuple[str, ...]:
        """``colour=red``, ``colour=(other)``, ``colour is missing``."""
        known = [f"{self.name}={category}" for category in self.categories]
        return (*known, *[f"{self.name}=(other)"] * self.other, *[f"{self.name} is missing"] * self.missing)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32 of 0 and 1."""
        texts, missing = read_texts(values), values.isna().to_numpy()
        z = np.zeros((len(self.names), len(texts)), np.float32)
        for row, category in zip(z, self.categories, strict=False):
            row[:] = texts == category
        if self.other:
            z[len(self.categories)] = ~missing & ~z.any(axis=0)
        if self.missing:
            z[-1] = missing
        return z.T


@dataclass(frozen=True)
class Table:
    """The columns of a table, each by its own transform, side by side."""

    columns: tuple[Numeric | Categorical | Date, ...]

    @classmethod
    def learn(cls, columns: Iterable[Column], x: Frame) -> Table:
        """From the training rows of a table."""
        return cls(tuple(BY_KIND[column.kind].learn(column, x[column.name]) for column in columns))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The network inputs."""
        return tuple(name for column in self.columns for name in column.names)

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """A table with at least the columns of training, or an array of as many columns → (n, d) float32."""
        import pandas as pd

        if not isinstance(x, pd.DataFrame):
            x = np.asarray(x)
            if x.ndim != 2 or x.shape[1] != len(self.columns):
                found, remedy = f"x has shape {x.shape}", _features(self.feature_names)
                raise InputError(f"{obj}: {found}, expected (n, {len(self.columns)}); {remedy}.")
            x = pd.DataFrame(x, columns=list(self.feature_names)).infer_objects()
        check_columns(obj, x, self.feature_names)
        parts = [column.transform(obj, x[column.name]) for column in self.columns]
        return np.ascontiguousarray(np.concatenate([np.empty((len(x), 0), np.float32), *parts], axis=1))

    def describe(self) -> list[str]:
        """One line for each column: its kind, the inputs it makes, and why it is of this kind."""
        lines = []
        for column in self.columns:
            inputs = f"{column.kind} as {', '.join(column.names[:40])}" + ", …" * (len(column.names) > 40)
            unused = f"{column.kind}, not used: its entries hardly repeat"
            reason = f" ({column.reason})" if column.reason else ""
            lines.append(f"{column.name}: {inputs if column.names else unused}{reason}")
        return lines


@dataclass(frozen=True)
class Standardize:
    """z = (x − mean) / scale for the features of an array; features constant in training (scale 0) give 0.

    mean and scale hold one number for each feature or one for all; entries must lie within `limits` (empty: any).
    """

    feature_names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    limits: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        lengths = (len(self.mean), len(self.scale), len(self.limits))
        if lengths not in {(k, k, m) for k in (1, len(self.feature_names)) for m in (0, 2)}:
            wanted = "a mean and scale for each feature or one for all, and none or two limits; correct them"
            raise InputError(f"Standardize: mean, scale, limits have {lengths} entries, expected {wanted}.")
        for scale in self.scale:
            number("Standardize", "scale", scale, low=0.0)

    @classmethod
    def learn(cls, feature_names: tuple[str, ...], x: np.ndarray, together: bool = False) -> Standardize:
        """From the training rows of an array; `together`: one mean and scale for all features.

        The pixels of an image belong together: scaled alone, a pixel that is dark in nearly every training image would
        be huge where it is not. Bytes stay bytes: rows to predict must lie within 0…255.

        >>> Standardize.learn(("left", "right"), np.array([[0.0, 2.0], [4.0, 2.0]]), together=True).mean
        (2.0,)
        """
        mean, scale = mean_and_scale("x", x.reshape(-1, 1) if together else x)
        limits = (0.0, 255.0) if x.dtype == np.uint8 else ()
        return cls(feature_names, tuple(mean.tolist()), tuple(scale.tolist()), limits)

    @property
    def names(self) -> tuple[str, ...]:
        """The network inputs: the features themselves."""
        return self.feature_names

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """(n, d) numbers, or a table with columns of these names → (n, d) float32."""
        x = _array(obj, x, self.feature_names)
        if self.limits and x.size and not self.limits[0] <= x.min() <= x.max() <= self.limits[1]:
            found, wanted = (f"{low:g} to {high:g}" for low, high in ((x.min(), x.max()), self.limits))
            raise InputError(f"{obj}: x ranges from {found}, expected {wanted} as in training; check units.")
        if x.dtype == np.uint8 and len(self.mean) == 1:  # 256 values: looked up
            return standardize(obj, "x", np.arange(256), self.mean, self.scale)[x]
        return standardize(obj, "x", x, self.mean, self.scale)

    def describe(self) -> list[str]:
        """One line for the user."""
        constant = self.scale.count(0.0)
        also = f"; {constant} constant in training give 0" if constant else ""
        how = "each" if len(self.mean) > 1 else "together"
        return [f"{len(self.feature_names)} features, {how} centred and scaled to standard deviation 1{also}"]


BY_KIND: dict[str, Any] = {"number": Numeric, "category": Categorical, "date": Date}


def check_columns(obj: str, x: Frame, wanted: tuple[str, ...]) -> None:
    """Refuse a table that lacks one of the columns `wanted`."""
    if lacking := [name for name in wanted if name not in x.columns]:
        shown = ", ".join(map(repr, lacking[:5])) + " …" * (len(lacking) > 5)
        found = f"the table lacks {shown}, expected every column the network was trained on"
        raise InputError(f"{obj}: {found}; add them (entries may be missing).")


def _array(obj: str, x: Any, feature_names: tuple[str, ...]) -> np.ndarray:
    """x as a numeric, finite (n, d) array; from a table the columns of these names, in this order."""
    if hasattr(x, "columns"):
        check_columns(obj, x, feature_names)
        x = np.stack([read_numbers(obj, name, x[name]) for name in feature_names], axis=1)
    return matrix(obj, "x", x, len(feature_names), _features(feature_names))


def _features(names: tuple[str, ...]) -> str:
    return f"give the features the network was trained on ({', '.join(names[:4])}{', …' * (len(names) > 4)})"
