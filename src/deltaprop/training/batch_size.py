"""The number of samples per step, which may grow from epoch to epoch."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from ..bounds import Bounded, Bounds, Count
from ..errors import InputError


@dataclass(frozen=True)
class GrowingBatchSize(Bounded):
    """Batches that grow: in epoch k, from 0, a step takes min(first · factor^⌊k / every⌋, largest) samples, rounded.

    Small batches learn fast while the gradient is large against its noise, larger ones average the noise out: the
    growth does what a falling learning rate does.

    Parameters
    ----------
    first : int
        ≥ 1.
    factor : float
        ≥ 1.
    every : int
        Epochs until the size grows; ≥ 1.
    largest : int, optional
        ≥ `first`; by default the number of samples, which is never exceeded.

    Sources: LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), §4.1; Smith, Kindermans, Ying, Le, *Don't decay
    the learning rate, increase the batch size* (2018).

    Examples
    --------
    >>> sizes = GrowingBatchSize(8, factor=2, every=3, largest=30)
    >>> [sizes.size(epoch, samples=1000) for epoch in range(8)]
    [8, 8, 8, 16, 16, 16, 30, 30]
    >>> sizes.steps(samples=1000, epochs=8)  # for schedules, which count steps
    632
    """

    first: Count
    factor: Annotated[float, Bounds(low=1)] = 2.0
    every: Count = 1
    largest: Count | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.largest is not None and self.largest < self.first:
            raise InputError(
                f"GrowingBatchSize: largest is {self.largest}, expected at least first={self.first}; change one."
            )

    def size(self, epoch: int, samples: int) -> int:
        """Samples per step in that epoch, counted from 0."""
        limit = min(samples, self.largest or samples)
        if self.factor == 1:
            return min(self.first, limit)
        growths = epoch // self.every
        if growths * math.log(self.factor) >= math.log(limit / self.first):  # before the power overflows
            return limit
        return min(round(self.first * self.factor**growths), limit)

    def unchanged(self, epoch: int, samples: int) -> int:
        """The number of epochs from this one on that have its batch size; beyond all counts where it grows no more."""
        if self.factor == 1 or self.size(epoch, samples) == min(samples, self.largest or samples):
            return sys.maxsize
        return self.every - epoch % self.every

    def periods(self, samples: int, epochs: int) -> Iterator[tuple[int, int]]:
        """The batch sizes of a fit, each with its number of epochs."""
        epoch = 0
        while epoch < epochs:
            count = min(self.unchanged(epoch, samples), epochs - epoch)
            yield self.size(epoch, samples), count
            epoch += count

    def steps(self, samples: int, epochs: int) -> int:
        """Steps of a fit of that many epochs."""
        return sum(count * -(-samples // size) for size, count in self.periods(samples, epochs))


@cache
def as_sizes(batch_size: int | GrowingBatchSize) -> GrowingBatchSize:
    """A number as batches that do not grow."""
    return batch_size if isinstance(batch_size, GrowingBatchSize) else GrowingBatchSize(batch_size, factor=1)
