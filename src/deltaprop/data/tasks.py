"""Classification or regression: inferred from the target column, and reported."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError, short
from .columns import Frame, Series, infer_kind, read_numbers, read_texts
from .dataset import check_task

MAX_CLASSES = 20  # more distinct whole numbers make a regression,
ROWS_PER_CLASS = 5  # and so do whole numbers that repeat less often
CORRECT = "correct the entry, or empty it (rows without target are left out)"
ANOTHER = "name another target, or ask for --task classification"


def infer_task(
    name: str, frame: Frame, task: str | None = None, as_text: bool = False
) -> tuple[np.ndarray, str, str]:
    """Targets (n,) or (n, k), the task, and a sentence that gives the reason.

    Texts and booleans are classes; so are two distinct whole numbers, or up to 20 that repeat five times on average.
    Other numbers, and several target columns, make a regression. `task` overrides this; `as_text` reads numbers as
    text. Where a target is missing, the entry of t is arbitrary.

    >>> import pandas as pd
    >>> infer_task("iris.csv", pd.DataFrame({"species": ["setosa", "virginica"] * 3}))[1:]
    ('classification', "target 'species' has 2 distinct texts: classification")
    """
    if task is not None:
        check_task(name, "--task", task)
    for column in frame.columns:
        if frame[column].isna().all():
            raise InputError(f"{name}: target {column!r} has no value at all, expected some; name another.")
    asked = "" if task is None else ", as requested"
    if frame.shape[1] > 1:
        if task == "classification":
            found = f"--target names {frame.shape[1]} columns"
            raise InputError(f"{name}: {found}, expected one for classification; name one.")
        t = np.stack([_quantity(name, column, frame[column]) for column in frame.columns], axis=1)
        names = ", ".join(map(repr, frame.columns))
        return t, "regression", f"targets {names} are several quantities: regression{asked}"
    column = str(frame.columns[0])
    values = frame[column]
    if task == "regression":
        return _quantity(name, column, values), task, f"target {column!r} is a quantity: regression{asked}"
    labels, what = _labels(name, column, values, as_text, task)
    seen = _distinct(name, column, labels[values.notna().to_numpy()])
    if task is None and what.endswith("numbers") and not _repeat(seen, values.count()):
        reason = f"target {column!r} has {len(seen)} {what}: regression"
        return labels.astype(np.float64), "regression", reason
    if task is None and what == "distinct texts" and len(seen) > max(2, values.count() // 2):
        found = f"{len(seen)} distinct texts in {values.count()} rows"
        raise InputError(f"{name}: target {column!r} has {found}, expected classes that repeat; {ANOTHER}.")
    return labels, "classification", f"target {column!r} has {len(seen)} {what}: classification{asked}"


def targets_in(frame: Frame, names: Sequence[str], task: str | None = None) -> np.ndarray | None:
    """The target columns of a table as they are, or None if one is absent or has missing entries."""
    if any(name not in frame.columns or frame[name].isna().any() for name in names):
        return None
    if task == "classification":
        return read_texts(frame[names[0]])
    t = np.stack([read_numbers("data", name, frame[name], CORRECT) for name in names], axis=1)
    return t[:, 0] if t.shape[1] == 1 else t


def _labels(
    name: str, column: str, values: Series, as_text: bool, task: str | None
) -> tuple[np.ndarray, str]:
    """Labels (n,) in the simplest type that holds them, and what they are; dates are refused unless asked for."""
    kind = "category" if as_text else infer_kind(name, column, values).kind
    if kind == "date" and task is None:
        raise InputError(f"{name}: target {column!r} holds dates, expected classes or numbers; {ANOTHER}.")
    if kind == "boolean":
        return values.fillna(False).to_numpy(bool), "booleans"
    if kind == "number":
        try:
            t = read_numbers(name, column, values, CORRECT)
        except InputError:
            if task is None:
                raise  # as classes were requested, a text among numbers is one of them
        else:
            if (t[~np.isnan(t)] % 1.0 == 0.0).all() and np.nanmax(np.abs(t)) < 2.0**53:
                return np.nan_to_num(t).astype(np.int64), "distinct whole numbers"
            return t, "distinct numbers"
    return np.array([entry or "" for entry in read_texts(values)], dtype=str), "distinct texts"


def _repeat(seen: np.ndarray, rows: int) -> bool:
    """Whether numbers are labels rather than a quantity."""
    few = len(seen) <= 2 or (len(seen) <= MAX_CLASSES and rows >= ROWS_PER_CLASS * len(seen))
    return seen.dtype.kind != "f" and few


def _quantity(name: str, column: str, values: Series) -> np.ndarray:
    """A target column of a regression: float64 (n,), not constant."""
    t = read_numbers(name, column, values, CORRECT)
    _distinct(name, column, t[~np.isnan(t)])
    return t


def _distinct(name: str, column: str, t: np.ndarray) -> np.ndarray:
    seen = np.unique(t)
    if len(seen) == 1:
        only = f"a single value ({short(seen[0].item())})"
        raise InputError(f"{name}: target {column!r} has {only}, expected at least two; name another target.")
    return seen
