"""Randomness from one seed, in separate streams: changing one use leaves the others as they were."""

import numpy as np

#: What the streams of a seed are for; the position of a name is the number of its stream.
STREAMS = ("weights", "order", "dropout", "noise", "curvature", "data", "search", "report")


def stream(seed: int, name: str) -> np.random.SeedSequence:
    """One of the independent `STREAMS` of `seed`, an integer ≥ 0.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.random.default_rng(stream(0, "order")), np.random.default_rng(stream(0, "order"))
    >>> a.random() == b.random()
    True
    """
    return np.random.SeedSequence(int(seed), spawn_key=(STREAMS.index(name),))


def dropout_key(seed: int) -> int:
    """The key of the counter-based generator that draws dropout's masks: an unsigned 64-bit number."""
    return int(stream(seed, "dropout").generate_state(1, np.uint64)[0])


def order_key(seed: int) -> np.ndarray:
    """The Philox key of the order stream: two uint64."""
    return stream(seed, "order").generate_state(2, np.uint64)
