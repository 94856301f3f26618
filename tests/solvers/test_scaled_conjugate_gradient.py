"""Scaled conjugate gradient beside Møller's algorithm, written from his paper step by step."""

import numpy as np
import pytest
from minimized import bowl, minimize, valley

from deltaprop.solvers import ScaledConjugateGradient


def moller(objective, w, iterations, scale=1e-6):
    """The points that the algorithm of the paper accepts, in its own notation and with its two lambdas."""
    n, lam, lam_bar, success, k = len(w), scale, 0.0, True, 1
    value, grad = objective(w)
    r = -grad
    p = r.copy()
    points, delta = [w], 0.0
    while len(points) <= iterations:
        p2 = p @ p
        if success:
            delta = p @ objective.hvp(w, p)
        delta += (lam - lam_bar) * p2
        if delta <= 0:
            lam_bar = 2 * (lam - delta / p2)
            delta = -delta + lam * p2
            lam = lam_bar
        mu = p @ r
        alpha = mu / delta
        there, grad = objective(w + alpha * p)
        comparison = 2 * delta * (value - there) / mu**2
        if comparison > 0:
            w, value = w + alpha * p, there
            points.append(w)
            r_new = -grad
            lam_bar, success = 0.0, True
            if k % n == 0:
                p = r_new
            else:
                p = r_new + (r_new @ r_new - r_new @ r) / mu * p
            r = r_new
            k += 1
            if comparison >= 0.75:
                lam /= 4
        else:
            lam_bar, success = lam, False
        if comparison < 0.25:
            lam += delta * (1 - comparison) / p2
    return np.array(points)


@pytest.mark.parametrize("theta", [[-1.2, 1.0], [0.0, 0.0, 0.5], [2.0, -1.0, 3.0, 0.0, 1.0]])
def test_the_points_are_mollers(theta):
    theta = np.array(theta)
    expected = moller(valley(), theta, 25)
    points, _ = minimize(ScaledConjugateGradient(), valley(), theta, steps=25)
    found = np.array([point.theta for point in points])[: len(expected)]
    np.testing.assert_allclose(found, expected[: len(found)], rtol=1e-6, atol=1e-8)
    assert len(found) > 15


def test_a_quadratic_takes_as_many_steps_as_it_has_parameters():
    objective, solution = bowl(7)
    points, _ = minimize(ScaledConjugateGradient(scale=1e-12), objective, np.zeros(7), steps=7)
    np.testing.assert_allclose(points[-1].theta, solution, atol=1e-6)


def test_a_direction_across_the_slope_is_given_up():
    objective, _ = bowl(3)
    rule = ScaledConjugateGradient()
    (start, there), _ = minimize(rule, objective, np.ones(3), steps=1)
    state = rule.init(start.theta)
    state["direction"][:] = [start.grad[1], -start.grad[0], 0]
    np.testing.assert_array_equal(rule.step(objective, start, state)[0].theta, there.theta)
