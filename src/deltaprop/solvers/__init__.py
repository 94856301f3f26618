"""Full-batch optimization methods."""

from .lbfgs import LBFGS, Point

__all__ = ["LBFGS", "Point"]
