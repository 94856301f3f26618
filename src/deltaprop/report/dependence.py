"""How predictions depend on a column, averaged over the others: partial dependence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Dependence:
    """Mean predictions over a grid of entries of a column.

    `density` is the share of the samples at each grid point of a category, and the deciles of a column of numbers.
    """

    column: str
    grid: Sequence[float | str]  # numbers, or texts: labels of categories, dates in ISO form
    outputs: (
        np.ndarray
    )  # (grid, outputs): mean probability of each class, or mean value of each target in its unit
    names: Sequence[str]  # of the outputs
    density: np.ndarray
