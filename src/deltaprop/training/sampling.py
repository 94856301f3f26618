"""Random choices of samples: pure functions of a seed, so that no generator state is stored."""

from __future__ import annotations

import numpy as np

from .. import stratified

# The third word of the Philox counter separates the uses of the order stream; the fourth counts epochs.
_ORDER, _SPLIT, _PROBE = 0, 1, 2


def split(
    samples: np.ndarray, fraction: float, key: np.ndarray, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Training and validation part of the samples, each in ascending order; stratified by the `labels` (n,), if any.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop.seeds import order_key
    >>> train, validation = split(np.arange(10), 0.2, order_key(0), labels=np.repeat([0, 1], 5))
    >>> print(np.repeat([0, 1], 5)[validation], len(train))
    [0 1] 8
    """
    labels = np.zeros(len(samples)) if labels is None else labels
    chosen = stratified.draw(labels, fraction, _generator(key, _SPLIT))
    return np.delete(samples, chosen), samples[chosen]


def probe(samples: np.ndarray, key: np.ndarray, size: int = 256) -> np.ndarray:
    """At most `size` of the samples, drawn once, in ascending order."""
    if len(samples) <= size:
        return samples
    return np.sort(_generator(key, _PROBE).choice(samples, size, replace=False, shuffle=False))


def order_generator(key: np.ndarray, epoch: int) -> np.random.Generator:
    """Draws the order of an epoch, counted from 0: epoch 7 does not need the six before it."""
    return _generator(key, _ORDER, epoch)


def order_counter(epoch: int) -> np.ndarray:
    """Where the Philox stream of the order of that epoch begins."""
    return _counter(_ORDER, epoch)


def _generator(key: np.ndarray, use: int, epoch: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=key, counter=_counter(use, epoch)))


def _counter(use: int, epoch: int) -> np.ndarray:
    return np.array((0, 0, use, epoch), np.uint64)
