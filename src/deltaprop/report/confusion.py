"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_CLASSES = 30  # of a table that can be read
MOST_PAIRS = 20


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts of true classes (rows) and predicted ones (columns), from class codes `t` and `y` of shape (n,).

    Examples
    --------
    >>> confusion = Confusion.of([0, 0, 1], [0, 1, 1], ["no", "yes"])
    >>> confusion.counts.tolist(), confusion.precision.tolist(), confusion.recall.tolist()
    ([[1, 1], [0, 1]], [1.0, 0.5], [0.5, 1.0])
    """

    counts: np.ndarray  # (k, k)
    classes: Sequence[str]

    @classmethod
    def of(
        cls, t: np.ndarray | Sequence[int], y: np.ndarray | Sequence[int], classes: Sequence[str]
    ) -> Confusion:
        """Count."""
        k = len(classes)
        return cls(np.bincount(k * np.asarray(t) + np.asarray(y), minlength=k * k).reshape(k, k), classes)

    @property
    def precision(self) -> np.ndarray:
        """The share of each predicted class that is of it: (k,); NaN for one never predicted."""
        return _share(self.counts, self.counts.sum(axis=0)).diagonal()

    @property
    def recall(self) -> np.ndarray:
        """The share of each true class that is predicted as it: (k,); NaN for one that does not occur."""
        return _share(self.counts.T, self.counts.sum(axis=1)).diagonal()

    @property
    def shares(self) -> np.ndarray:
        """The counts as shares of their rows: (k, k); 0 in rows without a sample."""
        return np.nan_to_num(_share(self.counts.T, self.counts.sum(axis=1)).T)

    @property
    def readable(self) -> bool:
        """Whether there are few enough classes for a table of all pairs."""
        return len(self.classes) <= MOST_CLASSES

    def pairs(self) -> list[tuple[str, str, int]]:
        """The most frequent errors: true class, predicted class, samples."""
        errors = self.counts - np.diag(self.counts.diagonal())
        order = np.argsort(-errors, axis=None, kind="stable")[:MOST_PAIRS]
        found = [divmod(int(place), len(self.classes)) for place in order]
        return [(self.classes[i], self.classes[j], int(errors[i, j])) for i, j in found if errors[i, j]]


def _share(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Counts (k, k) divided by totals of the columns (k,); NaN where a total is 0."""
    return np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
