"""Experiments: what the literature claims of backpropagation, measured, with a verdict and a picture.

`course` has the items of the literature and the table of experiments, each a short file in the folder of its section.
`compare_solvers`, `compare_hessians`, `spectra` and `trade_off` measure second-order methods.
"""

from . import claims, course
from .claims import Less, More, Verdict, Within
from .comparison import Comparison, compare_solvers
from .course import EXPERIMENTS, ITEMS, experiment
from .experiment import Experiment, Measured, Result, Setting
from .hessian_methods import HessianMethods, compare_hessians
from .problem import Problem
from .spectrum import Spectra, spectra
from .trade_off import TradeOff, trade_off

__all__ = [
    "EXPERIMENTS",
    "ITEMS",
    "Comparison",
    "Experiment",
    "HessianMethods",
    "Less",
    "Measured",
    "More",
    "Problem",
    "Result",
    "Setting",
    "Spectra",
    "TradeOff",
    "Verdict",
    "Within",
    "claims",
    "compare_hessians",
    "compare_solvers",
    "course",
    "experiment",
    "spectra",
    "trade_off",
]
