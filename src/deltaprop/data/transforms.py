"""Table columns and arrays as the float32 inputs of a network.

Every transform is learned from the training rows and keeps plain numbers, stored as JSON and applied
with NumPy alone: loading a model runs no code. `names` are those of the network inputs that a transform makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..errors import InputError, matrix, number, short
from .categories import Categorical, Codes, Contrasts, learn_categories
from .columns import (
    Column,
    Frame,
    Series,
    holds_numbers,
    read_booleans,
    read_dates,
    read_numbers,
)
from .dates import DATE_FORMATS
from .encoding import STANDARD, Encoding
from .frames import as_frame, is_frame
from .scaling import mean_and_scale, median_and_range, standardize


@dataclass(frozen=True)
class Numeric:
    """A column of numbers: z = (x − mean) / scale, missing entries replaced by `fill`, the median of training.

    With robust scaling `mean` is the median too, and `scale` the interquartile range; `clip`: z / √(1 + (z/3)²) of it.
    A column that is constant in training has scale 0 and gives 0. If training had missing entries (`indicator`), a
    further input marks them. `reason` says why the column is of its kind.
    """

    name: str
    fill: float
    mean: float
    scale: float
    indicator: bool
    clip: bool = field(default=False, kw_only=True)
    reason: str | None = field(default=None, kw_only=True)
    kind: ClassVar = "number"
    numbers: ClassVar = 1  # how many of its inputs, the first ones, are scaled numbers
    codes: ClassVar = 0  # the number of categories, of a column that becomes codes

    def __post_init__(self) -> None:
        number(type(self).__name__, "scale", self.scale, low=0.0)

    @classmethod
    def learn(
        cls, column: Column, values: Series, encoding: Encoding = STANDARD, weight: np.ndarray | None = None
    ) -> Numeric:
        """From the training rows of a column, those of weight 2 taken as two."""
        x = read_numbers(f"column {column.name!r}", column.name, values)
        return of_numbers((column,), x[:, None], encoding, weight)[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The column, what is derived from it, and whether it is missing."""
        return (self.name, *self._derived(np.empty(0)), *[f"{self.name} is missing"] * self.indicator)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32."""
        x = self._read(obj, values)
        missing = np.isnan(x)
        x = np.where(missing, self.fill, x)
        z = standardize(obj, f"column {self.name!r}", x, self.mean, self.scale, self.clip)
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
    def learn(
        cls, column: Column, values: Series, encoding: Encoding = STANDARD, weight: np.ndarray | None = None
    ) -> Date:
        """From the training rows of a column, those of weight 2 taken as two."""
        days = read_dates(f"column {column.name!r}", column.name, values, column.format)
        (time,) = of_numbers((column,), days[:, None], encoding, weight)
        clock = bool((days % 1.0 > 0.0).any())
        scaling = (time.fill, time.mean, time.scale, time.indicator)
        return cls(column.name, *scaling, column.format, clock, clip=time.clip, reason=column.reason)

    def _read(self, obj: str, values: Series) -> np.ndarray:
        return read_dates(obj, self.name, values, self.format)

    def _derived(self, x: np.ndarray) -> dict[str, np.ndarray]:
        x = x if self.scale > 0.0 else np.full_like(x, self.fill)  # a single date in training tells nothing
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


def of_numbers(
    columns: Sequence[Column], x: np.ndarray, encoding: Encoding, weight: np.ndarray | None
) -> list[Numeric]:
    """The transforms of columns of numbers x (n, d), NaN where an entry is missing."""
    names = [f"column {column.name!r}" for column in columns]
    median, scale = median_and_range(names, x, weight)
    mean = median
    if encoding.scaling != "robust":
        mean, scale = mean_and_scale(names, x, weight)
    missing = np.isnan(x)
    marked = np.logical_and(missing.any(axis=0), ~missing.all(axis=0)) & encoding.indicators
    learned = zip(columns, median.tolist(), mean.tolist(), scale.tolist(), marked.tolist(), strict=True)
    return [
        Numeric(c.name, fill, center, spread, mark, clip=encoding.clip, reason=c.reason)
        for c, fill, center, spread, mark in learned
    ]


@dataclass(frozen=True)
class Boolean:
    """A column of booleans: −1 for false, 1 for true, 0 where an entry is missing."""

    name: str
    reason: str | None = None
    kind: ClassVar = "boolean"
    numbers: ClassVar = 0
    codes: ClassVar = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The column itself."""
        return (self.name,)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, 1) float32."""
        x = read_booleans(obj, self.name, values)
        return np.where(np.isnan(x), 0.0, 2.0 * x - 1.0).astype(np.float32)[:, None]


Transform = Numeric | Date | Boolean | Categorical | Contrasts | Codes


def learn_column(
    column: Column, values: Series, encoding: Encoding, weight: np.ndarray | None = None
) -> Transform:
    """What is done to a column, from its training rows; those of weight 2 are taken as two."""
    compact = encoding.categories == "embedding"
    if column.kind == "category":
        if compact:
            return learn_categories(column, values, encoding.few, weight)
        return Categorical.learn(column, values)
    if column.kind == "boolean" and compact and values.nunique() > 1:
        return Boolean(column.name, column.reason)
    return (Date if column.kind == "date" else Numeric).learn(column, values, encoding, weight)


@dataclass(frozen=True)
class Table:
    """The columns of a table, each by its own transform, side by side.

    The inputs of a network come in three groups, each in the order of the columns: scaled numbers; what lies between −1
    and 1 (one-hot, contrasts, marks of missing entries, angles of dates); codes of categories. In files of earlier
    versions (not `grouped`) the inputs of a column stand together.
    """

    columns: tuple[Transform, ...]
    grouped: bool = False

    @classmethod
    def learn(
        cls,
        columns: Sequence[Column],
        x: Frame | np.ndarray,
        encoding: Encoding = STANDARD,
        weight: np.ndarray | None = None,
        obj: str = "the table",
    ) -> Table:
        """From the training rows of a table, or of an array of numbers; rows of weight 2 are taken as two.

        `obj` is what messages call the table.
        """
        if weight is not None:
            x, weight = x[weight > 0], weight[weight > 0]
        if not is_frame(x):
            return cls(tuple(of_numbers(columns, np.asarray(x, np.float64), encoding, weight)), True)
        plain = [c for c in columns if c.kind == "number" and holds_numbers(x[c.name])]
        numeric: dict[str, Numeric] = {}
        if plain:
            values = read_block(obj, x, [c.name for c in plain])
            numeric = {number.name: number for number in of_numbers(plain, values, encoding, weight)}
        learned = (numeric.get(c.name) or learn_column(c, x[c.name], encoding, weight) for c in columns)
        return cls(tuple(learned), True)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The network inputs."""
        names = np.array([name for column in self.columns for name in column.names], object)
        order = np.argsort(np.concatenate([np.empty(0, np.intp), *self._places]))
        return tuple(names[order].tolist())

    @property
    def numbers(self) -> int:
        """How many inputs, the first ones, are scaled numbers."""
        return sum(column.numbers for column in self.columns) if self.grouped else 0

    @property
    def categories(self) -> tuple[int, ...]:
        """K for each of the last inputs, which are codes 0 … K−1, or −1."""
        return tuple(column.codes for column in self.columns if column.codes)

    @cached_property
    def _places(self) -> list[np.ndarray]:
        """For each column the positions of its inputs."""
        groups = [
            2 if column.codes else int(self.grouped and i >= column.numbers)
            for column in self.columns
            for i in range(len(column.names))
        ]
        places = np.argsort(np.argsort(groups, kind="stable"))
        return np.split(places, np.cumsum([len(column.names) for column in self.columns])[:-1])

    @cached_property
    def inputs_of(self) -> dict[str, np.ndarray]:
        """The positions of each column's inputs among `names`."""
        return dict(zip(self.feature_names, self._places, strict=True))

    def encode_column(self, obj: str, name: str, values: np.ndarray) -> np.ndarray:
        """(n,) entries of one column → (n, its inputs) float32."""
        i = self.feature_names.index(name)
        if values.dtype.kind == "f":  # where all columns are numbers, pandas need not be imported
            z = self.try_numbers(_alone(values, i, len(self.columns)))
            if z is not None:
                return z[:, self._places[i]]
        import pandas as pd

        return self.columns[i].transform(obj, pd.Series(values))

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """A table with at least the columns of training, or an array of as many columns → (n, d) float32."""
        if not is_frame(x):
            x = np.asarray(x)
            if x.ndim != 2 or x.shape[1] != len(self.columns):
                found, remedy = f"x has shape {x.shape}", _features(self.feature_names)
                raise InputError(f"{obj}: {found}, expected (n, {len(self.columns)}); {remedy}.")
            block = self._block
            if block is not None and len(block.names) == len(self.columns) and x.dtype.kind in "biuf":
                return block.transform(obj, x)
        x = as_frame(obj, x, self.feature_names)
        check_columns(obj, x, self.feature_names)
        z = np.empty((len(x), sum(map(len, self._places))), np.float32)
        block = self._block
        if block is not None and all(map(holds_numbers, (x[name] for name in block.names))):
            z[:, block.places] = block.transform(obj, read_block(obj, x, block.names))
        else:
            block = None
        for column, places in zip(self.columns, self._places, strict=True):
            if block is None or type(column) is not Numeric:
                z[:, places] = column.transform(obj, x[column.name])
        return z

    def try_numbers(self, x: np.ndarray) -> np.ndarray | None:
        """`transform` of an array of floating-point numbers; None where it is something else, or not allowed."""
        block = self._block
        if (
            block is None
            or x.ndim != 2
            or x.dtype.kind != "f"
            or not x.shape[1] == len(block.names) == len(self.columns)
        ):
            return None
        return None if np.isinf(x).any() else block.scaled("the table", x)

    @cached_property
    def _block(self) -> Block | None:
        """The columns of numbers, of which many are scaled faster together."""
        numeric = [(c, p) for c, p in zip(self.columns, self._places, strict=True) if type(c) is Numeric]
        if not numeric or len({column.clip for column, _ in numeric}) > 1:
            return None
        columns, places = zip(*numeric, strict=True)
        fill, mean, scale = np.array([(column.fill, column.mean, column.scale) for column in columns]).T
        marked = np.flatnonzero([column.indicator for column in columns])
        order = np.concatenate([[p[0] for p in places], [places[i][1] for i in marked.tolist()]]).astype(
            np.intp
        )
        names = tuple(column.name for column in columns)
        return Block(names, fill, mean, scale, columns[0].clip, marked, order)

    def describe(self) -> list[str]:
        """One line for each column: its kind, the inputs it makes, and why it is of this kind."""
        lines = []
        for column in self.columns:
            inputs = f"{column.kind} as {', '.join(column.names[:40])}" + ", …" * (len(column.names) > 40)
            unused = f"{column.kind}, not used: a single value, or entries that hardly repeat"
            reason = f" ({column.reason})" if column.reason else ""
            lines.append(f"{column.name}: {inputs if column.names else unused}{reason}")
        return lines


