"""Ancestors: the perceptron, ADALINE, and the problem they could not solve."""

from ..experiment import Experiment
from . import adaline, gates, largest_rate, xor_by_feature, xor_by_hidden_layer

EXPERIMENTS: dict[str, Experiment] = {
    "gates": gates.EXPERIMENT,
    "adaline": adaline.EXPERIMENT,
    "largest-rate": largest_rate.EXPERIMENT,
    "xor-by-feature": xor_by_feature.EXPERIMENT,
    "xor-by-hidden-layer": xor_by_hidden_layer.EXPERIMENT,
}
