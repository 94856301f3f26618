"""Whole experiments: rings and MNIST."""

from ..experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {}
