"""Parts of whole groups of rows, such as all measurements of a patient: no group is in two of them."""

from __future__ import annotations

import numpy as np

from ..errors import InputError


def grouped_parts(
    groups: np.ndarray,
    codes: np.ndarray,
    validation: float,
    test: float,
    generators: tuple[np.random.Generator, np.random.Generator],
    name: str = "split",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the training, validation and test part, sorted; `generators` are for the test and the validation part.

    Sizes are as near to the fractions as whole groups allow, of every class `codes` (n,) integers. Every class has a
    group in the training part.

    >>> streams = np.random.default_rng(0), np.random.default_rng(1)
    >>> parts = grouped_parts(np.repeat(["a", "b", "c", "d"], 5), np.zeros(20, int), 0.25, 0.25, streams)
    >>> [len(part) for part in parts]
    [10, 5, 5]
    """
    whole = np.bincount(codes)
    rows, empty = np.arange(len(groups)), np.zeros(0, np.intp)
    tested = _draw(groups, codes, test * whole, generators[0], 1 + (validation > 0), name) if test else empty
    rest = np.delete(rows, tested)
    if not validation:
        return rest, empty, tested
    chosen = _draw(groups[rest], codes[rest], validation * whole, generators[1], 1, name)
    return np.delete(rest, chosen), rest[chosen], tested


def grouped_folds(
    groups: np.ndarray, codes: np.ndarray, folds: int, rng: np.random.Generator, name: str = "folds"
) -> list[np.ndarray]:
    """Rows of each fold, sorted: the groups, large ones first, each to the fold that has least of its classes.

    Without classes (all `codes` 0) the sizes are those of scikit-learn's `GroupKFold`.
    """
    group, counts = _counts(groups, codes)
    if len(counts) < folds:
        raise InputError(
            f"{name}: group has {len(counts)} different value{'s' * (len(counts) != 1)}, expected at least {folds}, "
            "one for each fold; ask for fewer folds."
        )
    order = rng.permutation(len(counts))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    weight = 1.0 / np.maximum(counts.sum(axis=0), 1.0)
    have = np.zeros((folds, counts.shape[1]))
    fold = np.empty(len(counts), np.intp)
    for g in order:
        overlap = have @ (weight * counts[g])
        fold[g] = np.lexsort((have.sum(axis=1), overlap))[0]
        have[fold[g]] += counts[g]
    return [np.flatnonzero(fold[group] == f) for f in range(folds)]


def _draw(
    groups: np.ndarray, codes: np.ndarray, wanted: np.ndarray, rng: np.random.Generator, leave: int, name: str
) -> np.ndarray:
    """Rows, sorted, of whole groups that have about the `wanted` number of each class, in random order.

    A group is taken if it makes Σ (have − wanted)² / wanted smaller. At least `leave` groups are left, and one of each
    class.
    """
    group, counts = _counts(groups, codes)
    order = rng.permutation(len(counts))
    kept = _covering(counts[order] > 0)
    free = order[~kept]
    most = min(len(free), len(counts) - leave)
    if most < 1:
        need = max(leave, int(kept.sum()))
        raise InputError(
            f"{name}: group has {len(counts)} different value{'s' * (len(counts) != 1)} left to choose from, expected "
            f"more than the {need} that the other parts need; set the fraction of a part to 0, or add groups."
        )
    wanted = wanted[: counts.shape[1]]
    weight = np.divide(1.0, wanted, out=np.zeros(len(wanted)), where=wanted > 0)
    taken, have = [], np.zeros(len(wanted))
    for g in free:
        more = counts[g]
        if len(taken) == most or have.sum() >= wanted.sum():
            break
        if weight @ (more * (2.0 * (have - wanted) + more)) < 0.0:
            taken.append(g)
            have += more
    if not taken:
        taken = [free[np.argmin(counts[free].sum(axis=1))]]
    return np.flatnonzero(np.isin(group, taken))


def _counts(groups: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's group, and of each group the number of rows of each class: (groups, classes)."""
    names, group = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), int(codes.max(initial=0)) + 1))
    np.add.at(counts, (group, codes), 1.0)
    return group, counts


def _covering(has: np.ndarray) -> np.ndarray:
    """Some rows of a boolean matrix (groups, classes), as a mask: every column is True in one of them."""
    chosen = np.zeros(len(has), bool)
    for column in np.argsort(has.sum(axis=0), kind="stable"):  # rare classes leave no choice
        if has[:, column].any() and not has[chosen, column].any():
            chosen[np.argmax(has[:, column])] = True
    return chosen
