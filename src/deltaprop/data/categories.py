"""Columns of categories as inputs: one-hot, contrasts of a few, codes for embeddings.

A category is a text (see `columns.text`), so that the type of a column in this or that file does not matter.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from ..errors import InputError, short
from .columns import Column, Series, read_texts, text

MAX_CATEGORIES = 32  # one-hot columns with more keep the most frequent ones and an "other" input


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
    numbers: ClassVar = 0
    codes: ClassVar = 0

    def __post_init__(self) -> None:
        _refuse_repeated(self)

    @classmethod
    def learn(cls, column: Column, values: Series) -> Categorical:
        """From the training rows: up to 32 categories all of them, otherwise the most frequent of those that repeat."""
        counts = Counter(read_texts(values.dropna()))
        known = sorted(counts)  # of those equally frequent, the last ones are kept
        if len(counts) > MAX_CATEGORIES:
            frequent = [
                category for category in sorted(known, key=counts.__getitem__) if counts[category] > 1
            ]
            known = sorted(frequent[-MAX_CATEGORIES:])
        other = 0 < len(known) < len(counts)
        missing = not counts or bool(values.isna().any())
        return cls(column.name, tuple(known), other, missing, column.reason)

    @property
    def names(self) -> tuple[str, ...]:
        """``colour=red``, ``colour=(other)``, ``colour is missing``."""
        known = [f"{self.name}={category}" for category in self.categories]
        return (*known, *[f"{self.name}=(other)"] * self.other, *[f"{self.name} is missing"] * self.missing)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32 of 0 and 1."""
        found = positions(values, self.categories)
        k = len(self.categories)
        z = np.zeros((len(found), len(self.names)), np.float32)
        z[:, :k] = found[:, None] == np.arange(k)
        if self.other or self.missing:
            missing = values.isna().to_numpy()
            if self.other:
                z[:, k] = ~missing & (found < 0)
            if self.missing:
                z[:, -1] = missing
        return z


@dataclass(frozen=True)
class Contrasts:
    """A column of few categories, each with its row of numbers; missing entries and unseen categories give zeros.

    Two categories are −1 and 1, more are one-hot. A single category without missing entries makes no input.
    """

    name: str
    categories: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    reason: str | None = None
    kind: ClassVar = "contrasts"
    numbers: ClassVar = 0
    codes: ClassVar = 0

    def __post_init__(self) -> None:
        _refuse_repeated(self)
        widths = {len(row) for row in self.rows}
        if len(self.rows) != len(self.categories) or len(widths) > 1:
            found = f"rows is {short(self.rows)}, expected one for each category, all of one length"
            raise InputError(f"Contrasts: {found}; correct it.")

    @property
    def names(self) -> tuple[str, ...]:
        """``colour=red`` for each category, ``answer=yes`` for the second of two; none where nothing varies."""
        width = len(self.rows[0]) if self.rows else 0
        shown = self.categories[1:] if width == 1 and len(self.categories) == 2 else self.categories[:width]
        return tuple(f"{self.name}={category}" for category in shown)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, len(names)) float32."""
        return self._table[positions(values, self.categories)]

    @cached_property
    def _table(self) -> np.ndarray:
        """The rows, and at position −1 zeros."""
        table = np.zeros((len(self.categories) + 1, len(self.names)), np.float32)
        if self.names:
            table[:-1] = self.rows
        return table


@dataclass(frozen=True)
class Codes:
    """A column of many categories as numbers 0 … K−1 for an `Embedding` layer; −1 for missing and unseen ones."""

    name: str
    categories: tuple[str, ...]
    reason: str | None = None
    kind: ClassVar = "code"
    numbers: ClassVar = 0

    def __post_init__(self) -> None:
        _refuse_repeated(self)
        if not self.categories:
            raise InputError("Codes: categories is empty, expected at least one; correct it.")

    @property
    def codes(self) -> int:
        """K."""
        return len(self.categories)

    @property
    def names(self) -> tuple[str, ...]:
        """The column itself."""
        return (self.name,)

    def transform(self, obj: str, values: Series) -> np.ndarray:
        """(n,) entries → (n, 1) float32."""
        return positions(values, self.categories).astype(np.float32)[:, None]


def learn_categories(
    column: Column, values: Series, few: int, weight: np.ndarray | None = None
) -> Contrasts | Codes:
    """From the training rows: `Contrasts` of up to `few` categories, `Codes` of more.

    Of more than `few`, those that occur once are left out: a number learned from a single row says nothing of others.
    """
    found, texts = _factorized(values)
    counts = np.bincount(found[found >= 0], minlength=len(texts))
    if weight is not None:  # a row of weight 2 is two rows, but two of weight ½ are no single one
        counts = np.maximum(counts, np.bincount(found[found >= 0], weight[found >= 0], len(texts)))
    totals: dict[str, float] = {}
    for category, count in zip(texts, counts.tolist(), strict=True):
        if count:
            totals[category] = totals.get(category, 0.0) + count
    least = 2.0 if len(totals) > few else 0.0
    kept = tuple(sorted(category for category, count in totals.items() if count >= least))
    if len(kept) > few:
        return Codes(column.name, kept, column.reason)
    varies = len(totals) > 1 or (found < 0).any()
    rows = [(-1.0,), (1.0,)] if len(kept) == 2 else np.eye(len(kept)).tolist()
    rows = tuple(map(tuple, rows)) if varies else ((),) * len(kept)
    return Contrasts(column.name, kept, rows, column.reason)


def positions(values: Series, categories: tuple[str, ...]) -> np.ndarray:
    """The position of each entry among the categories, −1 where it is missing or unseen.

    Whole numbers count as themselves where they have become 8002.0, as pandas writes them beside a gap.

    >>> import pandas as pd
    >>> positions(pd.Series(["8002.0", "8003"]), ("8002", "8003")).tolist()
    [0, 1]
    >>> positions(pd.Series(["red", None, "black", "green"]), ("green", "red")).tolist()
    [1, -1, -1, 0]
    """
    found, texts = _factorized(values)
    known = {category: i for i, category in enumerate(categories)}
    codes = (known.get(entry, known.get(entry.removesuffix(".0"), -1)) for entry in texts)
    return np.array([*codes, -1], np.intp)[found]


def _factorized(values: Series) -> tuple[np.ndarray, list[str]]:
    """Entries as positions in a list of texts, −1 where they are missing."""
    import pandas as pd

    if values.dtype == object and pd.api.types.infer_dtype(values).startswith("mixed"):
        values = pd.Series(read_texts(values), dtype=object)  # pandas takes True and 1 for the same
    found, entries = pd.factorize(values)
    return found, [text(entry) for entry in entries]


def _refuse_repeated(transform: Categorical | Contrasts | Codes) -> None:
    if len(set(transform.categories)) < len(transform.categories):
        name = type(transform).__name__
        raise InputError(f"{name}: categories repeats an entry, expected distinct texts; remove it.")
