"""Exercise 5: the four equations for a batch."""

from __future__ import annotations

import numpy as np

from ..layers import Dense
from ..network import Network
from .exercise import Asked, Exercise


def pose(number: int, seed: int) -> Exercise:
    """Four samples, three sigmoid units below two outputs."""
    rng = np.random.default_rng([seed, number])
    net = Network(["sigmoid", Dense(2)], inputs=3, loss="squared_error", dtype="float64")
    net.layers[1].w, net.layers[1].b = rng.normal(0, 1, (2, 3)).round(1), rng.normal(0, 1, 2).round(1)
    z, t = rng.normal(0, 1, (4, 3)).round(1), rng.normal(0, 1, (4, 2)).round(1)
    below, above = net.trace(z, t).layers
    forgotten = "the factor 1/n is missing: E is a mean over the samples"
    return Exercise(
        number,
        seed,
        "The four equations for a batch",
        "n samples in rows: a = σ(z) goes into a layer with the weights w, whose delta has a row for each sample,\n"
        "∂e/∂z of its own loss. E is the mean of the losses.",
        {
            "z": z,
            "a": below.a,
            "w": net.layers[1].w.copy(),
            "delta": above.delta,
            "n": np.asarray(float(len(z))),
        },
        (
            Asked(
                "d_w",
                "∂E/∂w",
                above.d_w,
                "delta.T @ a / n",
                {
                    forgotten: "delta.T @ a",
                    "it is transposed": "a.T @ delta / n",
                    "the input of the layer is a, not z": "delta.T @ z / n",
                },
            ),
            Asked(
                "d_b",
                "∂E/∂b",
                above.d_b,
                "mean(delta, axis=0)",
                {
                    forgotten: "sum(delta, axis=0)",
                    "the mean is over the samples, axis=0": "mean(delta, axis=1)",
                },
            ),
            Asked(
                "delta_below",
                "∂e/∂z of the sigmoid units, a row for each sample",
                below.delta,
                "(delta @ w) * a * (1 - a)",
                {
                    "the factor a(1 − a), f′(z), is missing": "delta @ w",
                    "each row is the delta of one sample: 1/n belongs to d_w and d_b": "(delta @ w) * a * (1 - a) / n",
                    "f′(z) is a(1 − a), with the activation instead of z": "(delta @ w) * z * (1 - z)",
                },
            ),
        ),
        "One matrix product does it for all samples: the sum over them is inside of deltaᵀ a.",
    )
