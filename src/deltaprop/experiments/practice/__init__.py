"""Training practice: optimizers, schedules, initial weights, deep networks, regularization, curvature."""

from ..experiment import Experiment
from . import bias_variance, exploding_gradient, initialization, regularization, remedies, vanishing_gradient

EXPERIMENTS: dict[str, Experiment] = {
    "initialization": initialization.EXPERIMENT,
    "vanishing-gradient": vanishing_gradient.EXPERIMENT,
    "remedies": remedies.EXPERIMENT,
    "exploding-gradient": exploding_gradient.EXPERIMENT,
    "regularization": regularization.EXPERIMENT,
    "bias-variance": bias_variance.EXPERIMENT,
}
