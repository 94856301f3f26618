"""The four equations of backpropagation, against differences; and when a weight learns slowly."""

from typing import Any

import numpy as np

from ...functions import Sigmoid
from ...layers import Dense
from ...network import Network
from ..claims import Less, Within
from ..drawing import by_arm
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms

SAMPLES, H = 20, 1e-5
EQUATIONS = ("delta of the output", "delta of a hidden layer", "gradient of b", "gradient of w")


def network(seed):
    """4-6-5-3 with sigmoids and squared error, and random samples."""
    rng = np.random.default_rng(seed)
    net = Network([Dense(6), "sigmoid", Dense(5), "sigmoid", Dense(3)], inputs=4, dtype="float64", seed=seed)
    return net, rng.standard_normal((SAMPLES, 4)), rng.standard_normal((SAMPLES, 3))


def error(net, x, t, layer=None, d_z: Any = 0.0):
    """E by the forward equations alone, with d_z added to the z of one layer."""
    a = x
    for k in (0, 2, 4):
        z = a @ net.layers[k].w.T + net.layers[k].b + (d_z if k == layer else 0.0)
        a = Sigmoid().f(z) if k < 4 else z
    return 0.5 * np.square(a - t).sum(axis=1).mean()


def differences(function, values):
    """Central differences of a function with respect to each of these values, which are moved in place."""
    found = np.empty_like(values)
    for place in np.ndindex(values.shape):
        before = values[place]
        values[place] = before + H
        above = function()
        values[place] = before - H
        found[place] = (above - function()) / (2 * H)
        values[place] = before
    return found


def check(equation, seed):
    """The largest difference of the equation's right side from the differences of E."""
    net, x, t = network(seed)
    _, _, below, _, last = net.trace(x, t).layers
    if equation == "delta of the output":
        shift = np.zeros_like(last.z)
        got, wanted = last.z - t, SAMPLES * differences(lambda: error(net, x, t, 4, shift), shift)
    elif equation == "delta of a hidden layer":
        shift = np.zeros_like(below.z)
        got = (last.delta @ net.layers[4].w) * below.f_prime
        wanted = SAMPLES * differences(lambda: error(net, x, t, 2, shift), shift)
    elif equation == "gradient of b":
        got, wanted = below.delta.mean(axis=0), differences(lambda: error(net, x, t), net.layers[2].b)
    else:
        got, wanted = (
            below.delta.T @ below.x / SAMPLES,
            differences(lambda: error(net, x, t), net.layers[2].w),
        )
    return {"departure": np.abs(got - wanted).max()}


def one_weight(change, seed):
    """|∂E/∂w| of a weight into a sigmoid unit below a linear one, after one change."""
    rng = np.random.default_rng(seed)
    net = Network([Dense(1), "sigmoid", Dense(1)], inputs=1, dtype="float64", seed=seed)
    x, t = rng.uniform(0.5, 1.5, (1, 1)), np.array([[3.0]])
    if change == "input near 0":
        x *= 1e-3
    elif change == "saturated unit":
        net.layers[0].b = [10.0]
    elif change == "delta above near 0":
        net.layers[2].w *= 1e-3
    return {"|∂E/∂w|": abs(net.trace(x, t).responsibility(0, 0, 0).value)}


SLOW = ("as drawn", "input near 0", "saturated unit", "delta above near 0")


def measure(setting: Setting) -> Measured:
    exact = measure_arms(setting, EQUATIONS, check, seeds=setting.size(5, 50))
    slow = measure_arms(setting, SLOW, one_weight, seeds=setting.size(10, 100))
    return combine(exact, slow)


EXPERIMENT = Experiment(
    title="The four equations",
    items=("B3",),
    source="Nielsen, Neural Networks and Deep Learning, ch. 2; Rumelhart, Hinton, Williams (1986)",
    method=(
        f"4-6-5-3, sigmoid, squared error, {SAMPLES} random samples; each equation evaluated from the quantities of a "
        f"trace, against central differences of E with step {H:g}. Then one weight of 1-1-1 with a single change each."
    ),
    claims=(
        *(
            Within("departure", name, at_most=1e-8, text=f"The equation for the {name} holds")
            for name in EQUATIONS
        ),
        Less(
            "|∂E/∂w|",
            "input near 0",
            "as drawn",
            by=100,
            text="A weight learns slowly if its input is near 0",
        ),
        Less("|∂E/∂w|", "saturated unit", "as drawn", by=100, text="… if its unit is saturated"),
        Less("|∂E/∂w|", "delta above near 0", "as drawn", by=100, text="… if the deltas above are near 0"),
    ),
    measure=measure,
    draw=by_arm({"departure": "largest departure", "|∂E/∂w|": "|∂E/∂w|"}),
)
