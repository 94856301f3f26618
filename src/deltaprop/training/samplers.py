"""Samplers: which samples an epoch shows, and in which order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from .. import engines
from ..bounds import Bounded, Bounds, Count, UnitInterval
from ..errors import InputError, choose, finite, number, numeric
from . import sampling
from .checkpoint import fingerprint

if TYPE_CHECKING:
    from ..network import Network
    from .data import Data


@dataclass(frozen=True)
class Pool:
    """The samples of a fit, as samplers see them.

    Attributes
    ----------
    samples : ndarray of shape (n,)
        The rows of x that take part.
    key : ndarray
        `seeds.order_key` of the fit.
    t : ndarray of shape (rows,) or (rows, outputs)
        The targets of all rows, as the loss encodes them.
    losses : ndarray of shape (n,) or None
        The loss of each sample with the weights after the last epoch, ones before the first; for samplers that ask.
    """

    samples: np.ndarray
    key: np.ndarray
    t: np.ndarray
    losses: Any = None

    @cached_property
    def classes(self) -> np.ndarray:
        """The number of each sample's class, (n,): its place among the distinct labels or rows of targets."""
        return np.unique(self.t[self.samples], axis=0, return_inverse=True)[1].ravel()

    @cached_property
    def sizes(self) -> np.ndarray:
        """The number of samples of each class."""
        return np.bincount(self.classes)

    def by_class(self, rng: np.random.Generator) -> np.ndarray:
        """Positions in `samples`, class after class, in random order within each."""
        shuffled = rng.permutation(len(self.samples))
        return shuffled[np.argsort(self.classes[shuffled], kind="stable")]


class Sampler(Bounded, ABC):
    """Chooses the n samples that each epoch shows, n being the number of samples that take part.

    A sampler has no state: an epoch's order is a function of the seed, the epoch's number and, where `needs_losses`,
    the losses after the epoch before, which checkpoints hold. A resumed fit so equals one that was not interrupted.

    Attributes
    ----------
    needs_classes : bool
        Whether targets must be classes.
    needs_losses : bool
        Whether the loss of each sample is measured after each epoch, at the cost of a forward pass.

    Examples
    --------
    >>> class Reversed(Sampler):
    ...     def order(self, pool, epoch, rng):
    ...         return np.arange(len(pool.samples))[::-1]
    >>> from deltaprop.seeds import order_key
    >>> pool = Pool(np.array([2, 5, 7]), order_key(0), np.zeros(8))
    >>> print(Reversed().orders(pool, first=0, count=2))
    [[7 5 2]
     [7 5 2]]
    """

    needs_classes: ClassVar[bool] = False
    needs_losses: ClassVar[bool] = False

    @abstractmethod
    def order(self, pool: Pool, epoch: int, rng: np.random.Generator) -> np.ndarray:
        """Positions in ``pool.samples`` in the order of that epoch, counted from 0; n integers, repeated or not.

        `rng` is the epoch's own.
        """

    def orders(self, pool: Pool, first: int, count: int) -> np.ndarray:
        """The samples that epochs first … first + count − 1 show, in order, int64 of shape (count, n)."""
        table = np.empty((count, len(pool.samples)), np.int64)
        for row, epoch in zip(table, range(first, first + count), strict=True):
            row[:] = pool.samples[self.order(pool, epoch, sampling.order_generator(pool.key, epoch))]
        return table

    def check(self, obj: str, data: Data, network: Network) -> None:
        """Refuse data that this sampler cannot choose from."""
        name = type(self).__name__
        if self.needs_classes and not _are_classes(data.t, network):
            raise InputError(
                f"{obj}: sampler is {name} with targets that are not classes, expected classes; use shuffled."
            )
        if self.needs_losses and network.loss.members > 1:
            raise InputError(
                f"{obj}: sampler is {name} with {network.loss.members} members, whose losses differ, expected one "
                "network; use another sampler."
            )


@dataclass(frozen=True)
class Fixed(Sampler):
    """The order of the data, in every epoch."""

    def order(self, pool, epoch, rng):
        return np.arange(len(pool.samples))

    def orders(self, pool, first, count):
        """The same orders, without a generator for each."""
        return np.tile(pool.samples, (count, 1))


@dataclass(frozen=True)
class Shuffled(Sampler):
    """A new random order for each epoch."""

    def order(self, pool, epoch, rng):
        return rng.permutation(len(pool.samples))

    def orders(self, pool, first, count):
        """The same orders, shuffled by the compiled core."""
        table = np.empty((count, len(pool.samples)), np.int64)
        table[:] = pool.samples
        for row, epoch in zip(table, range(first, first + count), strict=True):
            engines.shuffle(row, pool.key, sampling.order_counter(epoch))
        return table


