"""Solvers on one problem: the error over iterations and over seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..optimizers import Adam
from ..plots import LIGHT, curves, figure_of, logarithmic, styled
from ..solvers import LBFGS, SOLVERS, LevenbergMarquardt
from .problems import surface, tanh_network
from .training_time import Trajectory, train

#: The rules that are compared, by the name they are drawn under; none of the solvers ends before the error is reached.
RULES: dict[str, Any] = {
    "LM": LevenbergMarquardt(),
    "L-BFGS": LBFGS(decrease=0.0, tolerance=1e-9),
    "Adam": Adam(0.003),
    "Gauss–Newton": replace(SOLVERS["gauss_newton"], tolerance=1e-9),
    "Newton": replace(SOLVERS["newton"], tolerance=1e-9),
    "trust region": replace(SOLVERS["trust_region"], tolerance=1e-9),
    "scaled CG": replace(SOLVERS["scg"], tolerance=1e-9),
    "BFGS": replace(SOLVERS["bfgs"], tolerance=1e-9),
}


@dataclass(frozen=True)
class Comparison:
    """What `compare_solvers` found: the trajectory of each rule."""

    trajectories: Mapping[str, Trajectory]

    def __str__(self) -> str:
        lines = []
        for name, run in self.trajectories.items():
            each = 1e3 * run.seconds[-1] / len(run.seconds)
            lines.append(
                f"{name:<24} {len(run.errors):>6} iterations of {each:8.3g} ms, to {run.errors.min():.2g} in "
                f"{run.seconds[-1]:.3g} s"
            )
        return "\n".join(lines)

    def figure(self, over: str = "seconds") -> Figure:
        """The smallest error so far over "seconds" or "iterations"."""
        runs = self.trajectories
        places = {
            name: run.seconds if over == "seconds" else np.arange(1, len(run.errors) + 1)
            for name, run in runs.items()
        }
        errors = {name: np.minimum.accumulate(run.errors) for name, run in runs.items()}
        label = "training time (s)" if over == "seconds" else "iterations (Adam: epochs)"
        ax = styled(None, LIGHT, 6.2, 3.8, grid="both")
        curves(places, errors, "mean squared error", xlabel=label, log=True, ax=ax)
        logarithmic(ax.xaxis)
        return figure_of(ax)


def compare_solvers(
    rules: Mapping[str, Any] | None = None,
    sizes: tuple[int, ...] = (2, 20, 20, 1),
    samples: int = 1000,
    error: float = 1e-8,
    seconds: float = 10.0,
) -> Comparison:
    """Train the same network by each rule, from the same weights, until an error is reached or the time is up."""
    x, t = surface(samples)
    return Comparison(
        {
            name: train(tanh_network(sizes), x, t, rule, error=error, seconds=seconds)
            for name, rule in (rules or RULES).items()
        }
    )
