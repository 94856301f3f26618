"""Seeded, stratified parts: train, validation, test; and folds for cross-validation.

Every class is in every part, in proportion (scikit-learn's splitter may leave a rare class out of a part); a class with
fewer samples than there are parts is in the training part. The test part depends on the seed and its own fraction
alone: another validation fraction does not change it. Data with times are cut in their order (`ordered_split`), and
groups stay whole (`grouped_split`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .. import stratified
from ..errors import InputError, number
from .dataset import Dataset
from .grouped_split import grouped_folds, grouped_parts
from .ordered_split import ordered_folds, ordered_parts


class Split(NamedTuple):
    """Row numbers of the parts: sorted, disjoint, together all rows; intp arrays, empty where not asked for."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


class Fold(NamedTuple):
    """Row numbers of a fold, sorted: those to train on, and those to test on."""

    train: np.ndarray
    test: np.ndarray


class Parts(NamedTuple):
    """The parts of a data set as data sets; None where not asked for."""

    train: Dataset
    validation: Dataset | None
    test: Dataset | None


def split(dataset: Dataset, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> Parts:
    """Split a data set into its parts. A fixed test part is kept as it is, and then `test` is not used.

    Rows with a `Dataset.time` are cut in its order: the last part is the test, the part before it the validation. Rows
    of the same of the `Dataset.groups` stay together.

    Raises
    ------
    InputError
        If a fraction is not in [0, 1), both leave nothing to train on, or a part would be empty.

    Examples
    --------
    >>> from deltaprop.data import load
    >>> [len(part) for part in split(load("iris"), validation=0.1, test=0.2)]
    [105, 15, 30]
    """
    fixed = dataset.test
    rows = split_rows(
        len(dataset),
        dataset.codes if dataset.classes else None,
        validation,
        0.0 if fixed else test,
        seed,
        time=dataset.time,
        groups=dataset.groups,
        name=dataset.name,
    )
    held_out, tested = (dataset.take(part) if len(part) else None for part in rows[1:])
    return Parts(dataset.take(rows.train), held_out, fixed or tested)


def split_rows(
    n: int,
    codes: np.ndarray | None = None,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    *,
    time: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    name: str = "split",
) -> Split:
    """Row numbers of the parts of n samples; stratified by the class `codes` (n,) integers where given.

    By `time` (n,) the last rows are the test part; rows of one of the `groups` (n,) are in the same part. One of the
    two may be given.

    Examples
    --------
    >>> parts = split_rows(10, validation=0.2, test=0.2)
    >>> [len(part) for part in parts], sorted(np.concatenate(parts).tolist()) == list(range(10))
    ([6, 2, 2], True)
    >>> split_rows(10, time=np.arange(10)[::-1], validation=0.2, test=0.2).test
    array([0, 1])
    """
    for argument, value in (("validation", validation), ("test", test)):
        number(name, argument, value, low=0.0, high=1.0, open_high=True)
    if validation + test >= 1.0:
        found = f"validation + test fraction is {validation + test:g}"
        raise InputError(f"{name}: {found}, expected less than 1; leave samples to train on.")
    parts = 1 + (validation > 0) + (test > 0)
    if n < parts:
        wanted = f"at least {parts}, one for each part (train, validation, test)"
        raise InputError(f"{name}: x has {n} samples, expected {wanted}; add samples.")
    _check_one_order(time, groups, name)
    codes = _codes(n, codes)
    test_stream, validation_stream, *_ = _generators(seed, name)
    if time is not None:
        return Split(*ordered_parts(time, validation, test, name))
    if groups is not None:
        return Split(*grouped_parts(groups, codes, validation, test, (test_stream, validation_stream), name))
    common = _of_classes_with(codes, parts)
    if len(common) == 0:
        most = int(np.bincount(codes).max())
        found = f"no class has more than {most} sample{'s' * (most > 1)}"
        raise InputError(
            f"{name}: {found}, expected at least {parts}, one for each part (train, validation, test), of one class; "
            "add samples, or set a part's fraction to 0."
        )
    labels = codes[common]
    tested = stratified.draw(labels, test, test_stream, leave=1 + (validation > 0))
    rest = np.delete(np.arange(len(common)), tested)
    chosen = rest[stratified.draw(labels[rest], validation, validation_stream, whole=labels, leave=1)]
    train = np.delete(np.arange(n), common[np.concatenate([tested, chosen])])
    return Split(train, common[chosen], common[tested])


def folds(dataset: Dataset, count: int, seed: int = 0) -> list[Fold]:
    """`count` folds for cross-validation; the rows to test on are different ones in each.

    Stratified by class; a class with a single sample is never tested. Groups stay whole, as with scikit-learn's
    `GroupKFold`. With times, each fold trains on the rows before those that it tests on, as with `TimeSeriesSplit`; the
    first rows are not tested then.

    Raises
    ------
    InputError
        If `count` is below 2, or there are too few samples, groups or times.

    Examples
    --------
    >>> from deltaprop.data import load
    >>> [(len(fold.train), np.bincount(load("iris").codes[fold.test]).tolist()) for fold in folds(load("iris"), 3)]
    [(100, [17, 17, 16]), (100, [17, 16, 17]), (100, [16, 17, 17])]
    """
    n, name = len(dataset), dataset.name
    number(name, "folds", count, low=2, integer=True)
    codes = _codes(n, dataset.codes if dataset.classes else None)
    _check_one_order(dataset.time, dataset.groups, name)
    rng = _generators(seed, name)[3]
    if dataset.time is not None:
        return [Fold(*rows) for rows in ordered_folds(dataset.time, count, name)]
    if dataset.groups is not None:
        tested = grouped_folds(dataset.groups, codes, count, rng, name)
    else:
        rows = _of_classes_with(codes, 2)
        if len(rows) < count:
            found = f"{len(rows)} samples of classes with two or more"
            raise InputError(
                f"{name}: x has {found}, expected at least {count}, one for each fold; ask for fewer."
            )
        rows = rng.permutation(rows)
        rows = rows[np.argsort(codes[rows], kind="stable")]
        tested = [np.sort(rows[first::count]) for first in range(count)]
    return [Fold(np.delete(np.arange(n), part), part) for part in tested]


def fold_parts(dataset: Dataset, count: int, validation: float, seed: int = 0) -> Iterator[Parts]:
    """The parts of each of the `folds`: of its rows to train on, the fraction `validation` is split off as ever.

    >>> from deltaprop.data import load
    >>> [[len(part) for part in parts] for parts in fold_parts(load("iris"), 3, 0.2)]
    [[80, 20, 50], [80, 20, 50], [80, 20, 50]]
    """
    for fold in folds(dataset, count, seed):
        inner = split(dataset.take(fold.train), validation, 0.0, seed)
        yield Parts(inner.train, inner.validation, dataset.take(fold.test))


def subset(dataset: Dataset, samples: int, seed: int = 0) -> Dataset:
    """`samples` of the data set's own samples, stratified; a fixed test part stays whole.

    Examples
    --------
    >>> from deltaprop.data import load
    >>> np.bincount(subset(load("iris"), 30).codes).tolist()
    [10, 10, 10]
    """
    n = len(dataset)
    number(dataset.name, "samples", samples, low=1, high=n, integer=True)
    labels = dataset.codes if dataset.classes else np.zeros(n, np.intp)
    part = dataset.take(stratified.draw(labels, samples / n, _generators(seed, dataset.name)[2]))
    return replace(part, x_test=dataset.x_test, t_test=dataset.t_test)


def _generators(seed: int, name: str) -> list[np.random.Generator]:
    """For test, validation, subset and folds: children of the seed that no other use of it draws from."""
    number(name, "seed", seed, low=0, integer=True)
    streams = np.random.SeedSequence(int(seed), spawn_key=(0x5911,)).spawn(4)
    return [np.random.default_rng(stream) for stream in streams]


def _codes(n: int, codes: np.ndarray | None) -> np.ndarray:
    """Classes as 0, 1, …; all 0 where there are none."""
    return np.zeros(n, np.intp) if codes is None else np.unique(codes, return_inverse=True)[1]


def _of_classes_with(codes: np.ndarray, samples: int) -> np.ndarray:
    """The rows of classes with at least so many samples."""
    return np.flatnonzero(np.bincount(codes)[codes] >= samples)


def _check_one_order(time: np.ndarray | None, groups: np.ndarray | None, name: str) -> None:
    if time is not None and groups is not None:
        raise InputError(f"{name}: time is given with group, expected one of them; leave one out.")
