"""Forward and backward: activations, losses, the four equations."""

from ..experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {}
