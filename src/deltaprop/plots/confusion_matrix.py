"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..errors import InputError
from ..style import LIGHT, Palette, styled

MAX_LABELLED_CLASSES = 26


def confusion_matrix(
    matrix: Any,
    classes: Sequence[Any] | np.ndarray | None = None,
    *,
    ax: Axes | None = None,
    palette: Palette = LIGHT,
) -> Axes:
    """A confusion matrix of counts: rows are true classes, columns predicted; the color is the fraction of the row.

    Parameters
    ----------
    matrix : array of shape (k, k)
        As ``sklearn.metrics.confusion_matrix(t, y)`` returns it.
    classes : sequence of length k, optional
        Their names; by default 0, 1, ….
    ax : Axes, optional
        Where to draw; by default a new figure.
    palette : Palette

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the matrix is not square, or the classes are not as many.

    Examples
    --------
    >>> confusion_matrix([[5, 1], [0, 4]], ["no", "yes"]).get_xlabel()
    'predicted'
    """
    matrix = np.asarray(matrix)
    k = len(matrix)
    classes = range(k) if classes is None else classes
    if matrix.shape != (k, k) or len(classes) != k:
        got = f"matrix has shape {matrix.shape} for {len(classes)} classes"
        raise InputError(f"confusion_matrix: {got}, expected (k, k) for k classes; give one name for each.")
    size = min(6.5, 1.6 + 0.3 * k)
    ax = styled(ax, palette, size, size, grid="")
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    for (i, j), part in np.ndenumerate(share):
        color = palette.color(0) if i == j else palette.color(4)
        # The root and the offset make a single error visible.
        strength = 0.5 * float(part) ** 0.5 + (0.15 if i != j and part else 0.0)
        ax.add_patch(Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, facecolor=color, alpha=strength))
        if k <= MAX_LABELLED_CLASSES and matrix[i, j]:
            text = f"{matrix[i, j]:g}"
            size = 8 if len(text) < 4 else 6.5
            ax.text(j, i, text, ha="center", va="center", fontsize=size, color=palette.ink)
    ax.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5), aspect="equal", xlabel="predicted", ylabel="true")
    every = max(1, -(-k // 40))
    shown = range(0, k, every)
    names = [_short(str(classes[i]), 14) for i in shown]
    rotation = 90 if max(map(len, names), default=0) > 3 else 0
    ax.set_xticks(list(shown), names, rotation=rotation, parse_math=False)
    ax.set_yticks(list(shown), names, parse_math=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0)
    return ax


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
