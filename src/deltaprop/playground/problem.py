"""What a run learns: samples with their targets, and how places on the plane become the network's inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..data.scaling import principal_components
from .complaints import Complaint
from .data import EXTENT, Points, class_count, draw
from .features import Features
from .settings import Data, Settings, TableUse
from .table import Table


@dataclass(frozen=True)
class Problem:
    """Samples, and the plane on which they are shown.

    Parameters
    ----------
    points : Points
        Places on the plane, targets and test part.
    inputs : ndarray (n, d) float32
    targets : ndarray (n,)
        int64 numbers of classes, or float32 values.
    classes : int
        0: regression.
    class_names, input_names : tuple of str
    axes : (str, str)
        Names of the plane's axes.
    extent : float
        The plane is [−extent, extent]².
    target_range : (float, float)
        The values that the picture of a regression shows.
    plane : callable
        Places (m, 2) → inputs (m, d) float32.
    edited : bool
        Whether the points were edited by hand.
    """

    points: Points
    inputs: np.ndarray
    targets: np.ndarray
    classes: int
    class_names: tuple[str, ...]
    input_names: tuple[str, ...]
    axes: tuple[str, str]
    extent: float
    target_range: tuple[float, float]
    plane: Callable[[np.ndarray], np.ndarray]
    edited: bool = False

    @property
    def size(self) -> int:
        """Bytes of the samples, encoded targets included."""
        return 2 * self.inputs.nbytes + self.points.x.nbytes

    def from_plane(self, x: np.ndarray) -> np.ndarray:
        """Places (m, 2) → inputs (m, d) float32."""
        return self.plane(x)


def problem_of(settings: Settings, points: Points | None = None, table: Table | None = None) -> Problem:
    """What `settings` describe; `points`, edited by hand, take the place of those drawn.

    Raises
    ------
    Complaint
        If a formula cannot be computed, the points cannot be learned from, or the table does not have what the
        settings name.

    Examples
    --------
    >>> problem = problem_of(Settings(features=("x", "x*y")))
    >>> problem.inputs.shape, problem.input_names, problem.from_plane(np.array([[2.0, 3.0]])).tolist()
    ((500, 2), ('x', 'x*y'), [[2.0, 6.0]])
    """
    data = settings.data
    if data.table is not None:
        if table is None:
            raise Complaint("table_missing")
        if points is not None:
            raise Complaint("table_points")
        return _of_table(table, data, data.table)
    features, classes = Features(settings.features), class_count(data)
    features.check(EXTENT)
    edited = points is not None
    points = points if edited else draw(data)
    _check(points, classes)
    return Problem(
        points=points,
        inputs=features(points.x),
        targets=points.t.astype(np.int64 if classes else np.float32),
        classes=classes,
        class_names=tuple(map(str, range(classes))),
        input_names=settings.features,
        axes=("x", "y"),
        extent=EXTENT,
        target_range=(-1.0, 1.0),
        plane=features,
        edited=edited,
    )


def _check(points: Points, classes: int) -> None:
    """Refuse points without a training part, and targets that are no class."""
    if points.test.all():
        raise Complaint("no_training")
    if classes and not np.isin(points.t, np.arange(classes)).all():
        raise Complaint("no_class", last=classes - 1)


@dataclass(frozen=True)
class Affine:
    """Places (m, 2) → inputs origin + place · basis; origin (d,), basis (2, d)."""

    origin: np.ndarray
    basis: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (self.origin + np.asarray(x, np.float64) @ self.basis).astype(np.float32)


def _of_table(table: Table, data: Data, use: TableUse) -> Problem:
    """Standardized columns of a table; the plane shows two of them, or the first two principal components.

    Inputs that the plane does not show are at their mean.
    """
    part = table.take(data, use)
    z, train = part.inputs.astype(np.float64), ~part.test
    origin = z[train].mean(axis=0)
    if use.axes:
        shown = table.positions(use.axes, part.names)
        places, axes, basis = z[:, shown], use.axes, np.zeros((2, z.shape[1]))
        origin[shown], basis[[0, 1], shown] = 0.0, 1.0
    else:
        mean, w = principal_components(z[train])
        if len(w) < 2:
            raise Complaint("table_flat")
        w = w[:2]
        places, axes = (z - mean) @ w.T, ("PC 1", "PC 2")
        basis = w / np.square(w).sum(axis=1, keepdims=True)  # the inverse: rows of w are orthogonal
    t = part.targets.astype(np.float64)
    return Problem(
        points=Points(places, t, part.test),
        inputs=part.inputs,
        targets=part.targets,
        classes=len(part.classes),
        class_names=part.classes,
        input_names=part.names,
        axes=(axes[0], axes[1]),
        extent=_extent(places),
        target_range=(float(t.min()), float(t.max())),
        plane=Affine(origin, basis),
    )


def _extent(places: np.ndarray) -> float:
    """That of a plane on which the places have room, in halves; far outliers are left outside."""
    return float(np.clip(np.ceil(2.1 * np.abs(places).max()) / 2.0, 1.0, 8.0))
