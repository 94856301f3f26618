"""Predicted values against the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..style import LIGHT, Palette, styled
from .curves import DASHED


def predicted_against_true(
    y: Any, t: Any, name: str = "", *, ax: Axes | None = None, palette: Palette = LIGHT
) -> Axes:
    """Scatter plot of predictions `y` against true values `t`, both (n,), with the line y = t.

    Parameters
    ----------
    y, t : array of shape (n,)
    name : str
        Of the target, with its unit.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> predicted_against_true([1.1, 1.9], [1, 2], "price (€)").get_xlabel()
    'true price (€)'
    """
    ax = styled(ax, palette, 4.4, 3.8, grid="both")
    low, high = float(min(np.min(y), np.min(t))), float(max(np.max(y), np.max(t)))
    ax.plot([low, high], [low, high], color=palette.ink, **DASHED)
    ax.scatter(t, y, s=14, color=palette.color(0), alpha=0.55, linewidths=0)
    ax.set(xlabel=f"true {name}".strip(), ylabel=f"predicted {name}".strip())
    return ax


def residuals(y: Any, t: Any, name: str = "", *, ax: Axes | None = None, palette: Palette = LIGHT) -> Axes:
    """Histogram of the errors y − t; arguments and result as for `predicted_against_true`.

    Examples
    --------
    >>> residuals([1.1, 1.9], [1, 2], "price (€)").get_xlabel()
    'predicted − true price (€)'
    """
    ax = styled(ax, palette, 4.4, 3.8)
    error = np.asarray(y, float) - np.asarray(t, float)
    ax.hist(error, bins=min(40, max(8, len(error) // 12)), color=palette.color(0), alpha=0.75)
    ax.axvline(0, color=palette.ink, **DASHED)
    ax.set(xlabel=f"predicted − true {name}".strip(), ylabel="samples")
    return ax
