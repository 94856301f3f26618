"""What every program is about: the layers of a run, its samples and its training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ... import seeds
from ...functions.activations import ActivationFunction
from ...functions.initializers import Initializer, suited
from ...layers import Activation, BatchNorm, Dense, Dropout, LayerNorm, View
from ...network import Network
from ...optimizers import Optimizer
from ..build import network_of, optimizer_of
from ..features import Features
from ..run import Run
from ..settings import Settings
from .drawing import drawn
from .formulas import as_numpy


@dataclass
class Stage:
    """A dense layer and what follows it before the next."""

    number: int  # from 1
    dense: View
    normalization: View | None = None
    activation: ActivationFunction | None = None
    dropout: View | None = None
    place: int = 0  # of the dense layer in the network

    @property
    def inputs(self) -> int:
        return self.dense.w.shape[1]

    @property
    def units(self) -> int:
        return self.dense.w.shape[0]

    @property
    def batch_norm(self) -> bool:
        return self.normalization is not None and isinstance(self.normalization.layer, BatchNorm)

    @property
    def initializer(self) -> Initializer:
        layer: Any = self.dense.layer
        return suited(self.activation) if layer.init is None else layer.init

    @property
    def rate(self) -> float:
        """The probability of dropout."""
        return 0.0 if self.dropout is None else self.dropout.layer.rate  # type: ignore[attr-defined]

    def arrays(self) -> dict[str, np.ndarray]:
        """Weights, gains and running statistics by the names that programs have for them."""
        views = [self.dense] if self.normalization is None else [self.dense, self.normalization]
        return {f"{name}{self.number}": a for view in views for name, a in view.arrays.items()}


def stages_of(network: Network) -> list[Stage]:
    """The dense layers of a network, each with what follows it."""
    found: list[Stage] = []
    for place, view in enumerate(network.layers):
        match view.layer:
            case Dense():
                found.append(Stage(len(found) + 1, view, place=place))
            case BatchNorm() | LayerNorm():
                found[-1].normalization = view
            case Activation(function=function):
                found[-1].activation = function
            case Dropout():
                found[-1].dropout = view
    return found


def named_arrays(network: Network) -> dict[str, np.ndarray]:
    """All arrays of a network, by the names that programs have for them."""
    return {name: a for stage in stages_of(network) for name, a in stage.arrays().items()}


class Subject:
    """A run, as the templates of programs see it."""

    def __init__(self, run: Run):
        self.run, self.network, self.problem = run, run.network, run.problem
        self.settings: Settings = run.settings
        self.rule: Optimizer = optimizer_of(run.settings)
        self.step, self.classes = run.step, run.problem.classes
        self.epochs = run.epoch + (run.fit.position > 0) or 100

    @cached_property
    def stages(self) -> list[Stage]:
        return stages_of(self.network)

    @cached_property
    def began(self) -> Network | None:
        """The network as the run began, where its weights are not those drawn by the seed; None also if unknown."""
        first = self.run.timeline.segments[0].start
        network = network_of(self.settings, self.problem)
        if first.step or np.array_equal(network.theta, first.arrays["theta"]):
            return None
        network.theta = first.arrays["theta"]
        return network

    @property
    def hidden(self) -> list[Stage]:
        return self.stages[:-1]

    @property
    def loss(self) -> str:
        """The name of the loss."""
        return str(self.network.loss.operation)

    @property
    def output_map(self) -> str:
        """The name of the function from z to a prediction; none for the identity."""
        name = self.network.loss.output_map
        return "" if name == "identity" else name

    @property
    def schedule(self) -> str:
        """The piece that is the schedule of the rate; none where that is constant."""
        name = str(self.settings.optimizer.schedule)
        return {"constant": "", "step": "step_decay"}.get(name, name)

    @cached_property
    def formulas(self) -> list[str]:
        """The features as NumPy computes them from x and y."""
        return [] if self.from_table else [as_numpy(formula) for formula in self.settings.features]

    @cached_property
    def drawn(self) -> list[str]:
        """How the weights of each dense layer are drawn."""
        return [drawn(stage.initializer, (stage.units, stage.inputs)) for stage in self.stages]

    @property
    def title(self) -> str:
        inputs, outputs = self.network.inputs, self.network.outputs
        widths = [stage.units for stage in self.hidden]
        between = ""
        if widths:
            each = str(widths[0]) if len(set(widths)) == 1 else "/".join(map(str, widths))
            between = f"{_count(len(widths), 'hidden layer')} of {each} units, "
        return (
            f"A network of the playground: {_count(inputs, 'input')}, {between}{_count(outputs, 'output')}."
        )

    @property
    def from_table(self) -> bool:
        return self.settings.data.name == "table"

    @cached_property
    def coordinates(self) -> np.ndarray:
        """What leads to the inputs, row for row: places on the plane, or the inputs themselves.

        Places are float32, which is shorter to write, where that leads to the same inputs.
        """
        problem = self.problem
        if self.from_table:
            return problem.inputs
        short = problem.points.x.astype(np.float32)
        alike = np.array_equal(Features(self.settings.features)(short), problem.inputs)
        return short if alike else problem.points.x

    def rows(self, test: bool) -> np.ndarray:
        """Coordinates and target of each sample of a part."""
        chosen = self.problem.points.test == test
        target = self.problem.targets[chosen, np.newaxis].astype(self.coordinates.dtype)
        return np.hstack([self.coordinates[chosen], target])

    @property
    def targets(self) -> tuple[float, float]:
        """What a target is for a class, and for the others."""
        loss = self.network.loss
        if self.classes == 2 and self.network.outputs == 1:
            return (1, -1) if self.loss in ("squared_error", "hinge") else (1, 0)
        return int(loss.on), int(loss.off)

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers of the optimizer besides rate and weight decay."""
        return {name: self.rule.value(name, 0) for name in vars(self.rule) if name not in RATES}

    @property
    def weight_decay(self) -> float:
        return self.rule.value("weight_decay", 0)

    @property
    def batch_size(self) -> int:
        return self.run.fit.batch_size

    @property
    def order_key(self) -> int:
        low, high = map(int, seeds.order_key(self.settings.seed))
        return low | high << 64

    @property
    def changes(self) -> list[str]:
        """What was changed while training went on, which a program that trains from the start does not do."""
        return [
            f"step {segment.start.step}: {segment.kind} {segment.text}".strip()
            for segment in self.run.timeline.segments
            if segment.kind != "start" and segment.start.step
        ]

    @property
    def first(self) -> int:
        """The step at which what is known of the run begins."""
        return self.run.timeline.first


RATES = ("learning_rate", "weight_decay")


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
