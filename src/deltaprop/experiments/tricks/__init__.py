"""The eight tricks of *Efficient BackProp*, each measured."""

from ..experiment import Experiment
from . import hessian, inputs, network_size, second_order, spectrum

EXPERIMENTS: dict[str, Experiment] = {
    "inputs": inputs.EXPERIMENT,
    "hessian": hessian.EXPERIMENT,
    "spectrum": spectrum.EXPERIMENT,
    "second-order": second_order.EXPERIMENT,
    "network-size": network_size.EXPERIMENT,
}
