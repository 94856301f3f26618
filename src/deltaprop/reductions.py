"""Sums of products on the calling thread."""

import numpy as np

#: OpenBLAS computes a dot product of more than 10,000 numbers on all cores, and its threads then keep them busy for
#: some milliseconds, in which the compiled core would have them share.
CHUNK = 8192


def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Σ aᵢ bᵢ of two vectors of the same floating-point dtype.

    Sums of `CHUNK` products are computed in that dtype, their sum in float64.

    Examples
    --------
    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    if a.size <= CHUNK:
        return float(a @ b)
    whole = a.size - a.size % CHUNK
    chunks = np.vecdot(a[:whole].reshape(-1, CHUNK), b[:whole].reshape(-1, CHUNK))
    return float(chunks.sum(dtype=np.float64)) + float(a[whole:] @ b[whole:])
