"""Exercise 1: the delta of an identity output with squared error."""

from __future__ import annotations

import numpy as np

from ..layers import Dense
from ..network import Network
from .exercise import Asked, Exercise


def pose(number: int, seed: int) -> Exercise:
    """One sample, 2 inputs and 3 identity outputs."""
    rng = np.random.default_rng([seed, number])
    net = Network([Dense(3)], inputs=2, loss="squared_error", dtype="float64")
    net.layers[0].w, net.layers[0].b = rng.normal(0, 1, (3, 2)).round(1), rng.normal(0, 1, 3).round(1)
    x, t = rng.normal(0, 2, (1, 2)).round(1), rng.normal(0, 3, (1, 3)).round(1)
    trace = net.trace(x, t)
    (layer,) = trace.layers
    return Exercise(
        number,
        seed,
        "The delta of the output",
        "An output of identity units, y = x wᵀ + b, has the loss e = ½ Σ (y − t)².",
        {"x": x, "w": net.layers[0].w.copy(), "b": net.layers[0].b.copy(), "y": trace.y, "t": t},
        (
            Asked(
                "delta",
                "∂e/∂z, with z = y",
                layer.delta,
                "y - t",
                {
                    "the sign": "t - y",
                    "the factor ½ of the loss is missing": "2 * (y - t)",
                    "that is the loss": "(y - t)**2 / 2",
                },
            ),
        ),
        "The derivative of ½ (y − t)² leaves y − t: the delta is how far the output is off.",
    )
