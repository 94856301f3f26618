"""Stratified samples: a part of the rows that holds each class in its proportion."""

from __future__ import annotations

import numpy as np


def draw(
    labels: np.ndarray,
    fraction: float,
    rng: np.random.Generator,
    *,
    whole: np.ndarray | None = None,
    leave: int | None = None,
) -> np.ndarray:
    """Rows of a random part, sorted: of each class its share of round(fraction · n), rounded up or down.

    `fraction` counts from `whole`: by default from `labels` (n,), which may be what earlier draws left. With `leave`,
    at least one row of each class is drawn, and at least `leave` are left.

    >>> labels = np.repeat(["a", "b"], [80, 20])
    >>> rows = draw(labels, 0.1, np.random.default_rng(0))
    >>> labels[rows].tolist()
    ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'b', 'b']
    """
    classes, sizes = np.unique(labels if whole is None else whole, return_counts=True)
    shares = fraction * sizes
    counts = np.floor(shares).astype(np.intp)
    short = round(fraction * int(sizes.sum())) - counts.sum()
    counts[np.argsort(counts - shares, kind="stable")[:short]] += 1  # largest remainders first
    codes = np.searchsorted(classes, labels)
    members = np.bincount(codes, minlength=len(classes))
    if leave is not None and fraction > 0.0:
        counts = np.minimum(np.maximum(counts, 1), members - leave)
    order = rng.permutation(len(labels))
    order = order[np.argsort(codes[order], kind="stable")]
    rank = np.arange(len(labels)) - np.repeat(np.cumsum(members) - members, members)
    return np.sort(order[rank < np.repeat(counts, members)])
