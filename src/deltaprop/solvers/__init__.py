"""Methods over all samples at once."""

from .lbfgs import LBFGS, Point

__all__ = ["LBFGS", "Point"]
