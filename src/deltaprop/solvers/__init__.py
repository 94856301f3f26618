"""Full-batch optimization: methods that look at all samples in every step, most of them of second order."""

from __future__ import annotations

from typing import Any

from ..errors import choose
from ..optimizers import OPTIMIZERS, Optimizer
from .base import Point, Solver
from .bayesian import BayesianLevenbergMarquardt
from .engine import FullBatch, select
from .gauss_newton import GaussNewton
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt
from .newton import Newton
from .scaled_conjugate_gradient import ScaledConjugateGradient
from .scipy_minimizer import ScipyMinimizer

__all__ = [
    "LBFGS",
    "RULES",
    "SOLVERS",
    "BayesianLevenbergMarquardt",
    "FullBatch",
    "GaussNewton",
    "LevenbergMarquardt",
    "Newton",
    "Point",
    "ScaledConjugateGradient",
    "ScipyMinimizer",
    "Solver",
    "as_rule",
    "select",
]

SOLVERS: dict[str, Solver] = {
    "lbfgs": LBFGS(),
    "lm": LevenbergMarquardt(),
    "bayesian_lm": BayesianLevenbergMarquardt(),
    "newton": Newton(),
    "gauss_newton": GaussNewton(),
    "scg": ScaledConjugateGradient(),
    "newton_cg": ScipyMinimizer("Newton-CG"),
    "trust_region": ScipyMinimizer("trust-ncg"),
    "bfgs": ScipyMinimizer("BFGS"),
    "cg": ScipyMinimizer("CG"),
}

#: Every optimizer and every solver, by name.
RULES: dict[str, Optimizer | Solver] = OPTIMIZERS | SOLVERS


def as_rule(value: Any) -> Optimizer | Solver:
    """The optimizer or solver of that name, or the given object itself.

    Raises
    ------
    InputError
        If `value` is neither; the message lists the names.

    Examples
    --------
    >>> as_rule("lbfgs").memory
    10
    """
    return value if isinstance(value, Solver) else choose("fit", "optimizer", value, RULES, Optimizer)
