"""Training practice: optimizers, schedules, initial weights, deep networks, regularization, curvature."""

from ..experiment import Experiment
from . import exploding_gradient, initialization, remedies, vanishing_gradient

EXPERIMENTS: dict[str, Experiment] = {
    "initialization": initialization.EXPERIMENT,
    "vanishing_gradient": vanishing_gradient.EXPERIMENT,
    "remedies": remedies.EXPERIMENT,
    "exploding_gradient": exploding_gradient.EXPERIMENT,
}
