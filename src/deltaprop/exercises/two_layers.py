"""Exercise 3: all gradients of a network with two layers."""

from __future__ import annotations

import numpy as np

from ..layers import Dense
from ..network import Network
from .exercise import Asked, Exercise


def pose(number: int, seed: int) -> Exercise:
    """One sample through 2-3-3 units, at least one of the hidden ones on and one off."""
    rng = np.random.default_rng([seed, number])
    net = Network([Dense(3), "relu", Dense(3)], inputs=2, loss="softmax_cross_entropy", dtype="float64")
    x, label = rng.choice([-1, 1], (1, 2)) * rng.uniform(0.5, 2, (1, 2)).round(1), rng.integers(3, size=1)
    first, second = net.layers[0], net.layers[2]
    on = 0
    while on not in (1, 2):
        first.w, first.b = rng.normal(0, 1, (3, 2)).round(1), rng.normal(0, 0.5, 3).round(1) + 0.05
        on = int((net.trace(x, label).layers[0].z > 0).sum())
    second.w, second.b = rng.normal(0, 1, (3, 3)).round(1), rng.normal(0, 0.5, 3).round(1)
    trace = net.trace(x, label)
    lower, _, upper = trace.layers
    given = {
        "x": x,
        "t": trace.t,
        "w1": first.w.copy(),
        "b1": first.b.copy(),
        "w2": second.w.copy(),
        "b2": second.b.copy(),
    }
    given |= {"z1": lower.z, "a1": lower.a, "y": trace.y}
    back, forward = "((y - t) @ w2)", "((y - t) @ w2.T)"
    return Exercise(
        number,
        seed,
        "All gradients of a network with two layers",
        "z1 = x w1ᵀ + b1, a1 = ReLU(z1), z2 = a1 w2ᵀ + b2, y = softmax(z2), and the loss e = −Σ t log y.",
        given,
        (
            Asked(
                "d_w2",
                "∂e/∂w2",
                upper.d_w,
                "(y - t).T @ a1",
                {
                    "the softmax needs no factor y(1 − y) here": "((y - t) * y * (1 - y)).T @ a1",
                    "it is transposed": "a1.T @ (y - t)",
                    "the input of the layer is a1, not z1": "(y - t).T @ z1",
                },
            ),
            Asked(
                "d_b2",
                "∂e/∂b2",
                upper.d_b,
                "y - t",
                {"the softmax needs no factor y(1 − y) here": "(y - t) * y * (1 - y)"},
            ),
            Asked(
                "d_w1",
                "∂e/∂w1",
                lower.d_w,
                f"({back} * H(z1)).T @ x",
                {
                    "the factor ReLU′(z1) is missing: units that are off learn nothing": f"{back}.T @ x",
                    "it is transposed": f"x.T @ ({back} * H(z1))",
                    "delta goes back through w2 itself, (delta w2), not its transpose": f"({forward} * H(z1)).T @ x",
                    "the factor is ReLU′(z1), not ReLU(z1)": f"({back} * a1).T @ x",
                },
            ),
            Asked(
                "d_b1",
                "∂e/∂b1",
                lower.d_b,
                f"{back} * H(z1)",
                {
                    "the factor ReLU′(z1) is missing: units that are off learn nothing": back,
                    "delta goes back through w2 itself, (delta w2), not its transpose": f"{forward} * H(z1)",
                    "the factor is ReLU′(z1), not ReLU(z1)": f"{back} * a1",
                },
            ),
        ),
        "Hidden units with z1 < 0 pass nothing back: their rows of d_w1 are 0.",
    )
