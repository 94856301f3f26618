"""What every source of data gives: rows of inputs, their targets, and what is known about both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, finite, numeric, short

if TYPE_CHECKING:
    from .columns import Column

TASKS = ("classification", "regression")


def check_task(obj: str, argument: str, task: str) -> None:
    """Refuse anything but the name of a task."""
    if task not in TASKS:
        raise InputError(f"{obj}: {argument} is {short(task)}, expected {' or '.join(TASKS)}; choose one.")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples with their targets.

    Parameters
    ----------
    name : str
        What the data are called in messages and reports.
    x : ndarray (n, d) or pandas.DataFrame with n rows
        Inputs in original units: finite numbers, or a table whose columns are described by `columns`.
    t : ndarray (n,) or (n, k)
        Targets: class labels (numbers, texts or booleans) of shape (n,), or numbers of shape (n,) or (n, k).
    task : {"classification", "regression"}
    feature_names, target_names : tuple of str
        One name for each column of x and t; numbered by default.
    reason : str
        Why the task is classification or regression, in one sentence; by default what the targets are.
    classes : tuple
        Every class label in sorted order; by default those of t and t_test.
    x_test, t_test : as x and t, optional
        A fixed test part, never trained on.
    image_shape : (height, width), optional
        Where a row of x is an image.
    columns : tuple of Column
        The kinds of the columns of a table; empty for arrays.
    scaling : (mean, standard deviation), optional
        By which all entries of x are standardized where convention fixes them (MNIST); otherwise learned.
    time : ndarray (n,), optional
        Numbers or datetime64 by which `deltaprop.data.split` orders the samples.
    groups : ndarray (n,), optional
        Labels; samples with the same one stay in the same part.
    notes : tuple of str
        What was done to the data while they were read, one sentence each, for the user.
    recognized : mapping from str
        Options of `load` as they were recognised or chosen from the file, so that a run can be repeated.
    units : mapping of str
        What stands beside the numbers in the columns of a table, such as "kg".
    rows : ndarray (n,) of int, optional
        Of samples that were taken from an array: their positions there.

    Raises
    ------
    InputError
        If x or t holds NaN, infinity or anything but numbers (t: numbers or labels), or their lengths differ.

    Examples
    --------
    >>> data = Dataset("two", np.array([[0.0, 1.0], [1.0, 0.0]]), np.array(["no", "yes"]), "classification")
    >>> len(data), data.classes, data.codes.tolist(), data.feature_names
    (2, ('no', 'yes'), [0, 1], ('x0', 'x1'))
    """

    name: str
    x: Any  # ndarray | pandas.DataFrame: which of them, `columns` tells
    t: np.ndarray
    task: str
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    reason: str = ""
    classes: tuple[str | int | float | bool, ...] = ()
    x_test: Any = None
    t_test: np.ndarray | None = None
    image_shape: tuple[int, int] | None = None
    columns: tuple[Column, ...] = ()
    scaling: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    recognized: Mapping[str, Any] = field(default_factory=dict)
    time: np.ndarray | None = None
    groups: np.ndarray | None = None
    rows: np.ndarray | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_task(self.name, "task", self.task)
        self._check(self.x, self.t, "x", "t")
        if self.x_test is not None or self.t_test is not None:
            self._check(self.x_test, self.t_test, "x_test", "t_test")
        for name in ("time", "groups"):
            if (values := getattr(self, name)) is not None and np.shape(values) != (len(self.x),):
                found = (
                    f"{name} has shape {np.shape(values)}, expected ({len(self.x)},), one for each row of x"
                )
                raise InputError(f"{self.name}: {found}; align them.")
        if self.time is not None and (self.time.dtype.kind not in "iufM" or (self.time != self.time).any()):
            found = f"time is an array of {self.time.dtype}, or has entries that are missing"
            raise InputError(f"{self.name}: {found}, expected numbers or datetime64; complete it.")
        if not self.feature_names:
            names = [column.name for column in self.columns] or [f"x{i}" for i in range(self.x.shape[1])]
            self._set("feature_names", tuple(names))
        if not self.target_names:
            outputs = 1 if self.t.ndim == 1 else self.t.shape[1]
            self._set("target_names", ("target",) if outputs == 1 else tuple(f"t{i}" for i in range(outputs)))
        if self.task == "classification":
            labels = [np.unique(t) for t in (self.t, self.t_test) if t is not None]
            found = np.unique(np.concatenate(labels)).tolist()
            if not self.classes:
                self._set("classes", tuple(found))
            if unknown := [label for label in found if label not in self.classes]:
                found, wanted = short(unknown[0]), f"one of {', '.join(self.class_names[:20])}"
                raise InputError(f"{self.name}: t has the label {found}, expected {wanted}; correct it.")
        if not self.reason:
            classes = f"has the {len(self.classes)} classes {', '.join(self.class_names[:20])}"
            what = classes if self.classes else "is a quantity"
            self._set("reason", f"target {self.target_name!r} {what}: {self.task}")

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # the one way a frozen dataclass completes its own fields

    def _check(self, x: Any, t: Any, x_name: str, t_name: str) -> None:
        if not self.columns:
            finite(self.name, x_name, numeric(self.name, x_name, x))
        if np.ndim(x) != 2:
            raise InputError(f"{self.name}: {x_name} has shape {np.shape(x)}, expected (n, d); reshape it.")
        if self.task == "classification" and np.ndim(t) != 1:
            raise InputError(f"{self.name}: {t_name} has shape {np.shape(t)}, expected (n,); reshape it.")
        if self.task == "regression" or np.asarray(t).dtype.kind in "fc":
            finite(self.name, t_name, numeric(self.name, t_name, t))
        if len(t) != len(x):
            found = f"{t_name} has {len(t)} rows, expected {len(x)} as {x_name} has"
            raise InputError(f"{self.name}: {found}; align them.")

    def __len__(self) -> int:
        return len(self.t)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The class labels as texts, in the order of their codes; empty for regression."""
        return tuple(map(str, self.classes))

    @property
    def target_name(self) -> str:
        """The names of the target columns as one text."""
        return ", ".join(self.target_names)

    @property
    def codes(self) -> np.ndarray:
        """The class labels as positions in `classes`: (n,) intp."""
        return np.searchsorted(np.array(self.classes), self.t)

    @property
    def test(self) -> Dataset | None:
        """The fixed test part as a data set of its own, or None."""
        if self.x_test is None or self.t_test is None:
            return None
        return replace(
            self, x=self.x_test, t=self.t_test, x_test=None, t_test=None, time=None, groups=None, rows=None
        )

    def take(self, rows: np.ndarray) -> Dataset:
        """The samples `rows` (indices) alone, without the fixed test part; `classes` stays that of the whole."""
        x = self.x.iloc[rows] if self.columns else self.x[rows]
        numbers = np.arange(len(self)) if self.rows is None else self.rows
        time, groups = (None if each is None else each[rows] for each in (self.time, self.groups))
        taken = {"t": self.t[rows], "time": time, "groups": groups, "rows": numbers[rows]}
        return replace(self, x=x, x_test=None, t_test=None, **taken)

    @property
    def row_numbers(self) -> np.ndarray:
        """Where the samples stand in what they were read from: the first row, below the header of a table, is 1."""
        if self.columns:
            return self.x.index.to_numpy() + 1
        return (np.arange(len(self)) if self.rows is None else self.rows) + 1

    def summary(self) -> str:
        """One line about the data, then one for each note."""
        kind = f"{len(self.classes)} classes" if self.classes else "regression"
        test = f" + {len(self.t_test)} fixed test samples" if self.t_test is not None else ""
        head = f"{self.name}: {len(self)} samples{test}, {self.x.shape[1]} features, {kind}"
        return "\n".join([head, self.reason, *self.notes])
