"""The Hessian of a run's E: its spectrum, and a slice of E with the run's path on it.

E is taken over the training samples, penalty included, dropout off and batch normalization by its running statistics.
`Landscape.of` copies what is needed, so that the run may train on meanwhile. The cost is bounded: at most `SAMPLES`
samples, drawn with a fixed seed, and all eigenvalues of at most `DENSE` parameters; beyond, the outermost by ARPACK.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..curvature import Hessian, eigenvalues
from ..curvature.eigenvalues import dense
from ..network import Network
from .complaints import Complaint
from .messages import Curvature, Slice

if TYPE_CHECKING:
    from .run import Run

SAMPLES = 500
DENSE = 1000  # parameters
OUTER = 10  # eigenvalues at either end, where not all are computed
TOLERANCE = 1e-4  # of these
GRID = 33  # points along each side of the slice
PATH = 200  # points of the path, at most
REPLAYED = 40  # points of the part of the path that is replayed
LEAST = 0.5  # half the side of a slice around a run that has not moved


@dataclass(frozen=True)
class Landscape:
    """E at the present weights of a run and around them; nothing here changes when the run goes on."""

    run: int  # its number in the session
    step: int
    rate: float
    network: Network  # float64
    x: np.ndarray
    t: np.ndarray
    past: Run  # a fork

    @classmethod
    def of(cls, run: Run, index: int = 0) -> Landscape:
        """Copy the weights and choose the samples; refused where the weights are not finite."""
        data = run.fit.trainer.data
        rows = data.samples
        if len(rows) > SAMPLES:
            rows = np.sort(np.random.default_rng(0).choice(rows, SAMPLES, replace=False))
        network = run.network.astype("float64")
        _finite(network.theta)
        t = network.encode(data.t[rows])
        return cls(index, run.step, run.rate, network, data.x[rows], t, run.fork())

    def spectrum(self) -> Curvature:
        """The eigenvalues of the Hessian, and the rate beyond which gradient descent diverges, 2/λ_max."""
        size = self.network.theta.size
        if size <= DENSE:
            values = np.linalg.eigvalsh(self._hessian())
        else:
            hessian = Hessian(self.network, self.x, self.t)
            largest = eigenvalues(hessian, OUTER, tolerance=TOLERANCE).values
            smallest = eigenvalues(hessian, OUTER, "smallest", tolerance=TOLERANCE).values
            values = np.sort(np.concatenate([smallest, largest]))
        _finite(values)
        return Curvature(
            run=self.run,
            step=self.step,
            eigenvalues=values.tolist(),
            exact=size <= DENSE,
            parameters=size,
            samples=len(self.x),
            largest_rate=2 / float(values[-1]) if values[-1] > 0 else None,
            rate=self.rate,
        )

    def slice(self) -> Slice:
        """E over theta + u · g/‖g‖ + v · s: g the gradient, s the sharpest direction, made orthogonal to g."""
        network, here = self.network.copy(), self.network.theta
        with np.errstate(all="ignore"):  # far out E may overflow
            axes = self._directions()
            path = [(step, *(axes @ (theta - here)).tolist()) for step, theta in self._path()]
            u, v = (_side([abs(point[k]) for point in path]) for k in (1, 2))
            loss = np.empty((GRID, GRID))
            for i, j in np.ndindex(GRID, GRID):
                network.theta[:] = here + u[j] * axes[0] + v[i] * axes[1]
                loss[i, j] = network.evaluator.value(self.x, self.t)
        return Slice(
            run=self.run,
            step=self.step,
            u=u.tolist(),
            v=v.tolist(),
            loss=[[value if np.isfinite(value) else None for value in row] for row in loss.tolist()],
            now=self.network.value(self.x, self.t),
            samples=len(self.x),
            path=path,
        )

    def _directions(self) -> np.ndarray:
        """Orthogonal directions of length 1: the gradient, then the sharpest eigenvector that is not along it."""
        gradient = _finite(self.network.gradient(self.x, self.t)[1])
        if len(gradient) <= DENSE:
            vectors = np.linalg.eigh(self._hessian())[1][:, ::-1]
        else:
            vectors = eigenvalues(Hessian(self.network, self.x, self.t), 2, tolerance=TOLERANCE).vectors
        axes = np.zeros((0, len(gradient)))
        for direction in (gradient, *vectors.T):  # without a gradient: the two sharpest eigenvectors
            rest = direction - axes.T @ (axes @ direction)
            if np.linalg.norm(rest) > 1e-3 * np.linalg.norm(direction):
                axes = np.vstack([axes, rest / np.linalg.norm(rest)])
            if len(axes) == 2:
                break
        return axes

    def _path(self) -> list[tuple[int, np.ndarray]]:
        """Steps and weights up to the present: the kept moments, and a replay of the beginning, where most happens."""
        past, moments = self.past, self.past.path(PATH)
        first, last = past.timeline.first, self.step
        if len(moments) > REPLAYED:
            kept = [m.step for m in (*past.timeline.moments, *(s.start for s in past.timeline.segments))]
            last = min(step for step in kept if step > first)
        path = []
        past.go_to(first)
        for step in np.unique(
            (first + (last - first) * np.linspace(0, 1, REPLAYED) ** 2).astype(int)
        ).tolist():
            past.advance(step - past.step)
            path.append((step, past.network.theta.copy()))
        return path + [moment for moment in moments if moment[0] > last]

    def _hessian(self) -> np.ndarray:
        return _finite(dense(Hessian(self.network, self.x, self.t)))


def spectrum(run: Run, index: int = 0) -> Curvature:
    """See `Landscape.spectrum`."""
    return Landscape.of(run, index).spectrum()


def slice_of(run: Run, index: int = 0) -> Slice:
    """See `Landscape.slice`."""
    return Landscape.of(run, index).slice()


def _side(distances: list[float]) -> np.ndarray:
    """Places along one direction: the path with some room around it."""
    half = max(1.2 * max(distances), LEAST)
    return np.linspace(-half, half, GRID)


def _finite(array: np.ndarray) -> np.ndarray:
    """The array itself; refused where a pass has overflowed."""
    if not np.isfinite(array).all():
        raise Complaint("not_finite")
    return array
