"""Exercise 2: a sigmoid output with squared error and with binary cross-entropy."""

from __future__ import annotations

import numpy as np

from ..network import Network
from .exercise import Asked, Exercise


def pose(number: int, seed: int) -> Exercise:
    """One sample and 3 sigmoid outputs, the last of which is saturated at the wrong side."""
    rng = np.random.default_rng([seed, number])
    t = rng.integers(0, 2, (1, 3)).astype(float)
    z = rng.normal(0, 1.5, (1, 3)).round(1) + 0.05
    z[0, 2] = (1 - 2 * t[0, 2]) * rng.uniform(5, 6)
    z = z.round(2)
    squared = Network(["sigmoid"], inputs=3, loss="squared_error", dtype="float64").trace(z, t)
    entropy = Network(["identity"], inputs=3, loss="sigmoid_cross_entropy", dtype="float64").trace(z, t)
    a = squared.y
    slope = a[0, 2] * (1 - a[0, 2])
    return Exercise(
        number,
        seed,
        "The sigmoid with two losses",
        "Sigmoid outputs a = σ(z), once with squared error e = ½ Σ (a − t)², once with binary cross-entropy\n"
        "e = −Σ (t log a + (1 − t) log(1 − a)).",
        {"z": z, "a": a, "t": t},
        (
            Asked(
                "delta_se",
                "∂e/∂z with squared error",
                squared.layers[0].delta,
                "(a - t) * a * (1 - a)",
                {
                    "the factor a(1 − a), f′(z), is missing": "a - t",
                    "the sign": "(t - a) * a * (1 - a)",
                    "f′(z) is a(1 − a), with the activation instead of z": "(a - t) * z * (1 - z)",
                    "that is f′(z) alone, without a − t": "a * (1 - a)",
                },
            ),
            Asked(
                "delta_bce",
                "∂e/∂z with binary cross-entropy",
                entropy.layers[0].delta,
                "a - t",
                {
                    "the factor a(1 − a) cancels against the derivative of the logarithm": "(a - t) * a * (1 - a)",
                    "the sign": "t - a",
                    "that is ∂e/∂a, without the factor a(1 − a)": "(a - t) / (a * (1 - a))",
                },
            ),
        ),
        f"The last unit is wrong and saturated: its factor a(1 − a) is {slope:.2g}, so with squared error it hardly "
        "learns.\nWith cross-entropy its delta is almost ±1.",
    )
