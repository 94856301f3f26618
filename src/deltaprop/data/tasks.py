"""Classification or regression: recognised from the target column, and said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .columns import Frame, Series, categories, numbers, recognise
from .dataset import TASKS

MAX_CLASSES = 20  # more distinct whole numbers than these are a quantity
ROWS_A_CLASS = 5  # as is a target whose whole numbers hardly repeat
CORRECT = "correct the entry, or empty it (rows without target are left out)"


def recognise_task(
    name: str, frame: Frame, task: str | None = None, as_text: bool = False
) -> tuple[np.ndarray, str, str]:
    """Targets (n,) or (n, k), the task, and the sentence that says how it was recognised.

    Texts and truth values are classes; so are two distinct whole numbers, or up to 20 that repeat five times on
    average. Other numbers, and several target columns, are a regression. `task` overrides this; `as_text` reads
    numbers as the texts they are written as. Where a target is missing, the entry of t means nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> recognise_task("iris.csv", pd.DataFrame({"species": ["setosa", "virginica"] * 3}))[1:]
    ('classification', "target 'species' has 2 distinct texts: classification")
    """
    if task is not None and task not in TASKS:
        raise InputError(f"{name}: --task is {task!r}, expected {' or '.join(TASKS)}; choose one of them.")
    for column in frame.columns:
        if frame[column].isna().all():
            got = "has no value at all"
            raise InputError(
                f"{name}: target {column!r} {got}, expected classes or numbers; name another target."
            )
    asked = "" if task is None else ", as asked for"
    if frame.shape[1] > 1:
        if task == "classification":
            got = f"names {frame.shape[1]} columns"
            raise InputError(f"{name}: --target {got}, expected one for classification; name one column.")
        t = np.stack([_quantity(name, column, frame[column]) for column in frame.columns], axis=1)
        names = ", ".join(map(repr, frame.columns))
        return t, "regression", f"targets {names} are several quantities: regression{asked}"
    column = str(frame.columns[0])
    values = frame[column]
    if task == "regression":
        return (
            _quantity(name, column, values),
            task,
            f"target {column!r} is a quantity: regression{asked}",
        )
    labels, what = _labels(name, column, values, as_text, task)
    seen = np.unique(labels[values.notna().to_numpy()])
    if len(seen) == 1:
        got = f"has one value alone ({seen[0].item()!r})"
        raise InputError(
            f"{name}: target {column!r} {got}, expected at least two; name another target or add rows."
        )
    if task is None and what.endswith("numbers") and not _repeat(seen, values.count()):
        sentence = f"target {column!r} has {len(seen)} {what}: regression"
        return labels.astype(np.float64), "regression", sentence
    if task is None and what == "distinct texts" and len(seen) > max(2, values.count() // 2):
        got = f"has {len(seen)} distinct texts in {values.count()} rows"
        remedy = "name another target, or ask for --task classification"
        raise InputError(f"{name}: target {column!r} {got}, expected classes that repeat; {remedy}.")
    return labels, "classification", f"target {column!r} has {len(seen)} {what}: classification{asked}"


def targets_in(frame: Frame, names: Sequence[str], task: str | None = None) -> np.ndarray | None:
    """The target columns of a table as they are, or None if one is absent or has missing entries."""
    if any(name not in frame.columns or frame[name].isna().any() for name in names):
        return None
    if task == "classification":
        return categories(frame[names[0]])
    t = np.stack([numbers("data", name, frame[name], CORRECT) for name in names], axis=1)
    return t[:, 0] if t.shape[1] == 1 else t


def _labels(
    name: str, column: str, values: Series, as_text: bool, task: str | None
) -> tuple[np.ndarray, str]:
    """Labels (n,) in the simplest type that holds them, and what they are; refused are dates unless asked for."""
    kind = "category" if as_text else recognise(name, column, values).kind
    if kind == "date" and task is None:
        remedy = "name another target, or ask for --task classification"
        raise InputError(f"{name}: target {column!r} holds dates, expected classes or numbers; {remedy}.")
    entries = values.astype(object)
    if kind == "number" and all(isinstance(entry, (bool, np.bool_)) for entry in entries[values.notna()]):
        return np.array([entry is True or entry is np.True_ for entry in entries]), "truth values"
    if kind == "number":
        try:
            t = numbers(name, column, values, CORRECT)
        except InputError:
            if task is None:
                raise  # asked to be classes, a text among numbers is one as well
        else:
            whole = bool((t[~np.isnan(t)] % 1.0 == 0.0).all()) and np.nanmax(np.abs(t)) < 2.0**53
            return (
                (np.nan_to_num(t).astype(np.int64), "distinct whole numbers")
                if whole
                else (t, "distinct numbers")
            )
    return np.array([entry or "" for entry in categories(values)], dtype=str), "distinct texts"


def _repeat(seen: np.ndarray, rows: int) -> bool:
    """Whether numbers are labels rather than a quantity."""
    if seen.dtype.kind == "f":
        return False
    return len(seen) <= 2 or (len(seen) <= MAX_CLASSES and rows >= ROWS_A_CLASS * len(seen))


def _quantity(name: str, column: str, values: Series) -> np.ndarray:
    """A target column of a regression: float64 (n,), not constant."""
    t = numbers(name, column, values, CORRECT)
    seen = np.unique(t[~np.isnan(t)])
    if len(seen) == 1:
        got = f"has one value alone ({seen[0]:g})"
        raise InputError(
            f"{name}: target {column!r} {got}, expected values that differ; name another target or add rows."
        )
    return t
