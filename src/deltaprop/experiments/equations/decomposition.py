"""Linear, activation and loss sub-layers: each can be replaced on its own, and the gradient stays right."""

import numpy as np

from ...layers import RBF, Dense
from ...network import Network
from ..claims import Within
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms

DENSE, TANH, SQUARED = Dense(5), "tanh", "squared_error"
ARMS = {
    "dense, tanh, squared error": (DENSE, TANH, SQUARED),
    "RBF for dense": (RBF(5), TANH, SQUARED),
    "sigmoid for tanh": (DENSE, "sigmoid", SQUARED),
    "GELU for tanh": (DENSE, "gelu", SQUARED),
    "softmax + cross-entropy": (DENSE, TANH, "softmax_cross_entropy"),
    "sigmoid + cross-entropy": (DENSE, TANH, "sigmoid_cross_entropy"),
}
H = 1e-5


def check(parts, seed):
    """The largest difference of the gradient of E from central differences."""
    units, activation, loss = parts
    rng = np.random.default_rng(seed)
    net = Network([units, activation, Dense(3)], inputs=4, loss=loss, dtype="float64", seed=seed)
    x, t = rng.standard_normal((10, 4)), np.eye(3)[rng.integers(3, size=10)]
    grad, wanted = net.gradient(x, t)[1], np.empty_like(net.theta)
    for i in range(net.theta.size):
        values = []
        for step in (H, -H):
            net.theta[i] += step
            values.append(net.value(x, t))
            net.theta[i] -= step
        wanted[i] = (values[0] - values[1]) / (2 * H)
    return {"departure": np.abs(grad - wanted).max()}


def measure(setting: Setting) -> Measured:
    return measure_arms(setting, ARMS, check, seeds=setting.size(3, 20))


EXPERIMENT = Experiment(
    title="Layers that can be replaced",
    items=("B4",),
    source="a university course",
    method=(
        "4 inputs, 5 hidden units, 3 outputs; one sub-layer replaced at a time; the gradient of E over 10 random "
        f"samples against central differences of step {H:g}."
    ),
    claims=tuple(
        Within("departure", arm, at_most=1e-8, text=f"{arm}: the gradient is right") for arm in ARMS
    ),
    measure=measure,
    draw=by_arm({"departure": "largest departure of ∂E/∂θ"}),
)
