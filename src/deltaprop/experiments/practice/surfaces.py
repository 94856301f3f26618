"""Descent on functions of two variables: a narrow ravine, Rosenbrock's function, and the steps that each rule needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from ...optimizers import SGD, Adam, Momentum, Nesterov, Optimizer, RMSProp
from ...plots import curves, figure_of, panels, trajectories
from ..claims import Less
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms

RATES = 10 ** np.arange(0, -3.6, -0.25)
GOAL = 1e-2

GRADIENT_DESCENT = "gradient descent"
RULES: dict[str, Callable[[float], Optimizer] | None] = {
    GRADIENT_DESCENT: SGD,
    "momentum": lambda rate: Momentum(rate, 0.9),
    "Nesterov": lambda rate: Nesterov(rate, 0.9),
    "RMSProp": lambda rate: RMSProp(rate, 0.9),
    "Adam": Adam,
    "Newton": None,
}


BETTER = tuple(RULES)[1:]


@dataclass(frozen=True)
class Surface:
    """A function of θ (2,) with its first and second derivatives, its minimum, where its value is 0, and a start.

    ``value`` takes the two coordinates, arrays of any shape.
    """

    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    hessian: Callable[[np.ndarray], np.ndarray]
    minimum: tuple[float, float]
    start: tuple[float, float]
    limit: int


#: ½ (θ₁² + 100 θ₂²): a hundred times as steep across as along.
RAVINE = Surface(
    value=lambda x, y: 0.5 * (x**2 + 100 * y**2),
    gradient=lambda theta: theta * [1, 100],
    hessian=lambda theta: np.diag([1.0, 100.0]),
    minimum=(0, 0),
    start=(-8, 1),
    limit=3000,
)

#: (1 − θ₁)² + 100 (θ₂ − θ₁²)²: a ravine that bends.
ROSENBROCK = Surface(
    value=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    gradient=lambda theta: np.array(
        [
            -2 * (1 - theta[0]) - 400 * theta[0] * (theta[1] - theta[0] ** 2),
            200 * (theta[1] - theta[0] ** 2),
        ]
    ),
    hessian=lambda theta: np.array(
        [[2 - 400 * theta[1] + 1200 * theta[0] ** 2, -400 * theta[0]], [-400 * theta[0], 200.0]]
    ),
    minimum=(1, 1),
    start=(-1.2, 1),
    limit=5000,
)


def descend(rule: Optimizer, surface: Surface, start: np.ndarray, limit: int) -> np.ndarray:
    """The points of a descent until the goal, or `limit` steps, or until it leaves the plane; (steps + 1, 2)."""
    theta = start.copy()
    state, path = rule.init(theta), [start.copy()]
    for k in range(limit):
        rule.step(theta, surface.gradient(theta), state, k)
        path.append(theta.copy())
        if not np.abs(theta).max() < 1e3 or surface.value(*theta) <= GOAL:
            break
    return np.array(path)


def newton(surface: Surface, start: Any) -> np.ndarray:
    """The points of SciPy's Newton method with a trust region."""
    path = [start]

    def step(intermediate_result):
        path.append(intermediate_result.x)
        if intermediate_result.fun <= GOAL:
            raise StopIteration

    minimize(
        lambda theta: surface.value(*theta),
        start,
        method="trust-exact",
        jac=surface.gradient,
        hess=surface.hessian,
        callback=step,
    )
    return np.array(path)


def reversals(surface: Surface, path: np.ndarray) -> float:
    """The share of the steps that go back across the valley: along the first eigenvector of the Hessian there."""
    steps = np.diff(path, axis=0)
    across = np.array([np.linalg.eigh(surface.hessian(theta))[1][:, -1] for theta in path[1:-1]])
    if not len(across):
        return 0.0
    return float(np.mean((steps[1:] * across).sum(axis=1) * (steps[:-1] * across).sum(axis=1) < 0))


def shortest(rule: Callable[[float], Optimizer], surface: Surface, start: np.ndarray) -> np.ndarray:
    """The path of the learning rate that needs fewest steps to the goal; the last one tried where none reaches it."""
    best, path = surface.limit, np.empty((0, 2))
    for rate in RATES:
        found = descend(rule(float(rate)), surface, start, best)
        reached = surface.value(*found[-1]) <= GOAL
        if reached or not len(path):
            path = found
            best = len(found) - 1 if reached else best
    return path


def descent(surface: Surface, title: str, source: str, method: str) -> Experiment:
    """The experiment that compares the rules on a surface."""

    def measure(setting: Setting) -> Measured:
        def arm(rule, seed):
            start = np.asarray(surface.start) + 0.1 * np.random.default_rng(seed).standard_normal(2)
            path = newton(surface, start) if rule is None else shortest(rule, surface, start)
            values = surface.value(*path.T)
            reached = values[-1] <= GOAL
            steps = len(path) - 1 if reached else surface.limit
            return {"steps": steps, "reversals": reversals(surface, path), "path": path, "values": values}

        return measure_arms(setting, RULES, arm, seeds=setting.size(5, 20))

    def draw(measured, palette):
        left, right = panels(2, width=5.0, height=3.9, grid="both", palette=palette)
        paths = {arm: measured.details["path"][arm, 0] for arm in RULES}
        trajectories(surface.value, paths, minimum=surface.minimum, ax=left, palette=palette)
        values = {arm: np.maximum(measured.details["values"][arm, 0], GOAL / 100) for arm in RULES}
        steps = {arm: np.arange(1, len(each) + 1) for arm, each in values.items()}
        curves(
            steps,
            values,
            "height above the minimum",
            xlabel="points of the path",
            log=True,
            ax=right,
            palette=palette,
        )
        right.set_xscale("log")
        return figure_of(left)

    return Experiment(
        title=title,
        items=("C6",),
        source=source,
        method=method,
        claims=(
            *(
                Less("steps", arm, GRADIENT_DESCENT, text=f"{arm} needs fewer steps than gradient descent")
                for arm in BETTER
            ),
            *(
                Less("reversals", arm, GRADIENT_DESCENT, difference=True, text=f"{arm} zigzags less")
                for arm in BETTER
            ),
        ),
        measure=measure,
        draw=draw,
    )


HOW = (
    "from five starts (--full: 20) around ({:g}, {:g}), each rule with the best of 15 learning rates and its usual "
    "decays (momentum and RMSProp 0.9, Adam 0.9 and 0.999), Newton's method with a trust region: steps to a height of "
    "0.01, and the share of the steps that go back across the valley, along the first eigenvector of the Hessian."
)

RAVINE_EXPERIMENT = descent(
    RAVINE,
    "A narrow ravine",
    "Rumelhart, Hinton, Williams (1986); LeCun, Bottou, Orr, Müller, Efficient BackProp, §5.1 and §6",
    "½ (θ₁² + 100 θ₂²), " + HOW.format(*RAVINE.start),
)
ROSENBROCK_EXPERIMENT = descent(
    ROSENBROCK,
    "Rosenbrock's function",
    "Rosenbrock (1960); Sutskever, Martens, Dahl, Hinton (2013)",
    "(1 − θ₁)² + 100 (θ₂ − θ₁²)², " + HOW.format(*ROSENBROCK.start),
)
