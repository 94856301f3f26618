"""Five ways to the Hessian: how exact each is, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from matplotlib.figure import Figure

from ..curvature import FiniteDifferences, GaussNewton, Hessian, hessian_diagonal
from ..network import Network
from ..plots import LIGHT, figure_of, legend, logarithmic, styled
from ..solvers import LevenbergMarquardt
from .problems import surface, tanh_network

#: Errors below this are drawn there.
SMALLEST = 1e-17


@dataclass(frozen=True)
class HessianMethods:
    """What `compare_hessians` found.

    Attributes
    ----------
    methods : tuple of str
    errors : ndarray of shape (methods, 2)
        ‖approximation − exact‖ / ‖exact‖, with the initial weights and with the trained ones.
    seconds : ndarray of shape (methods,)
    parameters : int
    """

    methods: tuple[str, ...]
    errors: np.ndarray
    seconds: np.ndarray
    parameters: int

    def __str__(self) -> str:
        lines = [f"{'':<42} error before and after training        time"]
        for method, (before, after), seconds in zip(self.methods, self.errors, self.seconds, strict=True):
            lines.append(f"{method:<42} {before:10.1e} {after:10.1e} {1e3 * seconds:17.3f} ms")
        return "\n".join(lines)

    def figure(self) -> Figure:
        """Errors of each method, with its time."""
        ax = styled(None, LIGHT, 7.2, 3.4, grid="x")
        places = np.arange(len(self.methods))[::-1]
        for k, label in enumerate(("initial weights", "trained weights")):
            errors = np.maximum(self.errors[:, k], SMALLEST)
            ax.plot(errors, places, LIGHT.marker(k), color=LIGHT.color(k), markersize=7, label=label)
        labels = [f"{m}\n{1e3 * s:.3g} ms" for m, s in zip(self.methods, self.seconds, strict=True)]
        ax.set_yticks(places, labels, fontsize=8)
        logarithmic(ax.xaxis)
        ax.set(xlim=(SMALLEST / 3, 3), xlabel="relative error")
        legend(ax, LIGHT)
        return figure_of(ax)


def compare_hessians(width: int = 10, samples: int = 200, iterations: int = 100) -> HessianMethods:
    """The Hessian of a tanh network with two hidden layers, before and after training, by several methods.

    The exact one is that of exact products with the unit vectors (Pearlmutter). Finite differences of the gradient come
    close; the squared Jacobian (Gauss–Newton) leaves out a term in proportion to the residuals, and becomes exact
    as these vanish; backpropagation of the diagonal neglects what couples the units of a layer.
    """
    x, t = surface(samples)
    net = tanh_network((2, width, width, 1))
    errors, seconds = [], np.full(5, np.inf)
    for epochs in (0, iterations):
        if epochs:
            net.fit(x, t, epochs=epochs, optimizer=LevenbergMarquardt(), progress=False)
        found = [_error_and_time(method, net, x, t) for method in METHODS.values()]
        errors.append([error for error, _ in found])
        seconds = np.minimum(seconds, [time for _, time in found])
    return HessianMethods(tuple(METHODS), np.transpose(errors), seconds, net.theta.size)


def _error_and_time(method: Callable, net: Network, x: np.ndarray, t: np.ndarray) -> tuple[float, float]:
    exact, times = Hessian(net, x, t).dense(), []
    approximate = wanted = exact
    for _ in range(3):
        began = perf_counter()
        approximate, wanted = method(net, x, t, exact)
        times.append(perf_counter() - began)
    return float(np.linalg.norm(approximate - wanted) / np.linalg.norm(wanted)), min(times)


#: Name → function of network, x, t and the exact Hessian that returns the approximation and what it approximates.
METHODS: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "finite differences, the matrix": lambda net, x, t, exact: (FiniteDifferences(net, x, t).dense(), exact),
    "squared Jacobian, the matrix": lambda net, x, t, exact: (GaussNewton(net, x, t).dense(), exact),
    "backpropagation, the diagonal": lambda net, x, t, exact: (hessian_diagonal(net, x, t), exact.diagonal()),
    "backpropagation without f″, the diagonal": lambda net, x, t, exact: (
        hessian_diagonal(net, x, t, gauss_newton=True),
        exact.diagonal(),
    ),
    "exact product with a vector": lambda net, x, t, exact: (
        net.hvp(x, t, np.ones(len(exact))),
        exact.sum(axis=1),
    ),
}
