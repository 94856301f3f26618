"""Classification or regression: inferred from the target column, and reported."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError, short
from .columns import Frame, Series, infer_kind, read_numbers, read_texts
from .dataset import check_task
from .unused import alike

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
    >>> species = pd.DataFrame({"species": ["setosa", "virginica"] * 3})
    >>> infer_task("iris.csv", species)[1:]
    ('classification', "target 'species' has 2 distinct texts: classification")

    A task is said to be requested only where it would not have been inferred:

    >>> marks = pd.DataFrame({"mark": [1, 2, 3] * 5})
    >>> infer_task("marks.csv", marks, "classification")[2]
    "target 'mark' has 3 distinct whole numbers: classification"
    >>> infer_task("marks.csv", marks, "regression")[2]
    "target 'mark' is a quantity: regression, as requested"
    """
    if task is not None:
        check_task(name, "--task", task)
    for column in frame.columns:
        if frame[column].isna().all():
            raise InputError(f"{name}: target {column!r} has no value at all, expected some; name another.")
    try:
        inferred = _inferred(name, frame, as_text)
    except InputError:
        if task is None:
            raise
        inferred = None
    if inferred is not None and task in (None, inferred[1]):
        return inferred
    t, sentence = (_as_classes if task == "classification" else _as_quantities)(name, frame, as_text)
    return t, str(task), f"{sentence}, as requested"


def _inferred(name: str, frame: Frame, as_text: bool) -> tuple[np.ndarray, str, str]:
    """`infer_task` without a request."""
    if frame.shape[1] > 1:
        t, sentence = _as_quantities(name, frame)
        return t, "regression", sentence
    column = str(frame.columns[0])
    values = frame[column]
    labels, what = _labels(name, column, values, as_text)
    seen = _distinct(name, column, labels[values.notna().to_numpy()])
    said = f"target {column!r} has {len(seen)} {what}"
    if what.endswith("numbers") and not _repeat(seen, values.count()):
        return labels.astype(np.float64), "regression", f"{said}: regression"
    if what == "distinct texts" and len(seen) > max(2, values.count() // 2):
        found = f"{len(seen)} distinct texts in {values.count()} rows"
        raise InputError(f"{name}: target {column!r} has {found}, expected classes that repeat; {ANOTHER}.")
    return labels, "classification", f"{said}: classification"


def _as_classes(name: str, frame: Frame, as_text: bool) -> tuple[np.ndarray, str]:
    """Labels (n,) of the one target, and a sentence on them."""
    if frame.shape[1] > 1:
        found = f"--target names {frame.shape[1]} columns"
        raise InputError(f"{name}: {found}, expected one for classification; name one.")
    column = str(frame.columns[0])
    labels, what = _labels(name, column, frame[column], as_text, requested=True)
    seen = _distinct(name, column, labels[frame[column].notna().to_numpy()])
    return labels, f"target {column!r} has {len(seen)} {what}: classification"


def _as_quantities(name: str, frame: Frame, as_text: bool = False) -> tuple[np.ndarray, str]:
    """The targets of a regression, float64 (n,) or (n, k), and a sentence on them."""
    t = np.stack([_quantity(name, column, frame[column]) for column in frame.columns], axis=1)
    names = ", ".join(map(repr, frame.columns))
    if t.shape[1] > 1:
        return t, f"targets {names} are several quantities: regression"
    return t[:, 0], f"target {names} is a quantity: regression"


def notes(frame: Frame, labels: np.ndarray, task: str, requested: bool) -> list[str]:
    """For the user: what else the target could be, and labels that may be misspelled."""
    if frame.shape[1] > 1:
        return []
    column = frame.columns[0]
    seen = np.unique(labels[frame[column].notna().to_numpy()])
    if frame[column].dtype.kind in "iu" and (distinct := frame[column].nunique()) > len(seen):
        return [f"target {column!r}: {distinct} distinct numbers are {len(seen)} once rounded to 53 bits"]
    if seen.dtype.kind == "U" and (close := alike(seen.tolist())):
        return [f"target {column!r} has classes that {close}; they stay separate"]
    if requested or seen.dtype.kind not in "if" or len(seen) <= 2:
        return []
    if task == "classification":
        return [f"each of the {len(seen)} numbers is a class; to predict a quantity: --task regression"]
    if len(seen) <= MAX_CLASSES and (seen % 1.0 == 0.0).all():
        return [f"the {len(seen)} numbers are a quantity; to predict classes: --task classification"]
    return []


def targets_in(frame: Frame, names: Sequence[str], task: str | None = None) -> np.ndarray | None:
    """The target columns of a table as they are, or None if one is absent or has missing entries."""
    if any(name not in frame.columns or frame[name].isna().any() for name in names):
        return None
    if task == "classification":
        return read_texts(frame[names[0]])
    t = np.stack([read_numbers("data", name, frame[name], CORRECT) for name in names], axis=1)
    return t[:, 0] if t.shape[1] == 1 else t


def _labels(
    name: str, column: str, values: Series, as_text: bool, requested: bool = False
) -> tuple[np.ndarray, str]:
    """Labels (n,) in the simplest type that holds them, and what they are; dates only if classes were requested."""
    kind = "category" if as_text else infer_kind(name, column, values).kind
    if kind == "date" and not requested:
        raise InputError(f"{name}: target {column!r} holds dates, expected classes or numbers; {ANOTHER}.")
    if kind == "boolean":
        return values.fillna(False).to_numpy(bool), "booleans"
    if kind == "number":
        try:
            t = read_numbers(name, column, values, CORRECT)
        except InputError:
            if not requested:
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
