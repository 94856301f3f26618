"""Batches of inputs: checked once at the boundary, then taken a few rows at a time in the network's own dtype.

What the caller has (float32, float64, bytes, a memory-mapped file, a sparse matrix) stays as it is; only the rows of
the moment are converted, so that memory does not grow with the number of samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import errors

if TYPE_CHECKING:
    from .network import Network

#: Rows that are taken at a time where a whole data set passes through a network.
CHUNK = 4096


def is_sparse(x: Any) -> bool:
    """Whether x is a SciPy sparse matrix or array (known without importing SciPy)."""
    return hasattr(x, "tocsr") and hasattr(x, "nnz")


def is_mapped(x: Any) -> bool:
    """Whether x is a memory-mapped file, or a view of one, as checked arguments are."""
    while isinstance(x, np.ndarray) and not isinstance(x, np.memmap):
        x = x.base
    return isinstance(x, np.memmap)


def samples(obj: str, x: Any, columns: int, dtype: np.dtype) -> Any:
    """x as an array of shape (n, columns), or as CSR where it is sparse; numeric and finite in dtype, or refused."""
    remedy = "check the inputs of the network"
    if not is_sparse(x):
        return errors.matrix(obj, "x", x, columns, remedy, dtype)
    if x.ndim != 2 or x.shape[1] != columns:
        raise errors.InputError(f"{obj}: x has shape {x.shape}, expected (n, {columns}); {remedy}.")
    x = x.tocsr()
    check_csr(obj, x)
    errors.finite(obj, "x", errors.numeric(obj, "x", x.data), dtype)
    return x


def batch(
    obj: str, network: Network, x: Any, t: Any, sample_weight: Any
) -> tuple[Any, np.ndarray, np.ndarray | None]:
    """Inputs, targets and weights, checked against the network and each other."""
    x, t = samples(obj, x, network.inputs, network.dtype), network.encode(t)
    n = x.shape[0]
    if n == 0:
        raise errors.InputError(f"{obj}: x has no samples, expected at least one; check the selection.")
    if len(t) != n:
        remedy = "give one target for each sample"
        raise errors.InputError(f"{obj}: t has {len(t)} rows, expected {n}, as x has; {remedy}.")
    return (
        x,
        t,
        None if sample_weight is None else errors.weights(obj, sample_weight, n, network.loss.members),
    )


def check_csr(obj: str, x: Any) -> None:
    """Refuse a CSR matrix whose indices point outside of it: the compiled core follows them."""
    starts, indices = x.indptr, x.indices
    whole = len(starts) == x.shape[0] + 1 and starts[0] == 0 and starts[-1] <= min(len(indices), len(x.data))
    if not whole or (np.diff(starts) < 0).any():
        raise errors.InputError(
            f"{obj}: indptr does not describe consecutive rows, expected a CSR matrix; rebuild it."
        )
    indices = indices[: starts[-1]]
    if len(indices) and (indices.min() < 0 or indices.max() >= x.shape[1]):
        outside = indices[(indices < 0) | (indices >= x.shape[1])][0]
        wanted = f"columns 0 to {x.shape[1] - 1}"
        raise errors.InputError(
            f"{obj}: indices has the column {outside}, expected {wanted}; rebuild the matrix."
        )


def shares(z: np.ndarray, weight: np.ndarray | None) -> Any:
    """What each sample of z (n, outputs) counts in the mean: 1/n, or weight / Σ weight as a column.

    For weights of members, (n, members), an entry for each output, relative to the members' mean.
    """
    if weight is None:
        return z.dtype.type(1 / len(z))
    total = weight.sum()
    share = weight / (total + (total == 0))
    if weight.ndim == 1:
        return share.astype(z.dtype)[:, None]
    members = weight.shape[1]
    return np.repeat((share * members).astype(z.dtype), z.shape[1] // members, axis=1)


def take(x: Any, which: slice | np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The rows `which` of x as a dense C-ordered array of `dtype`."""
    rows = x[which]
    if is_sparse(rows):
        rows = rows.toarray()
    return np.ascontiguousarray(rows, dtype)


def map_rows(
    function: Callable[[np.ndarray], np.ndarray],
    x: Any,
    columns: int,
    dtype: np.dtype,
    samples: np.ndarray | None = None,
) -> np.ndarray:
    """The function of all rows of x, or of the rows `samples`, `CHUNK` rows at a time; (n, columns) of `dtype`."""
    n = x.shape[0] if samples is None else len(samples)
    result = np.empty((n, columns), dtype)
    for start in range(0, n, CHUNK):
        rows = slice(start, start + CHUNK)
        result[rows] = function(take(x, rows if samples is None else samples[rows], dtype))
    return result
