"""The spectrum of a Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from ..style import LIGHT, Palette, legend, logarithmic, styled

if TYPE_CHECKING:
    from ..curvature import Spectrum

POINTS = 600  # of a curve
SHARPNESS = 80  # the range of the eigenvalues over the width of the Gaussian that stands for one


def eigenvalue_density(spectrum: Spectrum, *, ax: Axes | None = None, palette: Palette = LIGHT) -> Axes:
    """Eigenvalues per unit of length, on a logarithmic axis: of the whole matrix, and of each layer's block.

    The marks on the axis are the smallest and the largest eigenvalues of the whole matrix.

    Parameters
    ----------
    spectrum : deltaprop.curvature.Spectrum
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes
    """
    ax = styled(ax, palette, 6.4, 3.4)
    low, high = min(spectrum.smallest, 0.0), max(spectrum.largest[0], 0.0)
    width = (high - low or 1.0) / SHARPNESS
    values = np.linspace(low - 4 * width, high + 4 * width, POINTS)
    name = spectrum.name
    top = 0.0
    for i, (label, part) in enumerate({name: spectrum, **spectrum.layers}.items()):
        counts = part.size * part.density.density(values, width)
        top = max(top, counts.max())
        style = palette.line(i, POINTS)
        style["linewidth"] = 1.8 if i == 0 else 1.2
        ax.plot(values, counts, label=label if i == 0 else f"layer {label}", **style)
        if i == 0:
            ax.fill_between(values, counts, color=palette.color(0), alpha=0.12, linewidth=0)
    floor = 0.05 / (width * (2 * np.pi) ** 0.5)  # a twentieth of the height of a single eigenvalue
    logarithmic(ax.yaxis)
    ax.set_ylim(floor, 3 * top)
    ends = np.append(spectrum.largest, spectrum.smallest)
    ax.plot(ends, np.full(len(ends), 0.02), "|", transform=ax.get_xaxis_transform(), color=palette.ink, ms=7)
    ax.set(xlabel="eigenvalue", ylabel="eigenvalues per unit")
    ax.set_xlim(values[0], values[-1])
    legend(ax, palette)
    return ax
