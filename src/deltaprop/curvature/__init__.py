"""Second derivatives of a network: the Hessian, the Gauss–Newton matrix, the Jacobian, and their spectra."""

from .diagonal import hessian_diagonal
from .differences import FiniteDifferences
from .eigenvalues import Dominant, Eigenpairs, condition_number, eigenvalues, power_method
from .lanczos import Estimate, SpectralDensity, estimate_trace, lanczos, spectral_density
from .operators import Curvature, GaussNewton, Hessian, Jacobian, NetworkOperator
from .spectrum import Spectrum, spectrum

__all__ = [
    "Curvature",
    "Dominant",
    "Eigenpairs",
    "Estimate",
    "FiniteDifferences",
    "GaussNewton",
    "Hessian",
    "Jacobian",
    "NetworkOperator",
    "SpectralDensity",
    "Spectrum",
    "condition_number",
    "eigenvalues",
    "estimate_trace",
    "hessian_diagonal",
    "lanczos",
    "power_method",
    "spectral_density",
    "spectrum",
]
