"""The decision boundary of a predictor in the plane of two of its features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from .. import errors
from ..errors import InputError, short
from ..network import Network
from ..style import LIGHT, Palette, legend, styled
from .plane import Plane

PROBABILITY = 0.5  # the threshold of a single output that is a probability
SHADES = (0.10, 0.18, 0.28, 0.40)  # opacity, from an uncertain to a certain prediction


def decision_boundary(
    predictor: Any,
    x: Any,
    t: Any = None,
    *,
    features: tuple[Any, Any] = (0, 1),
    others: Literal["mean", "median"] | Sequence[float] = "median",
    threshold: float | None = None,
    class_names: Sequence[str] | None = None,
    resolution: int = 200,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """The classes that a predictor assigns over two features, with their boundary and the samples.

    The more certain a prediction, the darker its shade. A predicted value, of a regression, is drawn as contour lines.

    Parameters
    ----------
    predictor : Network, estimator or callable
        A network, an estimator of scikit-learn's interface, or a function of inputs (n, inputs) that returns
        scores of classes (n, classes), a single score (n,) or (n, 1), or values.
    x : array or data frame of shape (n, inputs)
        The samples; they determine the ranges that are drawn.
    t : array of shape (n,), optional
        Their classes; drawn by color and marker.
    features : pair of int or str
        Which features are the axes; names if `x` is a data frame.
    others : {"mean", "median"} or sequence of float
        What all other features are held at: their mean or median over the samples (categories: the most frequent), or
        the numbers of one sample (inputs,).
    threshold : float, optional
        A single output is the second class from here on. By default 0.5 for probabilities, 0 for scores such as
        ``decision_function``; the outputs of regressions and of functions are values unless it is given.
    class_names : sequence of str, optional
        By default the classes of the estimator, or 0, 1, ….
    resolution : int
        Points of the grid in each direction.
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the features are not two different columns of `x`, or `others` do not fit.

    Examples
    --------
    >>> from deltaprop import Dense, Network
    >>> net = Network([Dense(2), "relu", Dense(1)], inputs=2)
    >>> net.layers[0].w = [[1, 1], [1, 1]]; net.layers[0].b = [0, -1]
    >>> net.layers[2].w = [[1, -2]]; net.layers[2].b = [0]
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> ax = decision_boundary(net, x, [0, 1, 1, 0], threshold=0.5)
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('x1', ['class 0', 'class 1'])
    """
    errors.number("decision_boundary", "resolution", resolution, low=2, integer=True)
    plane = Plane.of(x, features, others, resolution)
    ax = styled(ax, palette, 4.4, 3.8, grid="")
    scores = _margins(predictor, plane.samples, threshold)
    if scores.shape[1] == 1:
        _draw_values(ax, plane, scores[:, 0], palette)
    else:
        _draw_classes(ax, plane, scores, palette)
    if t is not None:
        classes, outputs = getattr(predictor, "classes_", None), max(2, scores.shape[1])
        codes, names = _codes(t, len(plane.points), outputs, classes, class_names)
        _draw_samples(ax, plane.points, codes, names, palette)
    ax.set(
        xlim=plane.first[[0, -1]], ylim=plane.second[[0, -1]], xlabel=plane.names[0], ylabel=plane.names[1]
    )
    return ax


def _margins(predictor: Any, samples: Any, threshold: float | None) -> np.ndarray:
    """How far each class is ahead of the best other one, (n, classes), in [−1, 1]; or values (n, 1).

    Probabilities give the difference of the two; other scores are divided by the largest in the plane.
    """
    scores, default = _scores(predictor, samples)
    scores = np.asarray(scores, float)
    scores = scores.reshape(len(scores), -1)
    if scores.shape[1] == 1:
        threshold = default if threshold is None else threshold
        if threshold is None:
            return scores
        scores = np.hstack([threshold - scores, scores - threshold])
    ordered = np.sort(scores, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    margins = scores - np.where(scores == best, second, best)
    probabilities = default == PROBABILITY
    return margins if probabilities else margins / (np.abs(margins).max() or 1.0)


def _scores(predictor: Any, samples: Any) -> tuple[Any, float | None]:
    """Outputs (n,) or (n, k), and the threshold of a single one; None if outputs are values."""
    if isinstance(predictor, Network):
        loss = predictor.loss
        bounded = loss.output_map in ("softmax", "sigmoid", "step")
        default = (PROBABILITY if bounded else 0.0) if loss.classification else None
        return predictor.predict(samples), default
    if hasattr(predictor, "predict_proba"):
        return predictor.predict_proba(samples), PROBABILITY
    if hasattr(predictor, "decision_function"):
        return predictor.decision_function(samples), 0.0
    if hasattr(predictor, "classes_"):
        return np.asarray(predictor.predict(samples))[:, None] == predictor.classes_, PROBABILITY
    if hasattr(predictor, "predict"):
        return predictor.predict(samples), None
    if callable(predictor):
        return predictor(samples), None
    raise InputError(
        f"decision_boundary: predictor is {short(predictor)}, expected a Network, an estimator or a function; "
        "give one of them."
    )


def _draw_classes(ax: Axes, plane: Plane, margins: np.ndarray, palette: Palette) -> None:
    levels = np.linspace(0, 1, len(SHADES) + 1)
    levels[-1] = 1.01  # a certain prediction is inside
    for k, margin in enumerate(margins.T):
        grid = margin.reshape(len(plane.second), len(plane.first))
        if grid.max() <= 0:
            continue
        shades = [to_rgba(palette.color(k), opacity) for opacity in SHADES]
        ax.contourf(plane.first, plane.second, grid, levels=levels, colors=shades)
        if grid.min() < 0 and (k or margins.shape[1] > 2):  # two classes share their boundary
            ax.contour(plane.first, plane.second, grid, levels=[0.0], colors=palette.ink, linewidths=1.2)


def _draw_values(ax: Axes, plane: Plane, values: np.ndarray, palette: Palette) -> None:
    grid = values.reshape(len(plane.second), len(plane.first))
    if np.ptp(grid) == 0:
        return
    lines = ax.contour(plane.first, plane.second, grid, levels=9, colors=palette.ink, linewidths=0.8)
    levels = np.array([-np.inf, *lines.levels, np.inf])
    shades = [to_rgba(palette.color(0), 0.5 * i / len(levels)) for i in range(len(levels) - 1)]
    levels[0], levels[-1] = min(grid.min(), levels[1]) - 1, max(grid.max(), levels[-2]) + 1
    ax.contourf(plane.first, plane.second, grid, levels=levels, colors=shades)
    ax.clabel(lines, fontsize=8)


def _draw_samples(
    ax: Axes, points: np.ndarray, codes: np.ndarray, names: Sequence[str], palette: Palette
) -> None:
    small = len(points) > 300
    for k, name in enumerate(names):
        chosen = points[codes == k]
        ax.scatter(
            *chosen.T,
            s=8 if small else 26,
            color=palette.color(k),
            marker=palette.marker(k),
            edgecolors=palette.background if palette.background != "none" else palette.ink,
            linewidths=0.3 if small else 0.7,
            zorder=3,
            label=name,
        )
    legend(ax, palette)


def _codes(
    t: Any, n: int, outputs: int, classes: Any, class_names: Sequence[str] | None
) -> tuple[np.ndarray, list[str]]:
    """The number of each sample's class, as the outputs are numbered, and the names of the classes."""
    t = np.asarray(t).reshape(-1)
    if len(t) != n:
        got = f"t has {len(t)} labels"
        raise InputError(f"decision_boundary: {got}, expected {n}, one for each sample of x; give as many.")
    if classes is None:
        coded = t.dtype.kind in "biu" and t.min(initial=0) >= 0 and t.max(initial=0) < outputs
        classes = np.arange(outputs) if coded else np.unique(t)
    codes = np.searchsorted(classes, t)
    names = [f"class {c}" if isinstance(c, (int, np.integer)) else str(c) for c in classes]
    if class_names is not None and len(class_names) != len(names):
        got = f"class_names has {len(class_names)} names"
        raise InputError(
            f"decision_boundary: {got}, expected {len(names)}, one for each class; give as many."
        )
    return codes, names if class_names is None else list(map(str, class_names))
