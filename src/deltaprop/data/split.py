"""Seeded, stratified parts: train, validation, test.

Every class is in every part, in proportion: of n_c samples of a class, fraction · n_c go to a part, rounded up or
down so that the part has round(fraction · n), and at least one. (scikit-learn's stratified splitter keeps the
proportions, but may leave a rare class out of a part.) The test part depends on the seed and its own fraction alone:
another validation fraction leaves it as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..errors import InputError, number
from .dataset import Dataset


class Split(NamedTuple):
    """Row numbers of the parts: sorted, disjoint, together all rows; intp arrays, empty where not asked for."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


class Parts(NamedTuple):
    """The parts of a data set as data sets; None where not asked for."""

    train: Dataset
    validation: Dataset | None
    test: Dataset | None


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Parts:
    """Split a data set into its parts. A fixed test part is kept as it is, and then `test` is not used.

    Raises
    ------
    InputError
        If a fraction is not in [0, 1), both leave nothing to train on, or a class or a part would be empty.

    Examples
    --------
    >>> from deltaprop.data import load
    >>> [len(part) for part in split(load("iris"), validation=0.1, test=0.2)]
    [105, 15, 30]
    """
    fixed = dataset.test
    codes = dataset.codes if dataset.classes else None
    rows = split_rows(
        len(dataset),
        codes,
        validation,
        0.0 if fixed else test,
        seed,
        name=dataset.name,
        classes=dataset.class_names,
    )
    own_test = dataset.take(rows.test) if len(rows.test) else None
    return Parts(
        dataset.take(rows.train),
        dataset.take(rows.validation) if len(rows.validation) else None,
        fixed or own_test,
    )


def split_rows(
    n: int,
    codes: np.ndarray | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    *,
    name: str = "split",
    classes: tuple[str, ...] = (),
) -> Split:
    """Row numbers of the parts of n samples; stratified by the class `codes` (n,) integers where given.

    Examples
    --------
    >>> parts = split_rows(10, validation=0.2, test=0.2)
    >>> [len(part) for part in parts], sorted(np.concatenate(parts).tolist()) == list(range(10))
    ([6, 2, 2], True)
    """
    for argument, value in (("validation", validation), ("test", test)):
        number(name, argument, value, low=0.0, high=1.0, open_high=True)
    if validation + test >= 1.0:
        got = f"+ test fraction is {validation + test:g}"
        raise InputError(f"{name}: validation {got}, expected less than 1; leave samples to train on.")
    groups = np.zeros(n, np.intp) if codes is None else np.asarray(codes)
    _check_sizes(groups, classes, 1 + (validation > 0) + (test > 0), name)
    test_stream, validation_stream, _ = _streams(seed, name)
    rest = np.arange(n)
    test_rows = _draw(rest, groups, groups, test, 1 + (validation > 0), test_stream)
    rest = np.setdiff1d(rest, test_rows, assume_unique=True)
    validation_rows = _draw(rest, groups[rest], groups, validation, 1, validation_stream)
    train_rows = np.setdiff1d(rest, validation_rows, assume_unique=True)
    return Split(train_rows, validation_rows, test_rows)


def subset(dataset: Dataset, samples: int, seed: int = 0) -> Dataset:
    """`samples` of the data set's own samples, stratified; a fixed test part stays whole.

    Examples
    --------
    >>> from deltaprop.data import load
    >>> np.bincount(subset(load("iris"), 30).codes).tolist()
    [10, 10, 10]
    """
    number(dataset.name, "samples", samples, low=1, high=len(dataset), integer=True)
    rng = np.random.default_rng(_streams(seed, dataset.name)[2])
    order = rng.permutation(len(dataset))
    if (
        dataset.classes
    ):  # sorted by (rank within the class + ½) / class size, every beginning is in proportion
        codes = dataset.codes[order]
        place = np.empty(len(order))
        for code in np.unique(codes):
            members = np.flatnonzero(codes == code)
            place[members] = (np.arange(len(members)) + 0.5) / len(members)
        order = order[np.argsort(place, kind="stable")]
    part = dataset.take(np.sort(order[:samples]))
    return replace(part, x_test=dataset.x_test, t_test=dataset.t_test)


def _streams(seed: int, name: str) -> list[np.random.SeedSequence]:
    """The streams of test, validation and subset: children that no other use of the seed draws from."""
    number(name, "seed", seed, low=0, integer=True)
    return np.random.SeedSequence(int(seed), spawn_key=(0x5911,)).spawn(3)


def _draw(
    rows: np.ndarray,
    codes: np.ndarray,
    all_codes: np.ndarray,
    fraction: float,
    parts_left: int,
    stream: np.random.SeedSequence,
) -> np.ndarray:
    """Of each class `fraction` of its size among all, at least 1, at most what leaves one for each other part."""
    if fraction == 0.0:
        return rows[:0]
    present, sizes = np.unique(all_codes, return_counts=True)
    wanted = np.floor(fraction * sizes).astype(np.intp)
    short = round(fraction * len(all_codes)) - wanted.sum()
    wanted[np.argsort(wanted - fraction * sizes, kind="stable")[:short]] += 1  # largest remainders first
    order = np.random.default_rng(stream).permutation(len(rows))
    chosen = []
    for code, count in zip(present, wanted, strict=True):
        members = order[codes[order] == code]
        chosen.append(members[: min(max(count, 1), len(members) - parts_left)])
    return np.sort(rows[np.concatenate(chosen)])


def _check_sizes(groups: np.ndarray, classes: tuple[str, ...], parts: int, name: str) -> None:
    """Refuse where a class (or the whole) has fewer samples than there are parts."""
    if len(groups) < parts:
        got = f"has {len(groups)} samples"
        raise InputError(
            f"{name}: x {got}, expected at least {parts}, one a part; give more samples, or ask for fewer "
            "parts."
        )
    present, sizes = np.unique(groups, return_counts=True)
    if sizes.min() < parts:
        rare = present[sizes.argmin()]
        label = classes[rare] if classes else str(rare)
        raise InputError(
            f"{name}: class {label!r} has {sizes.min()} sample{'s' if sizes.min() > 1 else ''}, expected at "
            f"least {parts}, one for each part (train, validation, test); add samples of it, remove it from "
            "the data, or set a part's fraction to 0."
        )
