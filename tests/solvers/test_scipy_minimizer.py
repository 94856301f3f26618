"""SciPy's minimizers as solvers: SciPy's own iterates, restarts, and what is not repeated."""

import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
from minimized import minimize, valley

from deltaprop import Dense, InputError, Network
from deltaprop.solvers import ScipyMinimizer
from deltaprop.solvers.scipy_minimizer import METHODS

START = np.array([-1.2, 1.0, -0.5, 0.8])


@pytest.mark.parametrize("method", METHODS)
def test_the_values_are_the_best_after_each_iteration_of_scipys_own_run(method):
    objective, evaluated, values = valley(), [], []

    def function(theta):
        value, grad = objective(theta)
        evaluated.append(value)
        return value, grad

    second = {None: {}, "hessp": {"hessp": objective.hvp}, "hess": {"hess": objective.hessian}}
    scipy.optimize.minimize(
        function,
        START,
        jac=True,
        method=method,
        tol=0,
        callback=lambda xk: values.append(min(evaluated)),
        options={"maxiter": 20},
        **second[METHODS[method]],
    )
    lowered = [after for before, after in pairwise([evaluated[0], *values]) if after < before]
    points, _ = minimize(ScipyMinimizer(method), valley(), START, steps=10)
    found = [point.value for point in points[1:]]
    np.testing.assert_array_equal(found[:8], lowered[:8])


def test_started_anew_after_some_iterations():
    rule = ScipyMinimizer("BFGS", restart=5)
    points, _ = minimize(rule, valley(), START, steps=6)
    plain, _ = minimize(replace(rule, restart=500), valley(), START, steps=6)
    again, _ = minimize(rule, valley(), points[5].theta, steps=1)
    np.testing.assert_array_equal(points[5].theta, plain[5].theta)
    np.testing.assert_array_equal(points[6].theta, again[1].theta)
    assert not np.array_equal(points[6].theta, plain[6].theta)


def test_a_continued_run_evaluates_and_counts_as_the_whole_one():
    rule, whole, objective = ScipyMinimizer("CG"), valley(), valley()
    expected, _ = minimize(rule, whole, START, steps=9)
    state = rule.init(START)
    points, _ = [point], _ = [expected[0]], objective(START)
    for _ in range(4):
        point, _ = rule.step(objective, point, state)
    objective.close()
    objective.minimization = None  # as if in a new process
    for _ in range(5):
        point, _ = rule.step(objective, point, state)
    objective.close()
    np.testing.assert_array_equal(point.theta, expected[-1].theta)
    assert objective.count == whole.count
    assert len(points) == 1


def test_other_data_are_not_repeated():
    rule, objective, state = ScipyMinimizer("CG"), valley(), ScipyMinimizer("CG").init(START)
    point = minimize(rule, objective, START, steps=0)[0][0]
    state["iterations"][:], state["value"][:] = 100, 1e9
    rule.step(objective, point, state)
    objective.close()
    assert state["iterations"] == 1
    assert state["value"] == point.value


@pytest.mark.parametrize("method", ["bfgs", "TNC", "Nelder-Mead", None])
def test_unknown_methods(method):
    with pytest.raises(InputError, match=r"ScipyMinimizer: method is .*, expected one of BFGS, CG, "):
        ScipyMinimizer(method)


def test_an_error_in_the_loss_reaches_the_caller_and_ends_the_thread():
    from deltaprop.functions import SquaredError

    class Failing(SquaredError):
        calls = 0

        def value(self, z, t):
            Failing.calls += 1
            if Failing.calls > 20:
                raise RuntimeError("the twentieth")
            return super().value(z, t)

    net = Network([Dense(3), "tanh", Dense(1)], inputs=1, loss=Failing(), seed=0)
    x = np.linspace(-1, 1, 20)[:, np.newaxis]
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="the twentieth"):
        net.fit(x, np.sin(3 * x), optimizer=ScipyMinimizer(), progress=False, epochs=100)
    assert threading.active_count() == before
    assert np.isfinite(net.theta).all()
