"""The gradient of a deep sigmoid network's first layer falls geometrically with the depth."""

import numpy as np

from ...data import load
from ..claims import Less, Within
from ..drawing import curves_by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from ..problem import Problem
from .deep import blocks, first_gradient

DEPTHS = (2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20)

ARMS = {
    "sigmoid, Xavier": ("sigmoid", "xavier_normal"),
    "tanh, Xavier": ("tanh", "xavier_normal"),
    "ReLU, He": ("relu", "he_normal"),
}


def measure(setting: Setting) -> Measured:
    problem = setting.problem or Problem.of(load("digits"))

    def arm(values, seed):
        activation, init = values

        def norm(depth):
            return first_gradient(problem.network(*blocks(depth - 1, init, activation), seed=seed), problem)

        norms = np.array([norm(depth) for depth in DEPTHS])
        slope = np.polyfit(DEPTHS, np.log(norms), 1)[0]
        return {"at depth 10": norms[DEPTHS.index(10)], "factor of a layer": np.exp(slope), "norms": norms}

    return measure_arms(setting, ARMS, arm, seeds=setting.size(5, 20))


EXPERIMENT = Experiment(
    title="Vanishing gradients",
    items=("C4",),
    source="Hochreiter (1991); Glorot and Bengio (2010), §4; Nielsen, Neural Networks and Deep Learning, ch. 5",
    method=(
        "The digits, 64-32-…-32-10 with 2 to 20 layers of weights, softmax and cross-entropy, at the initial weights:"
        " the norm of ∂E/∂w of the first layer over 200 samples."
    ),
    claims=(
        Less(
            "at depth 10",
            "sigmoid, Xavier",
            "ReLU, He",
            by=1e4,
            text="At depth 10 sigmoid's first-layer gradient is at least 10⁴ times smaller than ReLU's",
        ),
        Less(
            "at depth 10",
            "sigmoid, Xavier",
            "tanh, Xavier",
            by=1e3,
            text="… at least 10³ times smaller than tanh's",
        ),
        Within(
            "factor of a layer",
            "sigmoid, Xavier",
            at_most=0.25,
            text="Each layer of sigmoid units multiplies the gradient by at most 0.25, its largest f′",
        ),
        Within(
            "factor of a layer",
            "ReLU, He",
            at_least=0.8,
            at_most=1.25,
            text="A layer of ReLU with He's weights leaves it as it is, within 25 %",
        ),
    ),
    measure=measure,
    draw=curves_by_arm("norms", "layers of weights", "norm of the first layer's ∂E/∂w", x=DEPTHS, log=True),
    own_data=True,
)
