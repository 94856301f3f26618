"""What is worth knowing about the parts of a data set: where they are cut, and what they share or lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import text
from .dataset import Dataset

if TYPE_CHECKING:
    from .split import Parts

SHARED = "name what such rows share (--group COLUMN)"


def part_notes(dataset: Dataset, parts: Mapping[str, Dataset], drawn: Sequence[str]) -> list[str]:
    """One sentence each; `drawn` are the names of the parts that were drawn from the data set itself.

    >>> from deltaprop.data import split
    >>> rows, labels = np.arange(8.0)[:, None], np.array(["a"] * 7 + ["b"])
    >>> data = Dataset("d", rows, labels, "classification", time=np.arange(2001, 2009))
    >>> parts = {name: part for name, part in split(data, 0, 0.25)._asdict().items() if part}
    >>> print(*part_notes(data, parts, ("train", "test")), sep="\\n")
    in the order of time: train 2001 to 2006, test 2007 to 2008
    class 'b' not in the training part: the network cannot learn it
    """
    notes = []
    own = {name: parts[name] for name in drawn if name in parts}
    if own and dataset.time is not None:
        notes.append(f"in the order of time: {', '.join(map(_span, own, own.values()))}")
    if own and dataset.groups is not None:
        counts = ", ".join(f"{name} {_distinct(part.groups)}" for name, part in own.items())
        notes.append(f"groups stay together: {counts} of {_distinct(dataset.groups)}")
    if dataset.classes:
        notes += _lacking(dataset, own, parts)
    else:
        notes += [f"{said}: the network cannot learn it" for said in _constant(parts["train"])]
    return notes + _repeated(dataset, parts, own)


def fold_notes(dataset: Dataset, folds: Iterable[Parts]) -> list[str]:
    """The same of the parts of each fold.

    >>> from deltaprop.data.split import fold_parts
    >>> data = Dataset("d", np.arange(9.0)[:, None], np.arange(9), "regression", time=np.arange(2001, 2010))
    >>> fold_notes(data, fold_parts(data, 2, 0.25))
    ['in the order of time, each fold trains on what comes before: fold 1 tests 2004 to 2006, fold 2 2007 to 2009']
    """
    spans, groups, unknown, constant, tested, repeated = [], [], [], [], 0, np.zeros(2, int)
    for number, (train, _, test) in enumerate(folds, 1):
        assert test is not None
        if dataset.time is not None:
            spans.append(_span(f"fold {number}{' tests' * (number == 1)}", test))
        if dataset.groups is not None:
            groups.append(str(_distinct(test.groups)))
        if dataset.classes and not np.isin(test.codes, train.codes).all():
            unknown.append(str(number))
        if not dataset.classes and _constant(train):
            constant.append(str(number))
        tested += len(test)
        repeated = repeated + _repetitions(train, test)
    notes = []
    if spans:
        notes.append(f"in the order of time, each fold trains on what comes before: {', '.join(spans)}")
    if groups:
        notes.append(f"groups stay together: {', '.join(groups)} of {_distinct(dataset.groups)} in the folds")
    if unknown:
        notes.append(f"a class is tested that is not in the training part: fold {', '.join(unknown)}")
    if constant:
        notes.append(f"a target has a single value in the training part: fold {', '.join(constant)}")
    if dataset.time is None and tested < len(dataset):
        notes.append(f"{len(dataset) - tested} samples, the only ones of their class, are never tested")
    if repeated.any():
        found = f"{repeated[0]} of {tested} tested rows have the inputs of a training row of their fold"
        notes.append(found + _remedy(dataset, *repeated.tolist()))
    return notes


def _remedy(dataset: Dataset, inputs: int, rows: int) -> str:
    """What to do about so many rows that have the inputs of a training row, and so many that have its target too."""
    other = "" if rows else ", and another target"
    if dataset.time is not None or dataset.groups is not None:
        return other
    return f": leave repeated rows out (--unique), or {SHARED}" if rows else f"{other}: {SHARED}"


def _repeated(dataset: Dataset, parts: Mapping[str, Dataset], own: Mapping[str, Dataset]) -> list[str]:
    """How many rows of the parts of a table have inputs that a training row has as well."""
    counts = {name: _repetitions(parts["train"], part) for name, part in parts.items() if name != "train"}
    found = " and ".join(f"{n} of {len(parts[name])} {name} rows" for name, (n, _) in counts.items() if n)
    drawn = sum((counts[name] for name in own if name in counts), np.zeros(2, int))
    remedy = _remedy(dataset, *drawn.tolist()) if drawn.any() else ""
    return [f"{found} have the inputs of a training row{remedy}"] if found else []


def _repetitions(train: Dataset, part: Dataset) -> np.ndarray:
    """How many rows of a part have the inputs of a training row, and of those how many its target too; (2,).

    Of arrays, such as images, none are counted.
    """
    pairs = zip(row_hashes(part), row_hashes(train), strict=True) if train.columns else ()
    return np.array([np.isin(own, learned).sum() for own, learned in pairs] or [0, 0])


def row_hashes(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Numbers for each row of a table, the same for rows with the same inputs; and with the same target too: uint64."""
    from pandas.util import hash_array, hash_pandas_object

    inputs = hash_pandas_object(dataset.x, index=False).to_numpy()
    targets = np.reshape(dataset.t, (len(dataset), -1)).T
    return inputs, sum((hash_array(t) for t in targets), inputs * np.uint64(31))


def _distinct(values: Any) -> int:
    return len(np.unique(values))


def _span(name: str, part: Dataset) -> str:
    """From when to when a part goes."""
    assert part.time is not None
    first, last = (moment(time) for time in (part.time.min(), part.time.max()))
    return f"{name} {first}" if first == last else f"{name} {first} to {last}"


def moment(time: np.generic) -> str:
    """A time as text: a date without its zeros, or a number.

    >>> moment(np.datetime64("2024-03-01T00:00:00.000000")), moment(np.float64(3.0))
    ('2024-03-01', '3')
    """
    if isinstance(time, np.datetime64):
        return (
            str(np.datetime_as_string(time, unit="s"))
            .removesuffix("T00:00:00")
            .replace("T", " ")
            .removesuffix(":00")
        )
    return text(time.item())


def _constant(train: Dataset) -> list[str]:
    """The targets of a regression that do not vary in the training part."""
    t = np.reshape(train.t, (len(train), -1))
    same = (t == t[0]).all(axis=0)
    return [
        f"target {name!r} has a single value in the training part ({text(t[0, j].item())})"
        for j, name in enumerate(train.target_names)
        if same[j]
    ]


def _lacking(dataset: Dataset, own: Mapping[str, Dataset], parts: Mapping[str, Dataset]) -> list[str]:
    """The classes that are not in every one of the parts that are drawn, `own`."""
    lists: dict[str, list[str]] = {}
    present = {name: set(np.unique(part.codes).tolist()) for name, part in parts.items()}
    for code in np.unique(dataset.codes).tolist():
        has = [name for name in parts if code in present[name]]
        lacks = [name for name in own if name not in has]
        if lacks and has == ["train"]:
            where = "in the training part alone: too few samples for every part"
        elif "train" in lacks:
            where = "not in the training part: the network cannot learn it"
        elif lacks:
            where = f"not in the {lacks[0]} part"
        else:
            continue
        lists.setdefault(where, []).append(repr(dataset.class_names[code]))
    return [
        f"class{'es' * (len(names) > 1)} {', '.join(names[:8])}{' …' * (len(names) > 8)} {where}"
        for where, names in lists.items()
    ]
