"""Experiments: what the literature claims of backpropagation, measured, with a verdict and a picture.

`course` has the items of the literature and the table of experiments, each a short file in the folder of its section.
`sweep` tries combinations of settings.
"""

from ..sweeps import Sweep, SweepSpec, Training, sweep
from . import claims, course
from .claims import Less, More, Verdict, Within
from .course import EXPERIMENTS, ITEMS, experiment
from .experiment import Experiment, Measured, Result, Setting
from .problem import Problem

__all__ = [
    "EXPERIMENTS",
    "ITEMS",
    "Experiment",
    "Less",
    "Measured",
    "More",
    "Problem",
    "Result",
    "Setting",
    "Sweep",
    "SweepSpec",
    "Training",
    "Verdict",
    "Within",
    "claims",
    "course",
    "experiment",
    "sweep",
]
