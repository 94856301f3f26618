"""The eight tricks of *Efficient BackProp*, each measured."""

from ..experiment import Experiment
from . import inputs

EXPERIMENTS: dict[str, Experiment] = {
    "inputs": inputs.EXPERIMENT,
}
