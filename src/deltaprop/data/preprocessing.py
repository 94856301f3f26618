"""Preprocessing of inputs and targets: learned on the training part, saved with the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import serialization
from ..errors import InputError, short
from .categories import Categorical, Codes, Contrasts
from .columns import Column
from .dataset import Dataset
from .decorrelation import Decorrelated
from .encoding import STANDARD, Encoding
from .targets import ClassTarget, QuantityTarget
from .transforms import Boolean, Date, Numeric, Standardize, Table


@dataclass(frozen=True)
class Preprocessing:
    """Inputs and targets to the numbers of a network, and back.

    Examples
    --------
    >>> from deltaprop.data import load, split
    >>> parts = split(load("iris"))
    >>> pre = Preprocessing.learn(parts.train)
    >>> x, t = pre.transform(parts.test.x), pre.encode_target(parts.test.t)
    >>> x.shape, x.dtype, t.shape, pre.decode_target(t[:1]).tolist()
    ((22, 4), dtype('float32'), (22,), ['setosa'])
    >>> Preprocessing.from_spec(pre.to_spec()) == pre
    True
    """

    inputs: Table | Standardize | Decorrelated
    target: ClassTarget | QuantityTarget

    @classmethod
    def learn(
        cls,
        train: Dataset,
        *,
        standardize_target: bool = True,
        clamp_target: bool = False,
        encoding: Encoding = STANDARD,
    ) -> Preprocessing:
        """From the training part alone.

        Columns of a table each by its kind; features of an array scaled, each by itself, or standardized all together
        where they are the pixels of images; with the data set's own `scaling` if it has one.

        Parameters
        ----------
        train : Dataset
        standardize_target : bool
            False keeps the numbers of a regression as they are, for losses that need counts or rates (Poisson).
        clamp_target : bool
            Whether the numbers that are predicted stay within the range of those of the training part.
        encoding : Encoding
            How numbers are scaled and categories become inputs.

        Raises
        ------
        InputError
            If there are no samples, or no column can be used.
        """
        if not isinstance(train, Dataset):
            raise InputError(
                f"Preprocessing: train is {short(train)}, expected a Dataset; see deltaprop.data.load."
            )
        if len(train) == 0:
            raise InputError(f"{train.name}: training part has 0 samples, expected at least 1; give more.")
        if train.columns:
            inputs = Table.learn(train.columns, train.x, encoding)
        elif train.scaling:
            mean, scale = train.scaling
            inputs = Standardize(train.feature_names, (mean,), (scale,), limits=(0.0, 255.0))
        elif encoding.scaling == "robust" and train.image_shape is None:
            columns = [Column(name, "number") for name in train.feature_names]
            inputs = Table.learn(columns, train.x, encoding)
        else:
            inputs = Standardize.learn(train.feature_names, train.x, together=train.image_shape is not None)
        if encoding.scaling == "decorrelate" and inputs.numbers:
            inputs = Decorrelated.learn(inputs, train.x)
        if not inputs.names:
            found = "the training part has no column that can be used (single values, or texts that hardly repeat)"
            raise InputError(f"{train.name}: {found}, expected some that vary; add columns.")
        if train.task == "classification":
            return cls(inputs, ClassTarget(train.target_name, train.classes))
        target = QuantityTarget.learn(train.target_names, train.t, standardize_target, clamp_target)
        return cls(inputs, target)

    @property
    def width(self) -> int:
        """d, the number of the network's inputs."""
        return len(self.inputs.names)

    @property
    def outputs(self) -> int:
        """The number of classes, or of target columns."""
        return len(self.target.classes if isinstance(self.target, ClassTarget) else self.target.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the network's inputs: a category or a date makes several."""
        return self.inputs.names

    @property
    def numbers(self) -> int:
        """How many of the network's inputs, the first ones, are scaled numbers: for `PeriodicEmbedding`."""
        return self.inputs.numbers

    @property
    def categories(self) -> tuple[int, ...]:
        """K for each of the last inputs, which are codes 0 … K−1, or −1 where unknown: for `Embedding`."""
        return self.inputs.categories

    @property
    def task(self) -> str:
        """Either classification or regression."""
        return "classification" if isinstance(self.target, ClassTarget) else "regression"

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of a table to be read as text, in their spelling."""
        classes = self.target.classes if isinstance(self.target, ClassTarget) else (0,)
        return (*self.categories_of, *self.target.names * all(isinstance(label, str) for label in classes))

    @property
    def categories_of(self) -> dict[str, tuple[str, ...]]:
        """What was learned of each column of categories."""
        columns = () if isinstance(self.inputs, Standardize) else self.inputs.columns
        return {
            one.name: one.categories for one in columns if isinstance(one, (Categorical, Contrasts, Codes))
        }

    def transform(self, x: Any, name: str = "preprocessing") -> np.ndarray:
        """Rows in original units → (n, d) float32; `name` is what messages call the data.

        x is an array with the columns of training, or a data frame that has them by name (others are ignored).

        Raises
        ------
        InputError
            If columns are missing, the width differs, or an entry cannot be read as its column's kind.
        """
        return self.inputs.transform(name, x)

    @property
    def inputs_of(self) -> dict[str, np.ndarray]:
        """The positions of what each column becomes in `encode_columns`: several for a category or a date."""
        return self._by_column.inputs_of

    def own_inputs(self, column: str) -> np.ndarray:
        """Of `inputs_of` those that are the column itself: a number, or all of a category, but none that is a code."""
        places, inputs = self.inputs_of[column], self._by_column
        if isinstance(inputs, Standardize):
            return places
        transform = inputs.columns[inputs.feature_names.index(column)]
        return places[: transform.numbers or (0 if transform.codes else None)]

    def encode_columns(self, x: Any, name: str = "preprocessing") -> np.ndarray:
        """As `transform`, without decorrelation: each number (n, d) depends on one column; for `combine`."""
        return self._by_column.transform(name, x)

    def encode_column(self, column: str, values: np.ndarray) -> np.ndarray:
        """(n,) entries of one column → (n, its inputs), as in `encode_columns`."""
        return self._by_column.encode_column("preprocessing", column, values)

    def combine(self, z: np.ndarray) -> np.ndarray:
        """What `encode_columns` gives → the network's inputs: decorrelated where training asked for it."""
        inputs = self.inputs
        return inputs.decorrelate("preprocessing", z) if isinstance(inputs, Decorrelated) else z

    @property
    def _by_column(self) -> Table | Standardize:
        return self.inputs.inputs if isinstance(self.inputs, Decorrelated) else self.inputs

    def encode_target(self, t: Any) -> np.ndarray:
        """Labels (n,) → (n,) intp; quantities (n,) or (n, k) → (n, k) float32, standardized."""
        return self.target.encode(t)

    def decode_target(self, y: Any) -> np.ndarray:
        """Positions of classes (n,) → labels (n,); network outputs (n, k) → original units, (n,) where k is 1."""
        return self.target.decode(y)

    def describe(self) -> list[str]:
        """What is done to each column and to the target, one line each."""
        return [*self.inputs.describe(), self.target.describe()]

    def to_spec(self) -> dict[str, Any]:
        """As plain data, ready for JSON."""
        return serialization.to_spec(self)

    @classmethod
    def from_spec(cls, value: Any) -> Preprocessing:
        """The inverse of `to_spec`.

        Raises
        ------
        InputError
            If `value` is anything but what `to_spec` gives.
        """
        return serialization.from_spec(value, (cls, *CLASSES), cls)


TRANSFORMS = (Table, Standardize, Decorrelated, Numeric, Date, Boolean, Categorical, Contrasts, Codes)
CLASSES = (*TRANSFORMS, ClassTarget, QuantityTarget)
