"""The eight tricks of *Efficient BackProp*, each measured."""

from ..experiment import Experiment
from . import (
    diagonal_lm,
    hessian,
    initial_weights,
    inputs,
    layer_rates,
    momentum,
    network_size,
    rbf,
    second_order,
    sigmoids,
    spectrum,
)

EXPERIMENTS: dict[str, Experiment] = {
    "inputs": inputs.EXPERIMENT,
    "sigmoids": sigmoids.EXPERIMENT,
    "initial-weights": initial_weights.EXPERIMENT,
    "layer-rates": layer_rates.EXPERIMENT,
    "momentum": momentum.EXPERIMENT,
    "diagonal-lm": diagonal_lm.EXPERIMENT,
    "rbf": rbf.EXPERIMENT,
    "hessian": hessian.EXPERIMENT,
    "spectrum": spectrum.EXPERIMENT,
    "second-order": second_order.EXPERIMENT,
    "network-size": network_size.EXPERIMENT,
}
