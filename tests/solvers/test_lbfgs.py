"""L-BFGS beside SciPy's, its direction beside the matrix it stands for, and continuing where it stopped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize, rosen, rosen_der

from deltaprop.errors import InputError
from deltaprop.solvers.lbfgs import LBFGS, Point


def valley(theta):
    return float(rosen(theta)), rosen_der(theta)


def run(function, theta, steps=1000, state=None):
    rule = LBFGS()
    state = rule.init(theta) if state is None else state
    point, status, k = Point(theta, *function(theta)), "", 0
    while not status and k < steps:
        point, status = rule.step(function, point, state)
        k += 1
    return point, status, k, state


@pytest.mark.parametrize("n", [2, 10, 50])
def test_rosenbrocks_valley_takes_about_as_many_iterations_as_scipys(n):
    begin = np.tile([-1.2, 1.0], n // 2)
    point, status, k, _ = run(valley, begin)
    scipy = minimize(valley, begin, jac=True, method="L-BFGS-B", options={"gtol": 1e-5, "maxiter": 1000})
    assert status in ("gradient", "decrease")
    np.testing.assert_allclose(point.theta, 1, atol=1e-3)
    assert k <= 1.3 * scipy.nit + 5


def test_the_direction_is_minus_the_matrix_of_the_bfgs_formula_times_the_gradient():
    rng = np.random.default_rng(0)
    rule, p = LBFGS(memory=4), 6
    a = rng.normal(size=(p, p))
    a = a @ a.T + np.eye(p)
    state = rule.init(np.zeros(p))
    pairs = [(s, a @ s) for s in rng.normal(size=(7, p))]
    for s, y in pairs:
        rule._remember(state, Point(np.zeros(p), 0.0, np.zeros(p)), Point(s, 0.0, y))
    s, y = pairs[-1]
    h = np.eye(p) * (s @ y) / (y @ y)
    for s, y in pairs[-4:]:
        v = np.eye(p) - np.outer(s, y) / (s @ y)
        h = v @ h @ v.T + np.outer(s, s) / (s @ y)
    g = rng.normal(size=p)
    np.testing.assert_allclose(rule.propose(g, state), -h @ g, rtol=1e-10)


@pytest.mark.parametrize("cut", [1, 3, 17])
def test_stopped_and_continued_is_not_stopped(cut):
    begin = np.tile([-1.2, 1.0], 5)
    whole, *_ = run(valley, begin, steps=40)
    state, theta = LBFGS().init(begin), begin
    for done in range(0, 40, cut):
        point, *_ = run(valley, theta, steps=min(cut, 40 - done), state=state)
        theta = point.theta
    np.testing.assert_array_equal(theta, whole.theta)


@given(st.integers(0, 50), st.integers(1, 8))
def test_never_a_worse_step(seed, p):
    """On functions with kinks, too, where no point may satisfy both conditions."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2 * p, p)), rng.normal(size=2 * p)

    def kinks(theta):
        r = a @ theta - b
        return float(np.abs(r).sum() + theta @ theta), a.T @ np.sign(r) + 2 * theta

    rule, theta = LBFGS(), rng.normal(size=p)
    state, point = rule.init(theta), Point(theta, *kinks(theta))
    for _ in range(20):
        there, status = rule.step(kinks, point, state)
        assert there.value <= point.value
        if status:
            break
        point = there


def test_at_the_minimum_there_is_nothing_to_do():
    point = Point(np.zeros(3), 0.0, np.zeros(3))
    assert LBFGS().step(lambda t: (float(t @ t), 2 * t), point, LBFGS().init(point.theta)) == (
        point,
        "gradient",
    )


def test_a_gradient_that_lies_is_found_out():
    point = Point(np.ones(3), 3.0, -2 * np.ones(3))
    there, status = LBFGS().step(lambda t: (float(t @ t), -2 * t), point, LBFGS().init(point.theta))
    assert status == "stalled"
    assert there is point


@pytest.mark.parametrize(("name", "value"), [("memory", 0), ("tolerance", -1.0), ("decrease", np.nan)])
def test_refused(name, value):
    with pytest.raises(InputError, match=f"LBFGS: {name} is"):
        LBFGS(**{name: value})


def test_a_pair_is_kept_by_the_test_of_l_bfgs_b_however_steep_the_function():
    steep = lambda theta: (0.5e16 * float(theta @ theta), 1e16 * theta)  # noqa: E731
    start, state = np.array([1.5]), LBFGS().init(np.zeros(1))
    LBFGS().step(steep, Point(start, *steep(start)), state)
    assert state["stored"][0] == 1
