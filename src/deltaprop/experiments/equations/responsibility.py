"""The responsibility of one weight: ∂E/∂w = mean of ∂e/∂a · ∂a/∂z · ∂z/∂w, factor by factor."""

from ...plots import figure_of, values_by_arm
from ..claims import Within
from ..experiment import Experiment, Measured, Setting
from ..measuring import measure_arms
from .four_equations import SAMPLES, differences, error, network

ARM = "weight from input 1 to unit 0"


def chain(_, seed):
    """The factors of each sample, and how far the mean of their products is from a central difference of E."""
    net, x, t = network(seed)
    part = net.trace(x, t).responsibility(layer=0, i=0, j=1)
    products = part.d_a * part.f_prime * part.x
    wanted = differences(lambda: error(net, x, t), net.layers[0].w)[0, 1]
    factors = {
        "∂e/∂a": part.d_a,
        "∂a/∂z = f′(z)": part.f_prime,
        "∂z/∂w = x": part.x,
        "their product": products,
    }
    return {"departure": abs(products.mean() - wanted), "∂E/∂w": products.mean(), "factors": factors}


def measure(setting: Setting) -> Measured:
    return measure_arms(setting, {ARM: None}, chain, seeds=setting.size(5, 50))


def draw(measured, palette):
    factors = measured.details["factors"][ARM, 0]
    return figure_of(
        values_by_arm(factors, f"value, a dot for each of {SAMPLES} samples, their mean", palette=palette)
    )


EXPERIMENT = Experiment(
    title="The responsibility of one weight",
    items=("B5",),
    source="an introduction to backpropagation",
    method=(
        f"4-6-5-3, sigmoid, squared error, {SAMPLES} random samples; the chain of a weight of the first layer from a "
        "trace, against a central difference of E."
    ),
    claims=(
        Within(
            "departure", ARM, at_most=1e-9, text="The product of the three factors is the weight's gradient"
        ),
    ),
    measure=measure,
    draw=draw,
)
