"""The data of an experiment: training and test samples as a network takes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..data import Dataset, Preprocessing, load, split, subset
from ..data.transforms import Numeric, Standardize, Table
from ..layers import Dense
from ..network import Network

#: Of a data set of one's own at most so many samples are used, at full size all.
SAMPLES = 2000


@dataclass(frozen=True)
class Problem:
    """Standardized inputs and encoded targets, and what brings the inputs back to their own units.

    Attributes
    ----------
    name : str
    x, x_test : ndarray of shape (n, d), float64 unless asked for otherwise
    t, t_test : ndarray of shape (n,), class codes; or (n, k), standardized numbers
    loss : str
        "softmax_cross_entropy" or "squared_error".
    outputs : int
    mean, scale : ndarray of shape (d,)
        x · scale + mean are the inputs in their own units.

    Examples
    --------
    >>> problem = Problem.of(load("wine"))
    >>> problem.x.shape, problem.outputs, float(problem.raw().x[:, -1].mean().round())
    ((142, 13), 3, 752.0)
    """

    name: str
    x: np.ndarray
    t: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray
    loss: str
    outputs: int
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, dataset: Dataset, test: float = 0.2, seed: int = 0, dtype: Any = np.float64) -> Problem:
        """The samples of a data set, a part of them (or its own test part) for the test."""
        train, _, tested = split(dataset, 0.0, test, seed)
        assert tested is not None
        learned = Preprocessing.learn(train)
        mean, scale = _scaling(learned)
        return cls(
            dataset.name,
            np.asarray(learned.transform(train.x), dtype),
            learned.encode_target(train.t),
            np.asarray(learned.transform(tested.x), dtype),
            learned.encode_target(tested.t),
            "softmax_cross_entropy" if dataset.task == "classification" else "squared_error",
            learned.outputs,
            mean,
            scale,
        )

    @classmethod
    def read(
        cls,
        path: str | os.PathLike,
        target: str | Sequence[str] | None = None,
        full: bool = False,
        drop: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
    ) -> Problem:
        """A table file, or named data, as `load` reads them; a seeded part of many samples unless `full`."""
        dataset = load(path, target, drop=drop, category=category)
        return cls.of(dataset if full or len(dataset) <= SAMPLES else subset(dataset, SAMPLES, seed=0))

    @property
    def inputs(self) -> int:
        """d."""
        return self.x.shape[1]

    @property
    def targets(self) -> np.ndarray:
        """Of the training samples, a row each: (n, k); of classes one-hot."""
        return (
            self.t.reshape(len(self.t), -1) if self.loss == "squared_error" else np.eye(self.outputs)[self.t]
        )

    def first(self, samples: int | None) -> Problem:
        """With so many of the training samples, or all."""
        return replace(self, x=self.x[:samples], t=self.t[:samples])

    def raw(self) -> Problem:
        """With the inputs in their own units."""
        x, x_test = (each * self.scale + self.mean for each in (self.x, self.x_test))
        return replace(self, x=x, x_test=x_test)

    @property
    def baseline(self) -> float:
        """E of the best constant output: the entropy of the classes, or half the variance of the targets."""
        if self.loss == "squared_error":
            return 0.5 * float(np.var(self.targets, axis=0).sum())
        share = self.targets.mean(axis=0)
        return -float(np.sum(share * np.log(np.maximum(share, 1e-300))))

    def network(self, *hidden: Any, seed: int = 0, last: Any = None, **given: Any) -> Network:
        """These hidden layers and a dense one for the outputs (initial weights: `last`), with the problem's loss."""
        options: dict[str, Any] = {"loss": self.loss, "dtype": "float64"} | given
        return Network([*hidden, Dense(self.outputs, init=last)], self.inputs, seed=seed, **options)


def _scaling(learned: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale of each input; 0 and 1 of those that are not scaled, such as categories."""
    mean, scale = np.zeros(learned.width), np.ones(learned.width)
    if isinstance(learned.inputs, Standardize):
        mean[:], scale[:] = learned.inputs.mean, learned.inputs.scale
        return mean, scale
    assert isinstance(learned.inputs, Table)
    numbers = [column for column in learned.inputs.columns if isinstance(column, Numeric)]
    mean[: len(numbers)] = [column.mean for column in numbers]  # scaled numbers come first
    scale[: len(numbers)] = [column.scale for column in numbers]
    return mean, scale
