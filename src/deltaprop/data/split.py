"""Seeded, stratified parts: train, validation, test.

Every class is in every part, in proportion (scikit-learn's splitter may leave a rare class out of a part). The test
part depends on the seed and its own fraction alone: another validation fraction does not change it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .. import stratified
from ..errors import InputError, number, short
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
    rows = split_rows(
        len(dataset),
        dataset.codes if dataset.classes else None,
        validation,
        0.0 if fixed else test,
        seed,
        name=dataset.name,
        classes=dataset.class_names,
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
        found = f"validation + test fraction is {validation + test:g}"
        raise InputError(f"{name}: {found}, expected less than 1; leave samples to train on.")
    groups = np.zeros(n, np.intp) if codes is None else np.asarray(codes)
    _check_sizes(groups, classes, 1 + (validation > 0) + (test > 0), name)
    test_stream, validation_stream, _ = _generators(seed, name)
    test_rows = stratified.draw(groups, test, test_stream, leave=1 + (validation > 0))
    rest = np.delete(np.arange(n), test_rows)
    chosen = stratified.draw(groups[rest], validation, validation_stream, whole=groups, leave=1)
    return Split(np.delete(rest, chosen), rest[chosen], test_rows)


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
    """For test, validation and subset: their streams are children of the seed that no other use of it draws from."""
    number(name, "seed", seed, low=0, integer=True)
    streams = np.random.SeedSequence(int(seed), spawn_key=(0x5911,)).spawn(3)
    return [np.random.default_rng(stream) for stream in streams]


def _check_sizes(groups: np.ndarray, classes: tuple[str, ...], parts: int, name: str) -> None:
    """Refuse where a class (or the whole) has fewer samples than there are parts."""
    wanted = f"at least {parts}, one for each part (train, validation, test)"
    if len(groups) < parts:
        raise InputError(f"{name}: x has {len(groups)} samples, expected {wanted}; add samples.")
    present, sizes = np.unique(groups, return_counts=True)
    if sizes.min() < parts:
        rare, n = present[sizes.argmin()], int(sizes.min())
        found = f"{short(classes[rare] if classes else str(rare))} has {n} sample{'s' * (n > 1)}"
        remedy = "add samples of it, remove it from the data, or set a part's fraction to 0"
        raise InputError(f"{name}: class {found}, expected {wanted}; {remedy}.")
