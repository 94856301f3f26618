"""Solvers that train the network of the workload "lm" until the mean squared error is small enough."""

from __future__ import annotations

import contextlib
from time import perf_counter

import numpy as np

from ..workloads import LM

#: Name → the library, and what its function needs beside the goal.
SOLVERS = {
    "LevenbergMarquardt": ("deltaprop", ("LevenbergMarquardt", {})),
    "LevenbergMarquardt, no acceleration": ("deltaprop", ("LevenbergMarquardt", {"acceleration": 0.0})),
    "GaussNewton": ("deltaprop", ("GaussNewton", {})),
    "ScaledConjugateGradient": ("deltaprop", ("ScaledConjugateGradient", {})),
    "BFGS (ScipyMinimizer)": ("deltaprop", ("ScipyMinimizer", {"method": "BFGS"})),
    "trust-krylov (ScipyMinimizer)": ("deltaprop", ("ScipyMinimizer", {"method": "trust-krylov"})),
    "LBFGS": ("deltaprop", ("LBFGS", {"decrease": 0.0})),
    "Adam, batches of 32, rate 0.003": ("deltaprop", ("Adam", {"learning_rate": 0.003}, 32)),
    "Adam, batches of 32, rate 0.001": ("deltaprop", ("Adam", {"learning_rate": 0.001}, 32)),
    "Adam, all samples, rate 0.01": ("deltaprop", ("Adam", {"learning_rate": 0.01}, 1000)),
    "torch-levenberg-marquardt, Cholesky": ("torch", "cholesky"),
    "SciPy, least_squares": ("least_squares", "lm"),
    "SciPy, L-BFGS-B": ("minimize", "L-BFGS-B"),
}


class Goal:
    """Reaching a mean squared error within some seconds and iterations.

    Parameters
    ----------
    mse, seconds : float
    iterations : int
    """

    def __init__(self, mse: float, seconds: float, iterations: int):
        self.mse, self.seconds, self.iterations = mse, seconds, iterations
        self.began, self.done, self.reached = perf_counter(), 0, np.inf

    def over(self, mse: float, done: int) -> bool:
        """Whether the goal is reached, or a limit, with that error after so many iterations."""
        self.done, self.reached = done, min(self.reached, mse)
        return mse <= self.mse or done >= self.iterations or perf_counter() - self.began >= self.seconds

    def result(self) -> tuple[float, dict]:
        """The seconds taken, infinite if the goal is not reached, and more about the run."""
        met = self.reached <= self.mse
        extra = {"iterations": self.done, "mse": float(self.reached)}
        return perf_counter() - self.began if met else np.inf, extra


def prepare(task: str, name: str, threads: int):
    """See `benchmarks.contenders`; the task is "MSE SECONDS ITERATIONS", a round is a seed of the first weights."""
    mse, seconds, iterations = map(float, task.split())
    library, options = SOLVERS[name]
    x, t = LM.data()

    def run(seed, limit=seconds):
        goal = Goal(mse, limit, int(iterations))
        LIBRARIES[library](LM.network(seed), x, t, goal, options)
        return goal.result()

    run(0, 0.2)
    return run


class Reached(Exception):
    """Raised within a function that SciPy calls, to end its run."""


def _deltaprop(net, x, t, goal, options):
    from deltaprop import optimizers, solvers
    from deltaprop.training import Callback

    class Watch(Callback):
        history_only = True

        def on_epoch(self, run):
            if goal.over(2 * run.history.last["train_loss"], len(run.history)):
                run.stop("done")

    name, arguments, *batch = options
    if name in solvers.__all__:
        rule, arguments = getattr(solvers, name), {"tolerance": 1e-9} | arguments
    else:
        rule = getattr(optimizers, name)
    batches = {"batch_size": batch[0]} if batch else {}
    net.fit(
        x,
        t,
        optimizer=rule(**arguments),
        epochs=goal.iterations,
        callbacks=[Watch()],
        progress=False,
        **batches,
    )


def _torch(net, x, t, goal, method):
    from torch_levenberg_marquardt.training import LevenbergMarquardtModule

    from .torch_ import network, tensors

    weights = [array for layer in net.layers for array in layer.arrays.values()]
    model = network(LM, weights)
    solver = LevenbergMarquardtModule(model, solve_method=method)
    x, t = tensors(LM, x, t)
    stop, done = False, 0
    while not stop:
        _, loss, stop, _ = solver.training_step(x, t)
        done += 1
        stop |= goal.over(float(loss), done)


def _least_squares(net, x, t, goal, method):
    from scipy.optimize import least_squares

    from .scipy_ import functions

    evaluate, jacobian = functions(net, x, t)
    done = 0

    def residuals(theta):
        r = evaluate(theta)
        if goal.over(float(r @ r) / len(r), done):
            raise Reached
        return r

    def counted(theta):
        nonlocal done
        done += 1
        return jacobian(theta)

    tolerances = dict.fromkeys(("ftol", "xtol", "gtol"), 1e-15)
    with contextlib.suppress(Reached):
        least_squares(residuals, net.theta.copy(), counted, method=method, **tolerances)


def _minimize(net, x, t, goal, method):
    from scipy.optimize import minimize

    t, done = t[:, None], 0

    def value(theta):
        net.theta = theta
        return net.evaluator.gradient(x, t)

    def watch(intermediate_result):
        nonlocal done
        done += 1
        if goal.over(2 * intermediate_result.fun, done):
            raise StopIteration

    options = {"maxiter": 10**9, "maxfun": 10**9, "ftol": 0, "gtol": 0}
    minimize(value, net.theta.copy(), jac=True, method=method, callback=watch, options=options)


LIBRARIES = {
    "deltaprop": _deltaprop,
    "torch": _torch,
    "least_squares": _least_squares,
    "minimize": _minimize,
}