@dataclass(frozen=True)
class Stratified(Sampler):
    """A random order in which each class is spread evenly over the epoch, so that batches have it in its proportion.

    Of a class of n_c samples the j-th, in random order, is placed at (j + u) / n_c, u uniform in [0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop.seeds import order_key
    >>> pool = Pool(np.arange(1000), order_key(0), np.repeat([0, 1], [900, 100]))
    >>> order = Stratified().orders(pool, first=0, count=1)
    >>> print(pool.t[order].reshape(10, 100).sum(axis=1))  # of the rare class in each tenth of the epoch
    [10 10 10 10 10 10 10 10 10 10]
    """

    needs_classes = True

    def order(self, pool, epoch, rng):
        chosen, size = pool.by_class(rng), np.repeat(pool.sizes, pool.sizes)
        place = (_ranks(pool.sizes) + rng.random(len(chosen))) / size
        return chosen[np.argsort(place)]


@dataclass(frozen=True)
class Alternating(Sampler):
    """A random order in which consecutive samples belong to different classes.

    Where more than half of the samples are of one class, the others separate them as evenly as they can.

    Source: LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), §4.2: "shuffle the training set so that successive
    training examples never (rarely) belong to the same class".

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop.seeds import order_key
    >>> pool = Pool(np.arange(9), order_key(0), np.array([0, 0, 0, 0, 1, 1, 1, 2, 2]))
    >>> print(pool.t[Alternating().orders(pool, first=0, count=1)])
    [[0 1 0 2 1 0 2 0 1]]
    """

    needs_classes = True

    def order(self, pool, epoch, rng):
        # As many groups as the largest class has samples, one in each; samples of the others follow it there. A
        # class has at most as many samples as there are groups, so that dealing it out puts no two in one.
        n, groups = len(pool.samples), int(pool.sizes.max())
        chosen = pool.by_class(rng)
        largest = pool.classes[chosen] == pool.sizes.argmax()
        heads, others = chosen[largest], chosen[~largest]
        if len(others) < groups:
            group = np.arange(len(others)) * groups // max(len(others), 1)
            others = rng.permutation(others)
        else:
            group = rng.permutation(groups)[np.arange(len(others)) % groups]
        within = np.append(np.full(groups, -1.0), rng.random(n - groups))
        group = np.append(np.arange(groups), group)
        return np.append(heads, others)[np.lexsort((within, group))]


@dataclass(frozen=True)
class Emphasizing(Sampler):
    """Shows samples of large loss more often.

    Of the n samples that an epoch shows, sample i is expected (1 − share) + share · n e_i / Σ e times, where e_i is its
    loss after the epoch before; in the first epoch once. The training loss is the mean over the samples shown.

    A sample with a wrong label has a large loss for ever, and showing it more often does harm. As a guard, samples
    whose loss is an outlier, larger than Q3 + guard · (Q3 − Q1) with Q1 and Q3 the quartiles of all losses, count as if
    their loss were 0.

    Parameters
    ----------
    share : float in [0, 1]
        The part of an epoch that is chosen by the loss.
    guard : float or None
        ≥ 0; None: no guard.

    Sources: LeCun, Bottou, Orr, Müller, *Efficient BackProp* (1998), §4.2, "emphasizing schemes"; Tukey, *Exploratory
    Data Analysis* (1977), §2D: beyond 1.5 quartile ranges a value is "outside", beyond 3 "far out".

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop.seeds import order_key
    >>> losses = np.array([2.0, 2.0, 2.0, 4.0, 100.0])
    >>> pool = Pool(np.arange(5), order_key(0), np.zeros(5), losses)
    >>> for sampler in (Emphasizing(), Emphasizing(guard=None)):
    ...     shown = sampler.orders(pool, first=1, count=1000)
    ...     print(np.round(np.bincount(shown.ravel()) / 1000, 1))
    [1.  1.  1.  1.5 0.5]
    [0.5 0.5 0.5 0.6 2.8]
    """

    needs_losses = True

    share: UnitInterval = 0.5
    guard: float | None = 3.0

    def __post_init__(self):
        super().__post_init__()
        if self.guard is not None:
            number("Emphasizing", "guard", self.guard, low=0)

    def order(self, pool, epoch, rng):
        n = len(pool.samples)
        ends = np.cumsum(self._expected(pool.losses))
        chosen = np.searchsorted(ends, rng.random() + np.arange(n), side="right")  # systematic sampling
        return rng.permutation(np.minimum(chosen, n - 1))

    def _expected(self, losses: np.ndarray) -> np.ndarray:
        """How often each sample is expected in an epoch; n in all."""
        excess = np.where(np.isfinite(losses), losses, 0.0)
        excess -= min(excess.min(), 0.0)  # the Poisson loss may be negative
        if self.guard is not None:
            first, third = np.quantile(excess, (0.25, 0.75))
            excess[excess > third + self.guard * (third - first)] = 0.0
        total = excess.sum()
        return (
            1 - self.share + self.share * len(losses) * excess / total if total > 0 else np.ones(len(losses))
        )


