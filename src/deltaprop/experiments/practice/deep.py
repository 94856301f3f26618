"""What the experiments with deep networks share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...layers import Dense, Layer
from ...network import Network
from ..problem import Problem

SAMPLES = 200
WIDTH = 32


def blocks(count: int, init: Any, activation: str, normalization: Sequence[Layer] = ()) -> list[Any]:
    """Hidden layers of 32 units."""
    return [layer for _ in range(count) for layer in (Dense(WIDTH, init=init), *normalization, activation)]


def first_gradient(network: Network, problem: Problem) -> float:
    """The norm of ∂E/∂w of the first layer, over 200 samples; batch normalization as in training."""
    _, gradient = network.gradient(problem.x[:SAMPLES], problem.t[:SAMPLES], training=True)
    return float(np.linalg.norm(network.views(gradient)[0].w))
