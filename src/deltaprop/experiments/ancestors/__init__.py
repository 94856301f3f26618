"""Ancestors: the perceptron, ADALINE, and the problem they could not solve."""

from ..experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {}
