"""Activations: their values and slopes, and what a network is without any."""

import numpy as np

from ...functions import GELU, Identity, LeakyReLU, ReLU, ScaledTanh, Sigmoid, Step, Tanh
from ...layers import Dense
from ...network import Network
from ...plots import curves, figure_of, panels
from ..claims import Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import combine, measure_arms

FUNCTIONS = {
    "step": Step(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "scaled tanh": ScaledTanh(),
    "ReLU": ReLU(),
    "leaky ReLU": LeakyReLU(),
    "GELU": GELU(),
    "identity": Identity(),
}
Z = np.linspace(-3, 3, 601)


def slope(function, _):
    """The largest difference of f′ from a central difference, where f is smooth; and the largest f′."""
    h, smooth = 1e-6, np.abs(Z) > 1e-3
    difference = (function.f(Z + h) - function.f(Z - h)) / (2 * h)
    exact = function.df(Z, function.f(Z))
    return {"departure": np.abs(exact - difference)[smooth].max(), "largest slope": exact.max()}


def scaled_tanh(_, seed):
    """f(±1) = ±1, and where |f″| is largest."""
    f = ScaledTanh()
    z = np.linspace(0, 3, 300_001)
    second = np.abs(f.d2f(z, f.f(z)))
    return {
        "departure": np.abs(f.f(np.array([-1.0, 1.0])) - [-1, 1]).max(),
        "place of max |f″|": z[second.argmax()],
    }


def collapsed(_, seed):
    """Ten dense layers without activations, against the one matrix that is their product."""
    net = Network([Dense(8) for _ in range(10)], inputs=5, dtype="float64", seed=seed)
    x = np.random.default_rng(seed).standard_normal((100, 5))
    matrix, offset = np.eye(5), np.zeros(5)
    for layer in net.layers:
        matrix, offset = layer.w @ matrix, layer.w @ offset + layer.b
    return {"departure": np.abs(net.predict(x) - (x @ matrix.T + offset)).max()}


def measure(setting: Setting) -> Measured:
    return combine(
        measure_arms(Setting(), FUNCTIONS, slope, seeds=1),
        measure_arms(Setting(), {"scaled tanh at ±1": None}, scaled_tanh, seeds=1),
        measure_arms(Setting(), {"ten linear layers": None}, collapsed, seeds=setting.size(5, 50)),
    )


def draw(measured, palette):
    left, right = panels(2, 2, 4.4, 3.4, palette=palette)
    values = {name: function.f(Z) for name, function in FUNCTIONS.items()}
    slopes = {name: function.df(Z, function.f(Z)) for name, function in FUNCTIONS.items()}
    curves(Z, values, "f(z)", xlabel="z", ax=left, palette=palette)
    curves(Z, slopes, "f′(z)", xlabel="z", ax=right, palette=palette)
    return figure_of(left)


EXPERIMENT = Experiment(
    title="Activations",
    items=("B1",),
    source="LeCun, Bottou, Orr, Müller, Efficient BackProp, §4.4; a university course",
    method=(
        "Each function and its derivative at 601 points of [−3, 3]; central differences of step 10⁻⁶; ten dense "
        "layers without activations on random inputs."
    ),
    claims=(
        *(
            Within("departure", name, at_most=1e-8, text=f"f′ of {name} is the derivative of f")
            for name in FUNCTIONS
        ),
        Within("largest slope", "sigmoid", 0.25, 0.25, text="The sigmoid's slope is at most 1/4"),
        Within("departure", "scaled tanh at ±1", at_most=1e-4, text="1.7159 tanh(2z/3) is ±1 at ±1"),
        Within(
            "place of max |f″|",
            "scaled tanh at ±1",
            0.95,
            1.05,
            text="… where its second derivative is largest",
        ),
        Within(
            "departure",
            "ten linear layers",
            at_most=1e-12,
            text="Without activations ten layers equal one matrix",
        ),
    ),
    measure=measure,
    draw=draw,
)
