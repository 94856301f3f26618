"""Second derivatives of a network: the Hessian, the Gauss–Newton matrix, the Jacobian, and their spectra."""

from .diagonal import hessian_diagonal
from .differences import FiniteDifferences
from .operators import Curvature, GaussNewton, Hessian, Jacobian

__all__ = ["Curvature", "FiniteDifferences", "GaussNewton", "Hessian", "Jacobian", "hessian_diagonal"]
