"""Single eigenvalues of a symmetric operator, with their vectors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigh, eigvalsh
from scipy.sparse.linalg import LinearOperator, eigsh

from .. import errors
from ..errors import InputError
from .lanczos import size_of
from .operators import NetworkOperator

#: Largest size for which all eigenvalues are computed from the dense matrix: as many products as a few Lanczos runs.
DENSE = 512

#: By name: the sign of the shift that makes these eigenvalues the largest in magnitude, and the sorting key.
WHICH = {
    "largest": (1, lambda values: -values),
    "smallest": (-1, lambda values: values),
    "magnitude": (0, lambda values: -np.abs(values)),
}


class Eigenpairs(NamedTuple):
    """Eigenvalues of shape (k,), and their vectors of length 1 as the columns of an array of shape (p, k)."""

    values: np.ndarray
    vectors: np.ndarray


class Dominant(NamedTuple):
    """What the power method has found: λ, v with ‖v‖ = 1, and the residual ‖A v − λ v‖, which bounds the error of λ."""

    value: float
    vector: np.ndarray
    residual: float


def eigenvalues(
    operator: LinearOperator, k: int = 1, which: str = "largest", *, tolerance: float = 1e-10, seed: int = 0
) -> Eigenpairs:
    """The k largest or smallest eigenvalues of a symmetric operator, or those largest in magnitude, with vectors.

    Up to 512 rows from the dense matrix, beyond by SciPy's `eigsh` (implicitly restarted Lanczos, ARPACK).

    Parameters
    ----------
    operator : LinearOperator
        Symmetric, such as a `Hessian`.
    k : int
        How many, at most all.
    which : {"largest", "smallest", "magnitude"}
        The result begins with the largest, the smallest, or the largest in magnitude.
    tolerance : float
        Accuracy of ARPACK, relative to the largest magnitude; 0 is that of rounding.
    seed : int
        Of ARPACK's first vector.

    Source: Lehoucq, Sorensen, Yang, *ARPACK Users' Guide* (1998).

    Examples
    --------
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> matrix = aslinearoperator(np.diag([1.0, -4.0, 3.0]))
    >>> print(eigenvalues(matrix, 2).values, eigenvalues(matrix, which="magnitude").values)
    [3. 1.] [-4.]
    """
    size = size_of("eigenvalues", operator)
    errors.number("eigenvalues", "k", k, low=1, high=size, integer=True)
    errors.number("eigenvalues", "tolerance", tolerance, low=0)
    errors.number("eigenvalues", "seed", seed, low=0, integer=True)
    if which not in WHICH:
        raise InputError(
            f"eigenvalues: which is {errors.short(which)}, expected one of {', '.join(WHICH)}; choose one."
        )
    sign, key = WHICH[which]
    if size <= DENSE or k == size:
        values, vectors = eigh(dense(operator))
    else:
        values, vectors = _by_arpack(operator, k, sign, tolerance, seed)
    order = np.argsort(key(values), kind="stable")[:k]
    return Eigenpairs(values[order], vectors[:, order])


def _by_arpack(operator: LinearOperator, k: int, sign: int, tolerance: float, seed: int) -> Any:
    """The k eigenvalues of A + `sign` ‖A‖ I that are largest in magnitude, as eigenvalues of A.

    The shift makes ARPACK's accuracy relative to ‖A‖: relative to an eigenvalue near 0 it would never be reached.
    """
    size = operator.shape[0]
    start = np.random.default_rng(seed).standard_normal(size)
    if not (operator @ start).any():  # ARPACK refuses a matrix of zeros
        return np.zeros(k), np.eye(size, k)
    shift = 0.0
    if sign:
        values, _ = eigsh(operator, 1, tol=0.01, v0=start)
        shift = sign * abs(float(values[0]))
    shifted = LinearOperator(operator.shape, matvec=lambda v: operator @ v + shift * v, dtype=operator.dtype)
    values, vectors = eigsh(shifted, k, tol=tolerance, v0=start)
    return values - shift, vectors


def power_method(
    operator: LinearOperator, *, tolerance: float = 1e-6, max_steps: int = 1000, seed: int = 0
) -> Dominant:
    """The eigenvalue that is largest in magnitude: v ← A v / ‖A v‖ from a random vector.

    It ends when the residual is at most `tolerance` · |λ|, or after `max_steps`. The error shrinks by |λ₂ / λ₁| in each
    step: where the two are close, `eigenvalues` needs far fewer products.

    Parameters
    ----------
    operator : LinearOperator
        Symmetric, such as a `Hessian`.
    tolerance : float
    max_steps : int
        Number of products at most.
    seed : int

    Source: von Mises and Pollaczek-Geiringer, *Praktische Verfahren der Gleichungsauflösung* (1929); *Efficient
    BackProp*, §9.2.

    Examples
    --------
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> round(power_method(aslinearoperator(np.diag([1.0, -4.0, 3.0]))).value, 9)
    -4.0
    """
    size = size_of("power_method", operator)
    errors.number("power_method", "tolerance", tolerance, low=0)
    errors.number("power_method", "max_steps", max_steps, low=1, integer=True)
    errors.number("power_method", "seed", seed, low=0, integer=True)
    vector = np.random.default_rng(seed).standard_normal(size)
    vector /= np.linalg.norm(vector)
    value = residual = 0.0
    for _ in range(max_steps):
        product = operator @ vector
        value = float(vector @ product)
        residual = float(np.linalg.norm(product - value * vector))
        if residual <= tolerance * abs(value):
            break
        vector = product / np.linalg.norm(product)
    return Dominant(value, vector, residual)


def condition_number(operator: LinearOperator) -> float:
    """The largest eigenvalue in magnitude over the smallest, from the dense matrix.

    Infinite if the matrix is singular within rounding, as the Hessian of a large network is.

    Examples
    --------
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> condition_number(aslinearoperator(np.diag([1.0, -4.0, 3.0])))
    4.0
    """
    size_of("condition_number", operator)
    return ratio(eigvalsh(dense(operator)))


def ratio(values: np.ndarray) -> float:
    """The largest magnitude over the smallest; infinite if that is no more than a rounding error."""
    magnitudes = np.abs(values)
    largest, smallest = float(magnitudes.max()), float(magnitudes.min())
    return largest / smallest if smallest > len(values) * np.finfo(float).eps * largest else np.inf


def dense(operator: LinearOperator) -> np.ndarray:
    """The matrix of a symmetric operator, symmetric to the last bit."""
    if isinstance(operator, NetworkOperator):
        return operator.dense()
    matrix = operator @ np.eye(operator.shape[1])
    return (matrix + matrix.T) / 2
