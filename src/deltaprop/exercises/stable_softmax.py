"""Exercise 4: the softmax of large numbers."""

from __future__ import annotations

import numpy as np

from ..network import Network
from .exercise import Asked, Exercise


def pose(number: int, seed: int) -> Exercise:
    """Two samples of three outputs; the second ones are around 1000."""
    rng = np.random.default_rng([seed, number])
    z = rng.normal(0, 1.2, (2, 3)).round(1)
    z[1] += 1000.0
    label = rng.integers(3, size=2)
    net = Network([], inputs=3, loss="softmax_cross_entropy", dtype="float64")
    trace = net.trace(z, label)
    shifted = "s = z - max(z, axis=1, keepdims=True); "
    loss = "log(sum(exp(s), axis=1)) - sum(t * s, axis=1)"
    overflow = "exp overflows: subtract the row's maximum from z first"
    return Exercise(
        number,
        seed,
        "The softmax of large numbers",
        "y = softmax(z) of each row, y_j = exp(z_j) / Σ_k exp(z_k), computed so that nothing overflows; and E, the\n"
        "mean of the cross-entropies −Σ t log y of the rows.",
        {"z": z, "t": trace.t},
        (
            Asked(
                "y",
                "softmax(z) of each row",
                trace.y,
                shifted + "exp(s) / sum(exp(s), axis=1, keepdims=True)",
                {
                    overflow: "exp(z) / sum(exp(z), axis=1, keepdims=True)",
                    "each row is divided by its own sum": shifted + "exp(s) / sum(exp(s))",
                    "each row is divided by its own sum, axis=1": shifted + "exp(s) / sum(exp(s), axis=0)",
                    "it is not divided by the sum of the row": shifted + "exp(s)",
                    "each row is shifted by its own maximum": "e = exp(z - max(z)); e / sum(e, axis=1, keepdims=True)",
                },
            ),
            Asked(
                "E",
                "the mean cross-entropy",
                np.asarray(trace.value),
                f"{shifted}mean({loss})",
                {
                    overflow: "mean(log(sum(exp(z), axis=1)) - sum(t * z, axis=1))",
                    "the mean over the samples is missing: divide by n": f"{shifted}sum({loss})",
                    "the sign": f"{shifted}-mean({loss})",
                },
            ),
        ),
        "The shift changes nothing: exp(z − c) / Σ exp(z − c) has the factor exp(−c) above and below.",
    )
