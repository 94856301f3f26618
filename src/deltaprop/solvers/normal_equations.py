"""The Gauss–Newton matrix G = AᵀA + diag(decay), and solving (G + diag(damping)) p = −g."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np


class NormalEquations(ABC):
    """G = AᵀA + diag(decay) of a network with p parameters, where A has a row for each residual. `decay` may change.

    Solving fails, with None, where rounding leaves the damped matrix without a Cholesky factor.
    """

    def __init__(self, decay: np.ndarray):
        self.decay = decay

    @abstractmethod
    def diagonal(self) -> np.ndarray:
        """The diagonal of G, shape (p,)."""

    @abstractmethod
    def solve(self, grad: np.ndarray, damping: np.ndarray) -> np.ndarray | None:
        """p = −(G + diag(damping))⁻¹ g, or None."""

    @abstractmethod
    def inverse_diagonal(self, damping: np.ndarray) -> np.ndarray | None:
        """The diagonal of (G + diag(damping))⁻¹, or None."""


def normal_equations(parts: Iterable[np.ndarray], rows: int, decay: np.ndarray) -> NormalEquations:
    """G in the form that is cheaper to solve with: p × p, or rows × rows where A has fewer rows than columns."""
    return (ByResiduals if rows < decay.size else ByParameters)(parts, decay)


class ByParameters(NormalEquations):
    """AᵀA itself, p × p; A is taken in parts and never held as a whole."""

    def __init__(self, parts: Iterable[np.ndarray], decay: np.ndarray):
        from scipy.linalg.blas import dsyrk

        super().__init__(decay)
        p = decay.size
        #: Its lower triangle is the matrix, in Fortran's order.
        self.matrix = np.zeros((p, p), order="F")
        for part in parts:
            self.matrix = dsyrk(1.0, part.T, 1.0, self.matrix, lower=1, overwrite_c=1)

    def diagonal(self):
        return self.matrix.diagonal() + self.decay

    def solve(self, grad, damping):
        from scipy.linalg.lapack import dpotrs

        factor = self.factor(damping)
        return None if factor is None else dpotrs(factor, -grad, lower=1)[0]

    def factor(self, damping: np.ndarray) -> np.ndarray | None:
        """The lower triangle of the Cholesky factor of G + diag(damping), or None."""
        from scipy.linalg.lapack import dpotrf

        damped = self.matrix.copy(order="F")
        damped[np.diag_indices(len(damped))] += self.decay + damping
        factor, failed = dpotrf(damped, lower=1, clean=0, overwrite_a=1)
        return None if failed else factor

    def inverse_diagonal(self, damping):
        from scipy.linalg.lapack import dpotri

        factor = self.factor(damping)
        if factor is None:
            return None
        inverse, failed = dpotri(factor, lower=1, overwrite_c=1)
        return None if failed else inverse.diagonal().copy()


class ByResiduals(NormalEquations):
    """A, with fewer rows than there are parameters. With C = diag(decay + damping) and B = A C^(−½)::

        (AᵀA + C)⁻¹ = C⁻¹ − C^(−½) Bᵀ (I + B Bᵀ)⁻¹ B C^(−½)

    so that only a matrix of rows × rows is factored (Sherman, Morrison, Woodbury). C must be positive.
    """

    def __init__(self, parts: Iterable[np.ndarray], decay: np.ndarray):
        super().__init__(decay)
        self.a = np.concatenate([part.copy() for part in parts])

    def diagonal(self):
        return np.square(self.a).sum(axis=0) + self.decay

    def solve(self, grad, damping):
        from scipy.linalg.lapack import dpotrs

        root, b, factor = self._factor(damping)
        if factor is None:
            return None
        scaled = grad / root
        return (b.T @ dpotrs(factor, b @ scaled, lower=1)[0] - scaled) / root

    def inverse_diagonal(self, damping):
        from scipy.linalg import solve_triangular

        root, b, factor = self._factor(damping)
        if factor is None:
            return None
        return (1 - np.square(solve_triangular(factor, b, lower=True)).sum(axis=0)) / np.square(root)

    def _factor(self, damping: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """√C, B, and the Cholesky factor of I + B Bᵀ, or None."""
        from scipy.linalg.lapack import dpotrf

        root = np.sqrt(self.decay + damping)
        b = self.a / root
        inner = b @ b.T
        inner[np.diag_indices(len(inner))] += 1
        factor, failed = dpotrf(inner, lower=1, overwrite_a=1)
        return root, b, None if failed else factor
