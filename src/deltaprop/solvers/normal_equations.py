"""The Gauss–Newton matrix G = AᵀA + diag(decay), and systems of equations with G + diag(damping)."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np


class Factored(ABC):
    """G + diag(damping), factored once to be solved with several times."""

    @abstractmethod
    def solve(self, v: np.ndarray) -> np.ndarray:
        """(G + diag(damping))⁻¹ v, shape (p,)."""

    @abstractmethod
    def inverse_diagonal(self) -> np.ndarray:
        """The diagonal of (G + diag(damping))⁻¹, shape (p,)."""


class NormalEquations(ABC):
    """G = AᵀA + diag(decay) of a network with p parameters, where A has a row for each residual. `decay` may change."""

    def __init__(self, decay: np.ndarray):
        self.decay = decay

    @abstractmethod
    def diagonal(self) -> np.ndarray:
        """The diagonal of G, shape (p,)."""

    @abstractmethod
    def damped(self, damping: np.ndarray) -> Factored | None:
        """G + diag(damping); None where rounding leaves it without a Cholesky factor."""


class ByParameters(NormalEquations):
    """AᵀA itself, p × p: the lower triangle of `matrix`, in Fortran's order.

    The factors of `damped` are written into `room`, an array like it, each in place of the one before.
    """

    def __init__(self, matrix: np.ndarray, decay: np.ndarray, room: np.ndarray | None = None):
        super().__init__(decay)
        self.matrix = matrix
        self.room = np.empty_like(matrix, order="F") if room is None else room

    def diagonal(self):
        return self.matrix.diagonal() + self.decay

    def damped(self, damping):
        self.room[:] = self.matrix
        self.room[np.diag_indices(len(self.room))] += self.decay + damping
        factor = _cholesky(self.room)
        return None if factor is None else _Cholesky(factor)


class _Cholesky(Factored):
    def __init__(self, factor: np.ndarray):
        self.factor = factor

    def solve(self, v):
        from scipy.linalg.lapack import dpotrs

        return dpotrs(self.factor, v, lower=1)[0]

    def inverse_diagonal(self):
        from scipy.linalg.lapack import dtrtri

        inverse = np.tril(dtrtri(self.factor, lower=1)[0])  # (L Lᵀ)⁻¹ = L⁻ᵀ L⁻¹
        return np.square(inverse, out=inverse).sum(axis=0)


class ByResiduals(NormalEquations):
    """A, with fewer rows than there are parameters. With C = diag(decay + damping), which is positive::

        (AᵀA + C)⁻¹ = C⁻¹ − C^(−½) Bᵀ (I + B Bᵀ)⁻¹ B C^(−½),  B = A C^(−½)

    so that only a matrix of rows × rows is factored (Sherman, Morrison, Woodbury).
    """

    def __init__(self, a: np.ndarray, decay: np.ndarray):
        super().__init__(decay)
        self.a = a

    def diagonal(self):
        return np.einsum("ij,ij->j", self.a, self.a) + self.decay

    def damped(self, damping):
        root = np.sqrt(self.decay + damping)
        b = self.a / root
        inner = b @ b.T
        inner[np.diag_indices(len(inner))] += 1
        factor = _cholesky(inner)
        return None if factor is None else _Woodbury(root, b, factor)


class _Woodbury(Factored):
    def __init__(self, root: np.ndarray, b: np.ndarray, factor: np.ndarray):
        self.root, self.b, self.factor = root, b, factor

    def solve(self, v):
        from scipy.linalg.lapack import dpotrs

        scaled = v / self.root
        return (scaled - self.b.T @ dpotrs(self.factor, self.b @ scaled, lower=1)[0]) / self.root

    def inverse_diagonal(self):
        from scipy.linalg import solve_triangular

        half = solve_triangular(self.factor, self.b, lower=True)
        return (1 - np.einsum("ij,ij->j", half, half)) / np.square(self.root)


def _cholesky(matrix: np.ndarray) -> np.ndarray | None:
    """The lower triangle of the Cholesky factor, in the matrix's own memory where its order allows; or None."""
    from scipy.linalg.lapack import dpotrf

    factor, failed = dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
    return None if failed else factor
