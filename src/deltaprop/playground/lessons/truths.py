"""The right answers to the lessons' questions, computed from the run as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import curvature
from ..complaints import Complaint
from ..settings import rule_numbers
from .page import Number

if TYPE_CHECKING:
    from ...trace import Trace
    from ..run import Run


def measure(number: Number, run: Run) -> float:
    """The right answer; a `Complaint` where the run does not have what the question asks for."""
    try:
        value = float(TRUTHS[number.truth](run, **number.arguments))
    except LookupError:
        value = np.nan
    if not np.isfinite(value):
        raise Complaint("lesson_over")
    return value


def output(run: Run, x: float, y: float) -> float:
    """z of the first output at a place."""
    return run.network.forward(run.problem.from_plane(np.array([[x, y]])))[0, 0]


def output_delta(run: Run, x: float, y: float) -> float:
    """δ of the first output for the sample nearest to a place."""
    return trace(run, x, y).layers[-1].delta[0, 0]


def slope(run: Run, x: float, y: float) -> float:
    """f′ of the first hidden unit for the sample nearest to a place."""
    f_prime = trace(run, x, y).layers[0].f_prime
    if not run.settings.layers or f_prime is None:
        raise LookupError("no hidden layer")
    return f_prime[0, 0]


def factor_of_delta(run: Run) -> float:
    """What a step multiplies δ of the first sample by."""
    x, y = run.points.x[0]
    before, after = run.fork(), run.fork()
    after.advance(1)
    return output_delta(after, x, y) / output_delta(before, x, y)


def fitted_weight(run: Run, feature: float) -> float:
    """The weight of a feature in the least-squares fit of the training samples without a hidden layer."""
    data = run.fit.trainer.data
    inputs = np.column_stack([data.x[data.samples], np.ones(len(data.samples))])
    return np.linalg.lstsq(inputs, data.t[data.samples])[0][:-1, 0][int(feature)]


def feature(run: Run, x: float, y: float) -> float:
    """The first input at a place."""
    return run.problem.from_plane(np.array([[x, y]]))[0, 0]


def steps_per_epoch(run: Run) -> float:
    return run.steps_per_epoch


def amplification(run: Run) -> float:
    """1/(1 − γ), by which momentum enlarges steps that keep their direction."""
    optimizer = run.settings.optimizer
    gamma = (rule_numbers(optimizer.name) | optimizer.numbers).get("momentum", 0.0)
    return 1.0 / (1.0 - gamma) if gamma < 1.0 else np.inf


def first_step(run: Run) -> float:
    """How far the first step of the run moved the weight that it moved farthest."""
    past = run.fork()
    past.go_to(0)
    before = past.network.theta.copy()
    past.advance(1)
    return np.abs(past.network.theta - before).max()


def gap(run: Run) -> float:
    """The test loss minus the training loss."""
    train, test, _, _ = run.losses()
    return test - train


def largest_rate(run: Run) -> float:
    """2/λ_max of the Hessian over the training samples."""
    return 2.0 / spectrum(run)[-1]


def condition(run: Run) -> float:
    """λ_max / λ_min of the Hessian over the training samples."""
    values = spectrum(run)
    return values[-1] / values[0]


def large_eigenvalues(run: Run) -> float:
    """How many eigenvalues are larger than a tenth of the largest."""
    values = spectrum(run)
    return int(np.count_nonzero(values > values[-1] / 10))


def spectrum(run: Run) -> np.ndarray:
    """All eigenvalues of the Hessian, ascending, as the page shows them; of a small network only."""
    found = curvature.spectrum(run)
    if not found.exact:
        raise LookupError("too many weights")
    return np.array(found.eigenvalues)


def trace(run: Run, x: float, y: float) -> Trace:
    """The pass for the sample nearest to a place."""
    nearest = [np.argmin(np.square(run.points.x - (x, y)).sum(axis=1))]
    return run.network.trace(run.problem.inputs[nearest], run.fit.trainer.data.t[nearest])


TRUTHS = {
    f.__name__: f
    for f in (
        *(output, output_delta, slope, factor_of_delta, fitted_weight, feature, steps_per_epoch),
        *(amplification, first_step, gap, largest_rate, condition, large_eigenvalues),
    )
}
