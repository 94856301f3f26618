"""Forward and backward: activations, losses, the four equations."""

from ..experiment import Experiment
from . import activations, decomposition, four_equations, losses, responsibility

EXPERIMENTS: dict[str, Experiment] = {
    "activation-functions": activations.EXPERIMENT,
    "losses": losses.EXPERIMENT,
    "four-equations": four_equations.EXPERIMENT,
    "decomposition": decomposition.EXPERIMENT,
    "responsibility": responsibility.EXPERIMENT,
}
