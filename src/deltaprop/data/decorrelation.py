"""Inputs that are decorrelated: the principal components of the scaled numbers, each of variance 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError
from .columns import Frame
from .scaling import LARGEST, principal_components
from .transforms import Standardize, Table


@dataclass(frozen=True)
class Decorrelated:
    """The inputs of a `Table` or of `Standardize`, of which z, the scaled numbers, become y = W (z − mean).

    This is the Karhunen–Loève expansion: on the training rows the components y have mean 0, variance 1, and no
    correlation. Directions without variance in training are left out. One-hot inputs and codes of categories stay.

    Parameters
    ----------
    inputs : Table or Standardize
    mean : tuple of float
        One for each scaled number.
    components : tuple of tuple of float
        W: a row for each component, by falling variance of its direction.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp*, §4.3.

    Examples
    --------
    >>> a = np.random.default_rng(0).normal(size=300)
    >>> x = np.stack([a, a + 0.1 * a**2, 2 * a], axis=1)
    >>> both = Decorrelated.learn(Standardize.learn(("a", "b", "c"), x), x)
    >>> both.names, np.cov(both.transform("x", x).T, bias=True).round(3).tolist()
    (('component 1', 'component 2'), [[1.0, 0.0], [0.0, 1.0]])
    """

    inputs: Table | Standardize
    mean: tuple[float, ...]
    components: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        numbers, lengths = self.inputs.numbers, {len(row) for row in self.components}
        if len(self.mean) != numbers or lengths - {numbers}:
            raise InputError(
                f"Decorrelated: mean and components have rows of {len(self.mean)} and {sorted(lengths)} numbers, "
                f"expected {numbers}, as many as there are scaled numbers; correct them."
            )

    @classmethod
    def learn(
        cls, inputs: Table | Standardize, x: Frame | np.ndarray, weight: np.ndarray | None = None
    ) -> Decorrelated:
        """From the training rows; those of weight 2 taken as two."""
        z = inputs.transform("the training part", x)[:, : inputs.numbers]
        mean, components = principal_components(z, weight)
        return cls(inputs, tuple(mean.tolist()), tuple(map(tuple, components.tolist())))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of the table, or the features of the array."""
        return self.inputs.feature_names

    @property
    def columns(self) -> tuple[Any, ...]:
        """The transforms of the columns of a table."""
        return self.inputs.columns if isinstance(self.inputs, Table) else ()

    @property
    def names(self) -> tuple[str, ...]:
        """The network inputs: the components first."""
        components = (f"component {i + 1}" for i in range(self.numbers))
        return (*components, *self.inputs.names[self.inputs.numbers :])

    @property
    def numbers(self) -> int:
        """How many inputs, the first ones, are components."""
        return len(self.components)

    @property
    def categories(self) -> tuple[int, ...]:
        """K for each of the last inputs, which are codes 0 … K−1, or −1."""
        return self.inputs.categories

    @cached_property
    def _matrix(self) -> np.ndarray:
        return np.array(self.components, np.float64).reshape(self.numbers, self.inputs.numbers)

    def transform(self, obj: str, x: Any) -> np.ndarray:
        """What the scaling takes → (n, d) float32; refused where float32 cannot represent the result."""
        return self.decorrelate(obj, self.inputs.transform(obj, x))

    def try_numbers(self, x: np.ndarray) -> np.ndarray | None:
        """`transform` of an array of floating-point numbers; None where it is something else, or not allowed."""
        z = self.inputs.try_numbers(x) if isinstance(self.inputs, Table) else None
        return None if z is None else self.decorrelate("the table", z)

    def decorrelate(self, obj: str, z: np.ndarray) -> np.ndarray:
        """What `inputs` make of rows, with the scaled numbers replaced by their components."""
        numbers = self.inputs.numbers
        y = (z[:, :numbers].astype(np.float64) - self.mean) @ self._matrix.T
        if (largest := np.abs(y).max(initial=0.0)) > LARGEST:
            raise InputError(
                f"{obj}: x has a principal component of {largest:g} standard deviations, expected numbers like those "
                "of training; check its units."
            )
        return np.concatenate([y, z[:, numbers:]], axis=1, dtype=np.float32)

    def describe(self) -> list[str]:
        """What is done to each column, and then to the scaled numbers."""
        line = f"{self.inputs.numbers} scaled numbers decorrelated: {self.numbers} principal components of variance 1"
        return [*self.inputs.describe(), line]
