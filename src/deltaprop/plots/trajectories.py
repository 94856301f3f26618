"""Paths of descent on the contours of a function of two variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..errors import InputError, short
from ..style import LIGHT, Palette, legend, styled

LEVELS = 14
POINTS = 200  # of the grid, in each direction


def trajectories(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray],
    paths: Mapping[str, Any],
    *,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    log: bool = True,
    minimum: tuple[float, float] | None = None,
    xlabel: str = "θ₁",
    ylabel: str = "θ₂",
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """Paths in the plane on the contours of a function.

    Parameters
    ----------
    function : callable
        Of two arrays of the same shape; returns the values, of that shape.
    paths : mapping of str to array of shape (steps + 1, 2)
        The points of each path in order; the first is its start. Points that are not finite end it.
    xlim, ylim : pair of float, optional
        By default what the paths cover, and a margin.
    log : bool
        Whether the levels are equally spaced in the logarithm of the function above its smallest value in the plane, as
        suits a ravine; otherwise in the function.
    minimum : pair of float, optional
        Marked by a star.
    xlabel, ylabel : str
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Examples
    --------
    >>> path = np.array([0.9, -0.8]) ** np.arange(20)[:, None]
    >>> ax = trajectories(lambda x, y: x**2 + 18 * y**2, {"gradient descent": path}, minimum=(0, 0))
    >>> ax.get_legend().get_texts()[0].get_text()
    'gradient descent'
    """
    points = {name: _finite(name, path) for name, path in paths.items()}
    covered = np.concatenate([*points.values(), np.reshape(minimum if minimum is not None else [], (-1, 2))])
    ax = styled(ax, palette, 4.8, 3.8, grid="")
    xlim, ylim = xlim or _limits(covered[:, 0]), ylim or _limits(covered[:, 1])
    _contours(ax, function, xlim, ylim, log, palette)
    for i, (name, path) in enumerate(points.items()):
        style = palette.line(i, len(path)) | {
            "marker": palette.marker(i),
            "markersize": 3.5,
            "linewidth": 1.4,
        }
        style["markevery"] = max(1, len(path) // 40)
        ax.plot(path[:, 0], path[:, 1], label=name, **style)
        ax.plot(*path[0], "o", color=palette.ink, markersize=7, fillstyle="none", zorder=4)
    if minimum is not None:
        ax.plot(*minimum, "*", color=palette.ink, markersize=11, zorder=4)
    ax.set(xlim=xlim, ylim=ylim, xlabel=xlabel, ylabel=ylabel)
    if points:
        legend(ax, palette)
    return ax


def _contours(
    ax: Axes,
    function: Callable[..., Any],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    log: bool,
    palette: Palette,
) -> None:
    x, y = np.linspace(*xlim, POINTS), np.linspace(*ylim, POINTS)
    values = np.asarray(function(*np.meshgrid(x, y)), float)
    levels: Any = LEVELS
    low, high = np.nanmin(values), np.nanmax(values)
    if log and high > low:
        heights = values - low
        floor = max(np.percentile(heights[heights > 0], 0.5), 1e-6 * (high - low))
        levels = low + np.geomspace(floor, high - low, LEVELS)
    ax.contour(x, y, values, levels=levels, colors=palette.faint, linewidths=0.9, zorder=0)


def _finite(name: str, path: Any) -> np.ndarray:
    points = np.asarray(path, float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise InputError(
            f"trajectories: path {short(name)} has shape {points.shape}, expected (steps + 1, 2); give a point a row."
        )
    inside = np.isfinite(points).all(axis=1)
    return points if inside.all() else points[: max(1, int(np.argmin(inside)))]


def _limits(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.1 * (high - low or 1.0)
    return low - margin, high + margin
