"""The weights of units as images."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .. import errors
from ..errors import InputError
from ..network import Network
from ..style import LIGHT, Palette, figure_of, styled


def weight_images(
    weights: Network | Any,
    shape: tuple[int, int] | None = None,
    *,
    units: int = 36,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """The weights of each unit as an image of the inputs: blue is negative, white 0, red positive.

    The scale is that of the largest magnitude, the same for all units.

    Parameters
    ----------
    weights : Network, or array of shape (units, inputs)
        A network, whose first layer with weights is shown, or the weights.
    shape : pair of int, optional
        Height and width of the images; by default square ones.
    units : int
        At most so many units are shown, those with the largest norm, in their order.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the network has no layer with weights, or the shape does not fit the inputs.

    Examples
    --------
    >>> from deltaprop import Dense
    >>> ax = weight_images(Network([Dense(6), "relu", Dense(10)], inputs=64))
    >>> ax.images[0].get_array().shape  # 2 × 3 images of 8 × 8, with gaps of 1
    (17, 26)
    """
    errors.number("weight_images", "units", units, low=1, integer=True)
    w = _weights(weights)
    side = round(w.shape[1] ** 0.5)
    height, width = (side, side) if shape is None else shape
    if height * width != w.shape[1]:
        got = f"shape is {shape}" if shape is not None else f"{w.shape[1]} inputs are not a square"
        raise InputError(
            f"weight_images: {got}, expected height × width = {w.shape[1]}; give the shape of the images."
        )
    shown = np.sort(np.argsort(-np.linalg.norm(w, axis=1), kind="stable")[:units])
    mosaic = _mosaic(w[shown].reshape(-1, height, width))
    ax = styled(ax, palette, 4.8, 4.8 * mosaic.shape[0] / mosaic.shape[1], grid="")
    largest = float(np.abs(w[shown]).max()) or 1.0
    image = ax.imshow(mosaic, cmap="RdBu_r", vmin=-largest, vmax=largest, interpolation="nearest")
    bar = figure_of(ax).colorbar(image, ax=ax, shrink=0.8, pad=0.02)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.ax.tick_params(color=palette.faint, labelcolor=palette.ink, labelsize=8)
    bar.set_label("weight", color=palette.ink, fontsize=9.5)
    ax.set_axis_off()
    return ax


def _weights(weights: Network | Any) -> np.ndarray:
    if isinstance(weights, Network):
        found = [block for block in weights.layout if block.parameter == "w" and len(block.shape) == 2]
        if not found:
            raise InputError("weight_images: the network has no layer with weights, expected one; add Dense.")
        return found[0].of(weights.theta).astype(float)
    w = errors.finite("weight_images", "weights", errors.numeric("weight_images", "weights", weights))
    if w.ndim != 2 or not w.size:
        got = f"weights has shape {w.shape}"
        raise InputError(f"weight_images: {got}, expected (units, inputs); give a row for each unit.")
    return w.astype(float)


def _mosaic(images: np.ndarray) -> np.ndarray:
    """Images (n, height, width) in rows, with gaps of NaN."""
    n, height, width = images.shape
    columns = int(np.ceil((n * height / width) ** 0.5))
    rows = -(-n // columns)
    mosaic = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for i, image in enumerate(images):
        top, left = i // columns * (height + 1), i % columns * (width + 1)
        mosaic[top : top + height, left : left + width] = image
    return mosaic
