"""Batches of inputs: checked once at the boundary, then taken a few rows at a time in the network's own dtype.

What the caller has (float32, float64, bytes, a memory-mapped file, a sparse matrix) stays as it is; only the rows of
the moment are converted, so that memory does not grow with the number of samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import errors

#: Rows that are taken at a time where a whole data set passes through a network.
CHUNK = 4096


def is_sparse(x: Any) -> bool:
    """Whether x is a SciPy sparse matrix or array (known without importing SciPy)."""
    return hasattr(x, "tocsr") and hasattr(x, "nnz")


def samples(obj: str, x: Any, columns: int, dtype: np.dtype) -> Any:
    """x as an array of shape (n, columns), or as CSR where it is sparse; numeric and finite in dtype, or refused."""
    remedy = "check the inputs of the network"
    if not is_sparse(x):
        return errors.representable(obj, "x", errors.matrix(obj, "x", x, columns, remedy), dtype)
    if x.ndim != 2 or x.shape[1] != columns:
        errors.refuse(obj, "x", f"has shape {x.shape}", f"(n, {columns})", remedy)
    x = x.tocsr()
    errors.representable(obj, "x", errors.finite(obj, "x", errors.numeric(obj, "x", x.data)), dtype)
    return x


def take(x: Any, which: slice | np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The rows `which` of x as a dense C-ordered array of `dtype`."""
    rows = x[which]
    if is_sparse(rows):
        rows = rows.toarray()
    return np.ascontiguousarray(rows, dtype)
