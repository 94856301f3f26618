"""Lanczos tridiagonalization, and what a few of its runs tell of a matrix: trace and spectral density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import LinearOperator

from .. import errors
from ..errors import InputError


class Estimate(NamedTuple):
    """A number estimated from random draws, and its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class SpectralDensity:
    """Where the eigenvalues of a matrix lie: weights at points on the line, as if the matrix had those eigenvalues.

    Attributes
    ----------
    nodes, weights : ndarray of shape (points,)
        Points, and the fraction of the eigenvalues that each stands for; the fractions sum to 1.
    size : int
        Number of eigenvalues.
    """

    nodes: np.ndarray
    weights: np.ndarray
    size: int

    def moment(self, power: int) -> float:
        """The mean of the eigenvalues' powers."""
        return float(self.weights @ self.nodes**power)

    def below(self, value: float) -> float:
        """The fraction of the eigenvalues below a value."""
        return float(self.weights[self.nodes < value].sum())

    def density(self, values: np.ndarray, width: float) -> np.ndarray:
        """The density at these values, every point drawn as a Gaussian of that standard deviation."""
        distance = (np.asarray(values, float)[:, None] - self.nodes) / width
        return np.exp(-0.5 * distance**2) @ self.weights / (width * (2 * np.pi) ** 0.5)


def lanczos(operator: LinearOperator, start: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The symmetric tridiagonal matrix that the operator is in the Krylov space of `start`.

    Every new vector is made orthogonal to all before it, twice, so that no eigenvalue appears more often than it is
    there.

    Parameters
    ----------
    operator : LinearOperator
        Symmetric, of shape (p, p).
    start : ndarray of shape (p,)
    steps : int
        Number of products at most; fewer where the Krylov space is smaller.

    Returns
    -------
    diagonal, off_diagonal : ndarray of shape (k,) and (k − 1,)

    Source: Golub and Van Loan, *Matrix Computations* (2013), §10.1 and 10.3.

    Examples
    --------
    >>> matrix = np.diag([1.0, 2.0, 5.0])
    >>> diagonal, off_diagonal = lanczos(matrix, np.ones(3), 3)
    >>> print(eigh_tridiagonal(diagonal, off_diagonal, eigvals_only=True).round(6))
    [1. 2. 5.]
    """
    steps = min(steps, start.size)
    basis = np.empty((steps, start.size))
    basis[0] = start / np.linalg.norm(start)
    diagonal, off_diagonal, largest = [], [], 0.0
    for k in range(steps):
        w = operator @ basis[k]
        diagonal.append(float(w @ basis[k]))
        for _ in range(2):
            w = w - basis[: k + 1].T @ (basis[: k + 1] @ w)
        beta = float(np.linalg.norm(w))
        largest = max(largest, abs(diagonal[-1]), beta)
        if k + 1 == steps or beta <= 1e-13 * largest:  # the Krylov space is exhausted
            break
        off_diagonal.append(beta)
        basis[k + 1] = w / beta
    return np.array(diagonal), np.array(off_diagonal)


def spectral_density(
    operator: LinearOperator, *, steps: int = 64, draws: int = 4, seed: int = 0
) -> SpectralDensity:
    """The density of the eigenvalues of a symmetric operator, by stochastic Lanczos quadrature.

    For a random vector v, vᵀ f(A) v / ‖v‖² has the mean tr f(A) / p; Lanczos gives its Gauss quadrature: `steps`
    nodes, exact for polynomials of degree 2 `steps` − 1. The mean over the draws is returned. Costs
    `steps` · `draws` products.

    Parameters
    ----------
    operator : LinearOperator
        Symmetric, such as a `Hessian`.
    steps : int
        Lanczos steps of each draw.
    draws : int
        Number of random vectors.
    seed : int

    Source: Golub and Welsch, *Calculation of Gauss quadrature rules* (1969); Ubaru, Chen, Saad, *Fast estimation of
    tr(f(A)) via stochastic Lanczos quadrature* (2017), algorithm 1.

    Examples
    --------
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> density = spectral_density(aslinearoperator(np.diag([0.0, 0.0, 0.0, 4.0])), draws=400)
    >>> round(density.below(1), 1), round(density.moment(1), 1)
    (0.7, 1.0)
    """
    size = _checked("spectral_density", operator, draws=draws, steps=steps, seed=seed)
    rng = np.random.default_rng(seed)
    nodes, weights = [], []
    for _ in range(draws):
        tridiagonal = lanczos(operator, rng.standard_normal(size), steps)
        values, vectors = eigh_tridiagonal(*tridiagonal)
        nodes.append(values)
        weights.append(vectors[0] ** 2 / draws)
    return SpectralDensity(np.concatenate(nodes), np.concatenate(weights), size)


def estimate_trace(operator: LinearOperator, *, draws: int = 100, seed: int = 0) -> Estimate:
    """The trace of a symmetric operator by Hutchinson's estimator: the mean of vᵀ A v, the entries of v ±1 at random.

    The mean over the draws is unbiased; only the entries off the diagonal make it vary. Costs `draws` products.

    Parameters
    ----------
    operator : LinearOperator
        Symmetric, such as a `Hessian`.
    draws : int
        Number of random vectors, at least 2.
    seed : int

    Returns
    -------
    Estimate
        ``value`` and ``standard_error``, the standard deviation of the draws over √draws.

    Source: Hutchinson, *A stochastic estimator of the trace of the influence matrix* (1990).

    Examples
    --------
    >>> from scipy.sparse.linalg import aslinearoperator
    >>> estimate_trace(aslinearoperator(np.diag([1.0, 2.0])), draws=5)  # exact for a diagonal matrix
    Estimate(value=3.0, standard_error=0.0)
    """
    size = _checked("estimate_trace", operator, draws=draws, least_draws=2, seed=seed)
    rng = np.random.default_rng(seed)
    products = np.empty(draws)
    for i in range(draws):
        v = rng.choice([-1.0, 1.0], size)
        products[i] = v @ (operator @ v)
    return Estimate(float(products.mean()), float(products.std(ddof=1) / draws**0.5))


def _checked(
    obj: str, operator: LinearOperator, *, draws: int, seed: int, steps: int = 1, least_draws: int = 1
) -> int:
    """The size of a square operator, after the arguments have been checked."""
    errors.number(obj, "draws", draws, low=least_draws, integer=True)
    errors.number(obj, "steps", steps, low=1, integer=True)
    errors.number(obj, "seed", seed, low=0, integer=True)
    return size_of(obj, operator)


def size_of(obj: str, operator: LinearOperator) -> int:
    """The size of a square operator; refused if it is not square."""
    rows, columns = operator.shape
    if rows != columns:
        raise InputError(
            f"{obj}: operator has shape {operator.shape}, expected a square one; give a Hessian or a GaussNewton."
        )
    return rows