@dataclass(frozen=True, eq=False)
class Block:
    """Columns of numbers scaled together; an input for each, then one for each that marks missing entries."""

    names: tuple[str, ...]
    fill: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    clip: bool
    marked: np.ndarray  # positions of the columns whose missing entries are marked
    places: np.ndarray  # of its inputs among those of the table

    def transform(self, obj: str, x: np.ndarray) -> np.ndarray:
        """Finite numbers or NaN (n, d) → (n, inputs) float32."""
        if x.dtype.kind == "f" and np.isinf(x).any():
            row, column = np.argwhere(np.isinf(x))[0].tolist()
            raise InputError(
                f"{obj}: x has {x[row, column]} at [{row}, {column}], expected finite numbers or NaN; "
                "correct the entry."
            )
        return self.scaled(obj, x)

    def scaled(self, obj: str, x: np.ndarray) -> np.ndarray:
        """The same without a search for infinity."""
        missing = np.isnan(x)
        z = standardize(obj, "x", np.where(missing, self.fill, x), self.mean, self.scale, self.clip)
        return (
            np.concatenate([z, missing[:, self.marked]], axis=1, dtype=np.float32) if len(self.marked) else z
        )


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
        names = ("x",) if together else tuple(f"feature {name!r}" for name in feature_names)
        mean, scale = mean_and_scale(names, x.reshape(-1, 1) if together else x)
        limits = (0.0, 255.0) if x.dtype == np.uint8 else ()
        return cls(feature_names, tuple(mean.tolist()), tuple(scale.tolist()), limits)

    @property
    def names(self) -> tuple[str, ...]:
        """The network inputs: the features themselves."""
        return self.feature_names

    @property
    def numbers(self) -> int:
        """How many inputs are scaled numbers: all."""
        return len(self.feature_names)

    @property
    def categories(self) -> tuple[int, ...]:
        """Of codes, which there are none of."""
        return ()

    @property
    def inputs_of(self) -> dict[str, np.ndarray]:
        """The position of each feature among `names`."""
        return {name: np.array([i]) for i, name in enumerate(self.feature_names)}

    def encode_column(self, obj: str, name: str, values: np.ndarray) -> np.ndarray:
        """(n,) entries of one feature → (n, 1) float32."""
        i = self.feature_names.index(name)
        return self.transform(obj, _alone(values, i, len(self.feature_names)))[:, [i]]

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


def _alone(values: np.ndarray, i: int, d: int) -> np.ndarray:
    """Rows of d numbers of which the i-th are given, and the others 0."""
    x = np.zeros((len(values), d))
    x[:, i] = values
    return x


def read_block(obj: str, x: Frame, names: Sequence[str]) -> np.ndarray:
    """Columns of NumPy's numbers as float64 (n, d), NaN where an entry is missing; infinity is refused."""
    values = x[list(names)].to_numpy(np.float64)
    for j in np.flatnonzero(np.isinf(values).any(axis=0)).tolist():
        read_numbers(obj, names[j], x[names[j]])
    return values


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
