"""Training practice: optimizers, schedules, initial weights, deep networks, regularization, curvature."""

from ..experiment import Experiment
from . import (
    bias_variance,
    exploding_gradient,
    initialization,
    large_batches,
    optimizers,
    regularization,
    remedies,
    schedules,
    surfaces,
    vanishing_gradient,
)

EXPERIMENTS: dict[str, Experiment] = {
    "optimizers": optimizers.EXPERIMENT,
    "schedules": schedules.EXPERIMENT,
    "large-batches": large_batches.EXPERIMENT,
    "initialization": initialization.EXPERIMENT,
    "vanishing-gradient": vanishing_gradient.EXPERIMENT,
    "remedies": remedies.EXPERIMENT,
    "exploding-gradient": exploding_gradient.EXPERIMENT,
    "regularization": regularization.EXPERIMENT,
    "bias-variance": bias_variance.EXPERIMENT,
    "ravine": surfaces.RAVINE_EXPERIMENT,
    "rosenbrock": surfaces.ROSENBROCK_EXPERIMENT,
}
