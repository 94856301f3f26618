"""Functions with known minima and exact derivatives, in the form that solvers take."""

import numpy as np
from scipy.optimize import rosen, rosen_der, rosen_hess

from deltaprop.solvers import Point
from deltaprop.solvers.normal_equations import ByParameters


class Analytic:
    """What solvers ask of a network's `Objective`, of a function whose derivatives are given."""

    def __init__(self, function, hessian=None, jacobian=None):
        self.function, self.hessian, self.jacobian = function, hessian, jacobian
        self.count, self.minimization = np.zeros(1, np.int64), None

    def __call__(self, theta):
        self.count += 1
        return self.function(theta)

    def hvp(self, theta, v):
        return self.hessian(theta) @ v

    def normal_equations(self, theta):
        jacobian = self.jacobian(theta)
        return ByParameters(jacobian.T @ jacobian, np.zeros(theta.size))

    def bend(self, theta, p):
        return np.zeros_like(p)

    def close(self):
        if self.minimization is not None:
            self.minimization.close()


def valley():
    """Rosenbrock's, with its minimum at 1, as half a sum of squares."""

    def jacobian(theta):
        n = len(theta)
        rows = np.zeros((2 * n - 2, n))
        i = np.arange(n - 1)
        rows[i, i], rows[i, i + 1] = -2 * np.sqrt(200) * theta[:-1], np.sqrt(200)
        rows[n - 1 + i, i] = -np.sqrt(2)
        return rows

    return Analytic(lambda theta: (float(rosen(theta)), rosen_der(theta)), rosen_hess, jacobian)


def bowl(p, seed=0):
    """½ ‖A θ − b‖² with its minimum, and where it is."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2 * p, p)), rng.normal(size=2 * p)

    def function(theta):
        return float((a @ theta - b) @ (a @ theta - b)) / 2, a.T @ (a @ theta - b)

    return Analytic(function, lambda theta: a.T @ a, lambda theta: a), np.linalg.lstsq(a, b)[0]


def minimize(solver, objective, theta, steps=1000):
    """The points of a run, and the reason of its end."""
    state = solver.init(theta)
    points, reason = [Point(theta, *objective(theta))], ""
    while not reason and len(points) <= steps:
        point, reason = solver.step(objective, points[-1], state)
        points.append(point)
    objective.close()
    return points, reason
