"""Every rule on a parabola and in Rosenbrock's curved valley: a stated error within a stated number of steps."""

import numpy as np
import pytest

from deltaprop.functions import Exponential, Inverse
from deltaprop.optimizers import (
    SGD,
    AdaGrad,
    Adam,
    AdamW,
    DeltaBarDelta,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
)


def minimize(rule, gradient, start, steps):
    theta = np.array(start)
    state = rule.init(theta)
    for k in range(steps):
        rule.step(theta, gradient(theta), state, k)
    return theta


def parabola(theta):
    """∇ of ½ (x² + 10 y²), around (0, 0)."""
    return np.array([1.0, 10.0]) * theta


def rosenbrock(theta):
    """∇ of (1 − x)² + 100 (y − x²)², smallest at (1, 1)."""
    x, y = theta
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        (GradientDescent(2 / 11), 80),  # the best constant rate, 2/(λ_min + λ_max): 9/11 a step
        (SGD(2 / 11), 80),
        (Momentum(0.23, 0.27), 40),  # near Polyak's best pair: (√10 − 1)/(√10 + 1) ≈ 0.52 a step
        (Nesterov(0.1, 0.52), 50),
        (AdaGrad(1.0), 80),
        (RMSProp(Exponential(0.5, 0.5, every=20), 0.9), 600),  # a constant rate would circle the minimum
        (Adam(0.3), 400),
        (AdamW(0.3, weight_decay=1e-3), 400),
        (DeltaBarDelta(2 / 11), 40),  # half of what the best constant rate takes
    ],
    ids=lambda value: type(value).__name__,
)
def test_parabola(rule, steps):
    assert np.abs(minimize(rule, parabola, (3.0, -2.0), steps)).max() < 1e-6


@pytest.mark.parametrize(
    ("rule", "steps", "error"),
    [
        (GradientDescent(1e-3), 20_000, 0.01),
        (SGD(1e-3), 20_000, 0.01),
        (Momentum(1e-3, 0.9), 4_000, 1e-3),
        (Nesterov(1e-3, 0.9), 4_000, 1e-3),
        (AdaGrad(0.5), 6_000, 0.01),
        (RMSProp(Inverse(10.0, 1000.0), 0.99), 6_000, 1e-2),
        (Adam(0.02), 4_000, 1e-3),
        (AdamW(0.02, weight_decay=0.0), 4_000, 1e-3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_rosenbrocks_valley(rule, steps, error):
    """Distance to (1, 1) from the customary start (−1.2, 1), where the valley has to be found and then followed."""
    assert np.abs(minimize(rule, rosenbrock, (-1.2, 1.0), steps) - 1).max() < error
