"""Whole experiments: rings and MNIST."""

from ..experiment import Experiment
from . import activations, mnist, mnist_initial_weights, mnist_rates, rings, rings_three_ways, sweep

EXPERIMENTS: dict[str, Experiment] = {
    "rings": rings.EXPERIMENT,
    "mnist": mnist.EXPERIMENT,
    "rings-three-ways": rings_three_ways.EXPERIMENT,
    "mnist-initial-weights": mnist_initial_weights.EXPERIMENT,
    "mnist-rates": mnist_rates.EXPERIMENT,
    "activations": activations.EXPERIMENT,
    "sweep": sweep.EXPERIMENT,
}
