"""Training practice: optimizers, schedules, initial weights, vanishing gradients, regularization."""

from ..experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {}
