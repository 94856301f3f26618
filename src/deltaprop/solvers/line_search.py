"""The line search of Moré and Thuente: a step length that satisfies the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, sqrt
from typing import NamedTuple

import numpy as np

from ..reductions import dot
from .base import Point

#: theta → (value, gradient), both of the same function; float64.
Function = Callable[[np.ndarray], tuple[float, np.ndarray]]

#: Sufficient decrease, curvature, and relative width of an interval that is not divided further, as in L-BFGS-B.
DECREASE, CURVATURE, WIDTH = 1e-3, 0.9, 0.1
TRIALS = 20
LONGEST = 1e10


class Trial(NamedTuple):
    """φ(step) = E(theta + step · d) with its slope φ′ and the gradient of E there."""

    step: float
    value: float
    slope: float
    grad: np.ndarray

    def tilted(self, slope: float) -> Trial:
        """The same for φ(step) − slope · step."""
        return self._replace(value=self.value - slope * self.step, slope=self.slope - slope)


def descend(function: Function, point: Point, d: np.ndarray, first_step: float = 1.0) -> Point | None:
    """A point of lower value along d, by `search`; None: none found."""
    start = Trial(0.0, point.value, dot(point.grad, d), point.grad)
    if not start.slope < 0:
        return None

    def evaluate(step: float) -> Trial:
        value, grad = function(point.theta + step * d)
        return Trial(step, value, dot(grad, d), grad)

    found = search(evaluate, start, first_step)
    if found is None or not found.value < point.value or not np.isfinite(found.grad).all():
        return None
    return Point(point.theta + found.step * d, found.value, found.grad)


def search(evaluate: Callable[[float], Trial], start: Trial, step: float) -> Trial | None:
    """The first trial with φ ≤ φ(0) + c₁ step φ′(0) and |φ′| ≤ c₂ |φ′(0)|; None where `TRIALS` do not find one.

    `start` is the trial at step 0, whose slope is negative; `step` is tried first. Where the interval becomes too
    short, the best trial is returned: a function with kinks, such as a network of ReLUs, may have no point that
    satisfies both conditions. Steps at which φ is not finite are halved.

    Source: Moré and Thuente, *Line search algorithms with guaranteed sufficient decrease* (1994), as in MINPACK-2's
    ``dcsrch``, which L-BFGS-B uses.
    """
    best = other = start  # the ends of the interval, once there is one
    bracketed, first_stage, low, high = False, True, 0.0, 5 * step
    width, last_width = LONGEST, 2 * LONGEST
    for _ in range(TRIALS):
        trial = evaluate(step)
        if not (isfinite(trial.value) and isfinite(trial.slope)):
            step = (best.step + step) / 2
            continue
        enough = start.value + DECREASE * step * start.slope
        if trial.value <= enough and abs(trial.slope) <= -CURVATURE * start.slope:
            return trial
        first_stage = first_stage and (trial.value > enough or trial.slope < 0)
        tilt = DECREASE * start.slope if first_stage and enough < trial.value <= best.value else 0.0
        ends = (point.tilted(tilt) for point in (best, other, trial))
        step, best, other, bracketed = _next_step(*ends, bracketed, low, high)
        best, other = best.tilted(-tilt), other.tilted(-tilt)
        if bracketed:
            if abs(other.step - best.step) >= 0.66 * last_width:
                step = (best.step + other.step) / 2
            last_width, width = width, abs(other.step - best.step)
            low, high = sorted((best.step, other.step))
            if not low < step < high or high - low <= WIDTH * high:
                return best if best.value < start.value else None
        else:
            low, high = step + 1.1 * (step - best.step), step + 4 * (step - best.step)
        step = min(max(step, 0.0), LONGEST)
    return None


def _next_step(
    best: Trial, other: Trial, trial: Trial, bracketed: bool, low: float, high: float
) -> tuple[float, Trial, Trial, bool]:
    """The next step to try, the interval's new ends, and whether they enclose a minimum (MINPACK-2's ``dcstep``)."""
    ahead = trial.step - best.step
    if trial.value > best.value:  # the minimum lies between the two
        cubic = _cubic_minimum(best, trial)
        quadratic = best.step + best.slope / ((best.value - trial.value) / ahead + best.slope) / 2 * ahead
        closer = abs(cubic - best.step) <= abs(quadratic - best.step)
        return cubic if closer else (cubic + quadratic) / 2, best, trial, True
    between = trial.slope * best.slope < 0  # here too
    if not between and abs(trial.slope) >= abs(best.slope):  # downhill without end in sight
        if bracketed:
            return _cubic_minimum(trial, other), trial, other, True
        return high if ahead > 0 else low, trial, other, False
    cubic, secant = _cubic_minimum(trial, best), trial.step - trial.slope / (trial.slope - best.slope) * ahead
    if between:
        step = cubic if abs(cubic - trial.step) > abs(secant - trial.step) else secant
        return step, trial, best, True
    if (cubic - trial.step) * ahead <= 0:  # the cubic has its minimum on the wrong side, or none
        cubic = high if ahead > 0 else low
    if not bracketed:
        step = cubic if abs(cubic - trial.step) > abs(secant - trial.step) else secant
        return min(max(step, low), high), trial, other, False
    step = cubic if abs(cubic - trial.step) < abs(secant - trial.step) else secant
    limit = trial.step + 0.66 * (other.step - trial.step)
    return min(limit, step) if ahead > 0 else max(limit, step), trial, other, True


def _cubic_minimum(a: Trial, b: Trial) -> float:
    """The minimum of the cubic with the values and slopes of both trials."""
    theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    scale = max(abs(theta), abs(a.slope), abs(b.slope))
    root = scale * sqrt(max(0.0, (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale)))
    root = root if b.step > a.step else -root
    divisor = ((root - a.slope) + root) + b.slope
    return a.step + ((root - a.slope) + theta) / divisor * (b.step - a.step) if divisor else a.step
