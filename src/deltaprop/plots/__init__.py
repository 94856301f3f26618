"""Plots by matplotlib, in one style that is readable in print and by the colour-blind.

Every function draws on the axes `ax`, or on a new figure, in the colors of a `Palette`, and returns the axes. pyplot is
not used: save a figure with ``ax.figure.savefig("curves.png")``.

>>> import os
>>> ax = curves([1, 2, 3], {"train": [1.0, 0.5, 0.25]}, "loss")
>>> ax.figure.savefig(os.devnull, format="png")
"""

from ..style import LIGHT, PAGE, Palette, figure_of, panels, title
from .curves import curves, learning_curves
from .decision_boundary import decision_boundary
from .effects import estimates, values_by_arm
from .trajectories import trajectories

__all__ = [
    "LIGHT",
    "PAGE",
    "Palette",
    "curves",
    "decision_boundary",
    "estimates",
    "figure_of",
    "learning_curves",
    "panels",
    "title",
    "trajectories",
    "values_by_arm",
]
