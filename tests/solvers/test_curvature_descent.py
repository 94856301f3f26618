"""Newton's and the Gauss-Newton method: the direction beside linear algebra, and quadratic convergence."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minimized import bowl, minimize

from deltaprop import Dense, Network
from deltaprop.functions import Penalty
from deltaprop.solvers import GaussNewton, Newton
from deltaprop.solvers.normal_equations import ByParameters


@settings(max_examples=40)
@given(st.integers(0, 100), st.integers(1, 12), st.integers(0, 12))
def test_the_direction_solves_with_a_positive_definite_matrix(seed, p, rank):
    """Of a matrix that may be indefinite or singular, to which a multiple of the identity is added."""
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.normal(size=(p, p)))[0]
    matrix = (q * np.where(np.arange(p) < rank, rng.normal(size=p), 0)) @ q.T
    equations = ByParameters(matrix, np.zeros(p))
    grad = rng.normal(size=p)
    d = next(Newton().directions(equations, grad))
    tau = float(d @ (-grad - matrix @ d) / (d @ d))
    residual = matrix @ d + tau * d + grad
    assert np.linalg.norm(residual) <= 1e-6 * (
        np.linalg.norm(grad) + np.linalg.norm(matrix) * np.linalg.norm(d)
    )
    assert grad @ d < 0
    lowest = np.linalg.eigvalsh(matrix)[0]
    assert tau >= -lowest * (1 - 1e-6)
    assert tau <= 1e-6 or tau <= 20 * max(-lowest, -matrix.diagonal().min()) + 1e-6


@pytest.mark.parametrize("rule", [Newton(), GaussNewton()])
def test_a_quadratic_takes_one_step(rule):
    objective, solution = bowl(6)
    points, _ = minimize(rule, objective, np.full(6, 3.0), steps=1)
    np.testing.assert_allclose(points[1].theta, solution, rtol=1e-5)


def test_newton_converges_quadratically():
    """The distance to the minimum is squared in each step."""
    rng, rule = np.random.default_rng(0), Newton(shift=1e-14, tolerance=0, decrease=0)
    x = rng.normal(size=(80, 2))
    t = np.sin(2 * x[:, :1]) + 0.3 * rng.normal(size=(80, 1))
    net = Network([Dense(3), "tanh", Dense(1)], inputs=2, dtype="float64", seed=4, penalty=Penalty(l2=1e-2))
    net.fit(x, t, optimizer="lm", epochs=200, progress=False)
    net.fit(x, t, optimizer=rule, epochs=5, progress=False)
    minimum = net.theta.copy()
    net.theta[:] += 0.001 * rng.normal(size=net.theta.size)
    distances = [np.linalg.norm(net.theta - minimum)]
    for _ in range(4):
        net.fit(x, t, optimizer=rule, epochs=1, progress=False)
        distances.append(np.linalg.norm(net.theta - minimum))
    for before, after in pairwise(distances):
        assert after < 60 * before**2 + 1e-12
    assert distances[-1] < 1e-11


def test_newton_leaves_a_saddle():
    """Where all weights are small, the Hessian is indefinite; the best constant is a stationary point."""
    x = np.linspace(-1, 1, 30)[:, np.newaxis]
    t = x**2
    net = Network([Dense(2), "tanh", Dense(1)], inputs=1, dtype="float64", seed=0)
    net.theta[:] = 0.03 * np.random.default_rng(0).normal(size=net.theta.size)
    net.fit(x, t, optimizer="newton", epochs=200, progress=False)
    assert net.value(x, t) < 1e-3 * t.var()
