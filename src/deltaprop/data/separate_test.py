"""A second table file as the fixed test part, with the columns and classes of the first."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, short
from .columns import Frame, Series, read_numbers, read_texts, text
from .dataset import Dataset
from .inputs import read_column
from .like_training import TableOfTraining, not_as_usual
from .options import by_number, check_by_number, column_names
from .part_notes import moment
from .reading.table_format import FORMAT_OPTIONS, TableFormat
from .split_columns import read_time


def with_test_table(
    dataset: Dataset,
    path: str | os.PathLike,
    time: str | None = None,
    group: str | None = None,
    keep_na: str | Sequence[str] = (),
) -> Dataset:
    """The table `dataset` with the rows of that file as its fixed test part, and notes on what was left out.

    The file is read by its own format, or that of training where the file does not decide, and its columns as the kinds
    that they have in training; others are ignored.
    `time` and `group` are the columns by which the training data are split; in the columns `keep_na` NA and the like
    are labels.

    Raises
    ------
    InputError
        If a column is missing, an entry is not of its column's kind, or a class is unknown.
    """
    import pandas as pd

    name, targets = Path(path).name, list(dataset.target_names)
    texts = [column.name for column in dataset.columns if column.kind == "category"]
    texts += targets * any(isinstance(label, str) for label in dataset.classes)
    texts += [] if group is None else [group]
    written = {name: value for name, value in dataset.recognized.items() if name in FORMAT_OPTIONS}
    like, labelled = TableFormat(**written), column_names("--keep-na", keep_na)
    categories = {
        column.name: tuple(dict.fromkeys(read_texts(dataset.x[column.name].dropna())))
        for column in dataset.columns
        if column.kind == "category"
    }
    known = (*dataset.feature_names, *targets)
    training = TableOfTraining(like, known, texts, labelled, categories, dataset.units)
    frame, format, said = training.read(path)
    said = not_as_usual(said, dataset.notes)
    if format.header is False:
        check_by_number(name, frame, like)
        columns = list(frame.columns)
        time, group = (name and by_number([name], False, columns)[0] for name in (time, group))
    if lacking := [label for label in (*dataset.feature_names, *targets) if label not in frame.columns]:
        shown = ", ".join(map(repr, lacking[:5])) + " …" * (len(lacking) > 5)
        wanted = f"every column of {dataset.name} that is used"
        raise InputError(f"{name}: the table lacks {shown}, expected {wanted}; add them.")
    missing = frame[targets].isna().any(axis=1).to_numpy()
    if missing.all():
        raise InputError(f"{name}: no row has a target, expected some; fill column {targets[0]!r}.")
    if missing.any():
        said.append(f"{int(missing.sum())} of {len(frame)} rows left out: their target is missing")
    read = {column.name: read_column(name, column, frame[column.name]) for column in dataset.columns}
    x, frame = pd.DataFrame(read)[~missing], frame[~missing]
    if group is not None and group in frame.columns:
        said += _shared_groups(dataset.groups, group, frame[group])
    if time is not None and time in frame.columns:
        said += _earlier_rows(name, dataset.time, time, frame[time])
    return replace(
        dataset,
        x_test=x,
        t_test=_labels(name, dataset, frame[targets[0]])
        if dataset.classes
        else _values(name, frame[targets]),
        notes=(*dataset.notes, *(f"{name}: {note}" for note in said)),
    )


def _labels(name: str, dataset: Dataset, values: Series) -> np.ndarray:
    """The classes (n,) as they are in training; labels are compared as text."""
    known = {text(label): code for code, label in enumerate(dataset.classes)}
    codes = np.array([known.get(entry, -1) for entry in read_texts(values)], np.intp)
    if (codes < 0).any():
        place = int(np.argmin(codes))
        found = f"{short(text(values.iloc[place]))} in row {int(values.index[place]) + 1}"
        wanted = f"one of the classes of training {', '.join(dataset.class_names[:20])}"
        raise InputError(
            f"{name}: target {dataset.target_name!r} has {found}, expected {wanted}; correct it."
        )
    return np.array(dataset.classes)[codes]


def _values(name: str, frame: Frame) -> np.ndarray:
    t = np.stack([read_numbers(name, label, frame[label]) for label in frame.columns], axis=1)
    return t[:, 0] if t.shape[1] == 1 else t


def _shared_groups(groups: Any, label: str, values: Series) -> list[str]:
    """How many groups of the training table are in the test table as well."""
    present = read_texts(values.dropna()).astype(str)
    both = np.isin(present, groups)
    if not both.any():
        return []
    shared = _count(len(np.unique(present[both])), "group")
    return [f"also in the training data: {shared} of {label!r} ({_count(int(both.sum()), 'row')})"]


def _earlier_rows(name: str, time: Any, label: str, values: Series) -> list[str]:
    """From when to when the test table goes, and how many of its rows are not after the training table."""
    present = values.dropna()
    if present.empty:
        return []
    moments = read_time(name, present, dates=time.dtype.kind == "M")
    early = int((moments <= time.max()).sum())
    span = f"{label!r} goes from {moment(moments.min())} to {moment(moments.max())}"
    return [span + (f"; not after the training data: {_count(early, 'row')}" if early else "")]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
