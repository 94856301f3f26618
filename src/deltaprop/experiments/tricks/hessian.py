"""Five ways to the Hessian: how exact each is, and how long it takes."""

from time import perf_counter

import numpy as np

from ...curvature import FiniteDifferences, GaussNewton, Hessian, hessian_diagonal
from ...solvers import LevenbergMarquardt
from ..claims import Less, Within
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms, train
from .second_order import surface, tanh_network

#: Function of network, x, t and the exact Hessian that returns an approximation and what it approximates.
METHODS = {
    "differences": lambda net, x, t, exact: (FiniteDifferences(net, x, t).dense(), exact),
    "squared Jacobian": lambda net, x, t, exact: (GaussNewton(net, x, t).dense(), exact),
    "diagonal": lambda net, x, t, exact: (hessian_diagonal(net, x, t), exact.diagonal()),
    "diagonal without f″": lambda net, x, t, exact: (
        hessian_diagonal(net, x, t, gauss_newton=True),
        exact.diagonal(),
    ),
    "product with a vector": lambda net, x, t, exact: (net.hvp(x, t, np.ones(len(exact))), exact.sum(axis=1)),
}
ARMS = {
    f"{name}, {state}": (method, state)
    for state in ("initial weights", "trained")
    for name, method in METHODS.items()
}


def measure(setting: Setting) -> Measured:
    width, samples, iterations = setting.size((6, 100, 60), (10, 200, 100))
    x, t = surface(samples)

    def run(arm, seed):
        method, state = arm
        net = tanh_network(2, width, width, 1, seed=seed)
        if state == "trained":
            train(net, x, t, optimizer=LevenbergMarquardt(), epochs=iterations)
        exact = Hessian(net, x, t).dense()
        began = perf_counter()
        got, wanted = method(net, x, t, exact)
        seconds = perf_counter() - began
        return {"error": np.linalg.norm(got - wanted) / np.linalg.norm(wanted), "milliseconds": 1e3 * seconds}

    return measure_arms(setting, ARMS, run, seeds=setting.size(3, 10))


EXPERIMENT = Experiment(
    title="Five ways to the Hessian",
    items=("D9",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §7; Pearlmutter (1994)",
    method=(
        "100 samples of sin(3 x₁) cos(2 x₂) + x₁ x₂, 2-6-6-1, tanh, with initial weights and after 60 iterations "
        "of Levenberg–Marquardt (at full size 200 samples, 2-10-10-1, 100 iterations); relative error, against "
        "the matrix of exact products with the unit vectors."
    ),
    claims=(
        Within(
            "error", "product with a vector, trained", at_most=1e-9, text="Pearlmutter's product is exact"
        ),
        Within(
            "error", "differences, initial weights", at_most=1e-5, text="Differences of gradients come close"
        ),
        Less(
            "error",
            "squared Jacobian, trained",
            "squared Jacobian, initial weights",
            by=10,
            text="The squared Jacobian becomes exact as the residuals vanish",
        ),
        Within(
            "error",
            "diagonal, initial weights",
            at_least=1e-3,
            text="Backpropagation of the diagonal is approximate",
        ),
    ),
    measure=measure,
    draw=by_arm({"error": "relative error", "milliseconds": "milliseconds"}),
)
