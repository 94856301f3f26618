"""The plane of two features, all others held fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import errors
from ..errors import InputError, short


@dataclass(frozen=True, eq=False)
class Plane:
    """The grid of two features: their names and values, the samples to be predicted, and the points given."""

    names: tuple[str, str]
    first: np.ndarray  # (resolution,)
    second: np.ndarray
    samples: Any  # (resolution², inputs), the first feature varies fastest
    points: np.ndarray  # (n, 2)

    @classmethod
    def of(cls, x: Any, features: tuple[Any, Any], others: Any, resolution: int) -> Plane:
        """The plane through the samples x; arguments as for `decision_boundary`."""
        frame = hasattr(x, "columns") and hasattr(x, "iloc")
        if not frame:
            x = errors.finite("decision_boundary", "x", errors.numeric("decision_boundary", "x", x))
            if x.ndim != 2 or not len(x):
                got = f"x has shape {x.shape}"
                raise InputError(
                    f"decision_boundary: {got}, expected (n, inputs), n > 0; give rows of samples."
                )
        known = list(x.columns) if frame else list(range(x.shape[1]))
        if len(features) != 2 or features[0] == features[1] or not all(name in known for name in features):
            raise InputError(
                f"decision_boundary: features is {short(features)}, expected two different ones of {short(known)}; "
                "choose two columns of x."
            )
        columns = [known.index(name) for name in features]
        points = np.asarray(x.iloc[:, columns] if frame else x[:, columns], float)
        low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
        margin = 0.08 * np.where(high > low, high - low, 1.0)
        first, second = np.linspace(low - margin, high + margin, resolution).T
        grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
        row = _typical_row(x, others, frame)
        if frame:
            samples = row.iloc[np.zeros(len(grid), int)].reset_index(drop=True)
            samples = samples.assign(**{str(name): grid[:, i] for i, name in enumerate(features)})
        else:
            samples = np.repeat(row[None], len(grid), axis=0)
            samples[:, columns] = grid
        names = [str(name) if frame else f"x{name + 1}" for name in features]
        return cls((names[0], names[1]), first, second, samples, points)


def _typical_row(x: Any, others: Any, frame: bool) -> Any:
    """What the features are held at: an array (inputs,), or a data frame of one row."""
    if isinstance(others, str):
        if others not in ("mean", "median"):
            got = f"others is {short(others)}"
            raise InputError(
                f"decision_boundary: {got}, expected mean, median or numbers; choose one of these."
            )
        if not frame:
            return getattr(np, others)(x, axis=0).astype(float)
        numbers = {
            name: getattr(x[name], others)() if x[name].dtype.kind in "iuf" else x[name].mode().iloc[0]
            for name in x.columns
        }
        return x.iloc[:1].assign(**numbers)
    if frame:
        return x.iloc[:1].assign(**dict(zip(x.columns, others, strict=True)))
    return errors.matrix(
        "decision_boundary", "others", np.atleast_2d(others), x.shape[1], "give one number per feature"
    )[0].astype(float)
