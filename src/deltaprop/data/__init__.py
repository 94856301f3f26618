"""Data: named sets, toys, MNIST and table files; their parts; and the preprocessing learned on the training part.

>>> from deltaprop.data import Preprocessing, load, split
>>> train, validation, test = split(load("wine"), seed=1)
>>> pre = Preprocessing.learn(train)
>>> pre.transform(validation.x).shape, pre.encode_target(validation.t).shape
((27, 13), (27,))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, short, warn
from .dataset import Dataset
from .encoding import Encoding
from .mnist import mnist
from .named import NAMED, named
from .preprocessing import Preprocessing
from .reading.table_format import RECOGNISED, TableFormat
from .split import Fold, Parts, Split, folds, split, split_rows, subset
from .toys import TOYS

NAMES = (*NAMED, "mnist", *TOYS)

__all__ = [
    "NAMES",
    "Dataset",
    "Encoding",
    "Fold",
    "Parts",
    "Preprocessing",
    "Split",
    "TableFormat",
    "folds",
    "load",
    "load_rows",
    "split",
    "split_rows",
    "subset",
]


def load(
    name_or_path: str | os.PathLike,
    target: str | Sequence[str] | None = None,
    task: str | None = None,
    drop: str | Sequence[str] = (),
    category: str | Sequence[str] = (),
    data_dir: str | os.PathLike | None = None,
    seed: int = 0,
    samples: int | None = None,
    keep: str | Sequence[str] = (),
    keep_na: str | Sequence[str] = (),
    unique: bool = False,
    time: str | None = None,
    group: str | None = None,
    test_data: str | os.PathLike | None = None,
    header: bool | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    comment: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    missing: str | Sequence[str] | None = None,
    dates: str | None = None,
) -> Dataset:
    """A data set by name, or a table file: .csv and other texts, .xlsx, .parquet, .feather.

    Parameters
    ----------
    name_or_path : str or path
        One of `NAMES`, or a table file.
    target, task, drop, category, keep, keep_na, unique
        For tables only: see `deltaprop.data.tables.load_table`.
    data_dir : path, optional
        Where MNIST's files are: see `deltaprop.data.mnist.mnist`.
    seed : int
        For the toys' points, and the choice of `samples`.
    samples : int, optional
        Toys: number of points (default 2000). Others: size of a stratified subset; a fixed test part stays whole.
    time, group
        For tables only, columns by which `split` cuts: see `deltaprop.data.tables.load_table`.
    test_data : path, optional
        For tables only: a file with the same columns, whose rows are the fixed test part.
    header, separator, decimal, thousands, comment, encoding, sheet, missing, dates
        How a table file is written, where that is not to be recognised: see `TableFormat`.

    Raises
    ------
    InputError
        If there is no such name or file, or its contents cannot be used.

    Examples
    --------
    >>> print(load("rings", seed=7).summary())
    rings: 2000 samples, 2 features, 2 classes
    target 'class' has the 2 classes 0, 1: classification
    """
    name = known_name(name_or_path)
    missing = (missing,) if isinstance(missing, str) else missing or None
    format = TableFormat(
        header=header,
        separator=separator,
        decimal=decimal,
        thousands=thousands,
        comment=comment,
        encoding=encoding,
        sheet=sheet,
        missing=None if missing is None else tuple(missing),
        dates=dates,
    )
    if name is None:
        from .tables import load_table

        dataset = load_table(
            name_or_path,
            () if target is None else target,
            task,
            drop,
            category,
            format,
            keep=keep,
            keep_na=keep_na,
            unique=unique,
            time=time,
            group=group,
        )
        if test_data is not None:
            from .separate_test import with_test_table

            dataset = with_test_table(dataset, test_data, time, group, keep_na)
        return dataset if samples is None else subset(dataset, samples, seed)
    columns = {
        "--target": target,
        "--drop": drop,
        "--category": category,
        "--keep": keep,
        "--keep-na": keep_na,
        "--time": time,
        "--group": group,
        "--test-data": test_data,
    }
    written = {f"--{option}": value for option, value in format.options().items()}
    for option, given in {**columns, "--unique": unique, **written}.items():
        if given not in (None, "", (), [], False):
            got = f"{option} is {short(given)}"
            raise InputError(f"{name}: {got}, expected none for a named data set; leave it out.")
    if name in TOYS:
        dataset = TOYS[name](seed=seed) if samples is None else TOYS[name](samples, seed=seed)
    else:
        dataset = mnist(data_dir) if name == "mnist" else named(name)
        dataset = dataset if samples is None else subset(dataset, samples, seed)
    if task not in (None, dataset.task):
        raise InputError(f"{name}: --task is {short(task)}, expected {dataset.task!r}; leave --task out.")
    return dataset


def load_rows(
    name_or_path: str | os.PathLike,
    preprocessing: Preprocessing | None = None,
    data_dir: str | os.PathLike | None = None,
    seed: int = 0,
    samples: int | None = None,
    keep_na: str | Sequence[str] = (),
    like: TableFormat = RECOGNISED,
    note: Callable[[str], object] | None = None,
    units: Mapping[str, str] | None = None,
    unused: Sequence[str] | None = None,
) -> tuple[Any, np.ndarray | None]:
    """Rows to predict, and their targets where the data have them.

    Parameters
    ----------
    name_or_path : str or path
        One of `NAMES` (MNIST: its test part), or a table file with the columns of training; others are ignored.
    preprocessing : Preprocessing, optional
        Of training: it knows which columns of a table are targets, and which are text.
    data_dir, seed, samples
        As for `load`; of a table the first `samples` rows are taken.
    keep_na : str or sequence of str
        The columns where ``NA``, ``None`` and the like are labels, as in training.
    like : TableFormat, optional
        The format of the table of training: its missing entries are those of this one, and where the file does not
        decide, as for numbers like 1.234, it is read as that table was.
    note : callable, optional
        Called with each line on what was recognised in a table file, and on what is not as in training.
    units : mapping of str, optional
        `Dataset.units` of training.
    unused : sequence of str, optional
        The other columns of the table of training. Where it had no header, columns are known by their numbers, and a
        table without header that has not as many is refused, unless the targets lack at the end.

    Returns
    -------
    x : ndarray (n, d) or pandas.DataFrame
        For `Preprocessing.transform`.
    t : ndarray or None
        For `Preprocessing.encode_target`; None for a table if `preprocessing` or targets are missing, or (with a
        warning) a target is not a number.

    Examples
    --------
    >>> x, t = load_rows("iris")
    >>> x.shape, t[:2].tolist()
    ((150, 4), ['setosa', 'setosa'])
    """
    name = known_name(name_or_path)
    if name is not None:
        dataset = load(name, data_dir=data_dir, seed=seed, samples=samples if name in TOYS else None)
        rows = dataset.test or dataset
        rows = rows if samples is None or name in TOYS else subset(rows, samples, seed)
        return rows.x, rows.t
    from .like_training import TableOfTraining
    from .options import check_by_number, column_names
    from .tasks import targets_in

    texts, known, categories = (), (), {}
    if preprocessing is not None:
        texts, known = preprocessing.texts, (*preprocessing.inputs_of, *preprocessing.target.names)
        categories = preprocessing.categories_of
    training = TableOfTraining(like, known, texts, column_names("keep_na", keep_na), categories, units)
    frame, format, said = training.read(name_or_path)
    if format.header is False and preprocessing is not None:
        trained = () if unused is None else (*known, *unused)
        check_by_number(Path(name_or_path).name, frame, like, trained, preprocessing.target.names)
    if note is not None:
        for line in said:
            note(line)
    frame = frame.iloc[:samples]
    if preprocessing is None:
        return frame, None
    try:
        return frame, targets_in(frame, preprocessing.target.names, preprocessing.task)
    except InputError as error:  # predictions do not depend on the targets
        warn(f"{Path(name_or_path).name}: the target is ignored ({str(error).rstrip('.')}).")
        return frame, None


def known_name(name_or_path: str | os.PathLike) -> str | None:
    """The name among `NAMES` ("breast-cancer" counts as "breast_cancer"), or None for what looks like a path."""
    if not isinstance(name_or_path, (str, os.PathLike)):
        wanted = "the name of a data set or the path of a table"
        raise InputError(f"data: name is {short(name_or_path)}, expected {wanted}; give one.")
    if isinstance(name_or_path, str):
        name = name_or_path.lower().replace("-", "_")
        if name in NAMES:
            return name
        path = Path(name_or_path)
        if not (path.suffix or os.path.exists(path) or len(path.parts) > 1):
            wanted = f"{', '.join(NAMES)}, or a .csv or .parquet file"
            raise InputError(f"data: name is {short(name_or_path)}, expected {wanted}; check the name.")
    return None