@dataclass(frozen=True, eq=False, repr=False)
class Curriculum(Sampler):
    """Easy samples first: epoch k, from 0, shows the easiest start + (1 − start) · k / epochs of the samples.

    Each of these is shown equally often, within one, in random order; from epoch number `epochs` on they are all.

    Parameters
    ----------
    difficulty : array of shape (n,)
        A finite number for each row of x; only their order matters.
    start : float in (0, 1]
        The part of the samples that the first epoch shows.
    epochs : int
        ≥ 1.

    Source: Bengio, Louradour, Collobert, Weston, *Curriculum Learning* (2009), §3.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop.seeds import order_key
    >>> pool = Pool(np.arange(6), order_key(0), np.zeros(6))
    >>> sampler = Curriculum(difficulty=[5, 0, 4, 1, 3, 2], start=0.5, epochs=3)
    >>> for order in sampler.orders(pool, first=0, count=4):
    ...     print(np.unique(order))
    [1 3 5]
    [1 3 4 5]
    [1 2 3 4 5]
    [0 1 2 3 4 5]
    """

    difficulty: Any = None
    start: Annotated[float, Bounds(low=0, high=1, open_low=True)] = 0.2
    epochs: Count = 10

    def __post_init__(self):
        super().__post_init__()
        if self.difficulty is not None:
            difficulty = finite(
                "Curriculum", "difficulty", numeric("Curriculum", "difficulty", self.difficulty)
            )
            object.__setattr__(self, "difficulty", difficulty)

    def __repr__(self):
        return (
            f"Curriculum(difficulty={fingerprint(self.difficulty)}, start={self.start}, epochs={self.epochs})"
        )

    def check(self, obj, data, network):
        shape = None if self.difficulty is None else self.difficulty.shape
        if shape != (len(data.t),):
            got = "no difficulty" if shape is None else f"a difficulty of shape {shape}"
            raise InputError(
                f"{obj}: sampler is a Curriculum with {got}, expected ({len(data.t)},); give a number for each sample."
            )

    def order(self, pool, epoch, rng):
        n = len(pool.samples)
        part = min(self.start + (1 - self.start) * epoch / self.epochs, 1.0)
        easiest = np.argsort(self.difficulty[pool.samples], kind="stable")[: max(1, round(part * n))]
        return rng.permutation(np.resize(rng.permutation(easiest), n))


#: The samplers by name; a `Curriculum` needs a difficulty.
SAMPLERS: dict[str, Sampler] = {
    "fixed": Fixed(),
    "shuffled": Shuffled(),
    "stratified": Stratified(),
    "alternating": Alternating(),
    "emphasizing": Emphasizing(),
    "curriculum": Curriculum(),
}


def as_sampler(obj: str, value: Any, shuffle: bool = True) -> Sampler:
    """The sampler that an argument is or names; None: the data's order, or with `shuffle` a random one."""
    if value is None:
        return SAMPLERS["shuffled" if shuffle else "fixed"]
    sampler = choose(obj, "sampler", value, SAMPLERS, Sampler)
    if not shuffle:
        raise InputError(f"{obj}: shuffle is False with a sampler, expected one of them; leave one out.")
    return sampler


def pool(obj: str, sampler: Sampler, data: Data, network: Network, key: np.ndarray) -> Pool:
    """The samples that take part; refused where the sampler cannot choose from them."""
    sampler.check(obj, data, network)
    return Pool(data.samples, key, data.t, np.ones(len(data.samples)) if sampler.needs_losses else None)


def _are_classes(t: np.ndarray, network: Network) -> bool:
    """Whether targets are labels, rows of a loss for classes, or rows that have two values in each column."""
    return t.ndim == 1 or network.loss.classification or all(len(np.unique(column)) <= 2 for column in t.T)


def _ranks(sizes: np.ndarray) -> np.ndarray:
    """0 … n_c − 1 for each class in turn."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
