"""Randomness from one seed, in separate streams: changing one use leaves the others as they were."""

from typing import NamedTuple

import numpy as np


class Streams(NamedTuple):
    """The independent streams of one seed.

    Each is a `numpy.random.SeedSequence`; ``np.random.default_rng(stream)`` makes a generator of it.
    """

    weights: np.random.SeedSequence
    order: np.random.SeedSequence
    dropout: np.random.SeedSequence
    noise: np.random.SeedSequence


def streams(seed: int) -> Streams:
    """The streams that belong to `seed`, an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = streams(0), streams(0)
    >>> float(np.random.default_rng(a.order).random()) == float(np.random.default_rng(b.order).random())
    True
    """
    return Streams(*np.random.SeedSequence(int(seed)).spawn(len(Streams._fields)))


def key(stream: np.random.SeedSequence) -> int:
    """One unsigned 64-bit number that stands for the stream: the key of a counter-based generator."""
    return int(stream.generate_state(1, np.uint64)[0])


def order_key(seed: int) -> np.ndarray:
    """The Philox key of the order stream: two uint64."""
    return streams(seed).order.generate_state(2, np.uint64)
