"""Experiments: what the methods of the package do, measured and drawn. Each is a function that returns its result."""

from .comparison import Comparison, compare_solvers
from .hessian_methods import HessianMethods, compare_hessians
from .spectrum import Spectra, spectra
from .trade_off import TradeOff, trade_off

__all__ = [
    "Comparison",
    "HessianMethods",
    "Spectra",
    "TradeOff",
    "compare_hessians",
    "compare_solvers",
    "spectra",
    "trade_off",
]
