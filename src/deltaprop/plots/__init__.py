"""Plots by matplotlib, in one style that is readable in print and by the colour-blind.

Every function draws on the axes `ax`, or on a new figure, in the colors of a `Palette`, and returns the axes. pyplot is
not used: save a figure with ``ax.figure.savefig("curves.png")``.

>>> import os
>>> ax = curves([1, 2, 3], {"train": [1.0, 0.5, 0.25]}, "loss")
>>> ax.figure.savefig(os.devnull, format="png")
"""

from ..style import LIGHT, PAGE, Palette, figure_of, legend, logarithmic, panels, styled, title
from .confusion_matrix import confusion_matrix
from .curves import curves, learning_curves
from .decision_boundary import decision_boundary
from .effects import estimates, values_by_arm
from .layers import activation_histograms, gradient_norms, layer_curves
from .network_diagram import network_diagram
from .predictions import predicted_against_true, residuals
from .spectrum import eigenvalue_density
from .trajectories import trajectories
from .weight_images import weight_images

__all__ = [
    "LIGHT",
    "PAGE",
    "Palette",
    "activation_histograms",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "eigenvalue_density",
    "estimates",
    "figure_of",
    "gradient_norms",
    "layer_curves",
    "learning_curves",
    "legend",
    "logarithmic",
    "network_diagram",
    "panels",
    "predicted_against_true",
    "residuals",
    "styled",
    "title",
    "trajectories",
    "values_by_arm",
    "weight_images",
]
