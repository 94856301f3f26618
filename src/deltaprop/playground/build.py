"""From settings and samples to the objects of the library: network, optimizer, and the trainer of `Network.fit`."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from .. import engines, seeds
from ..blocks import hidden
from ..functions.losses import Hinge, SquaredError
from ..functions.penalties import Penalty
from ..functions.schedules import as_schedule
from ..layers import BatchNorm, Dense, LayerNorm
from ..network import Network
from ..training.data import Data
from ..training.samplers import SAMPLERS
from ..training.trainer import Trainer
from .complaints import Complaint
from .problem import Problem
from .settings import MAX_PARAMETERS, RULES, Settings

#: Losses for which one output tells two classes apart by −1 and 1 rather than 0 and 1.
PLUS_MINUS_ONE = (Hinge, SquaredError)

NORMALIZATIONS = {"none": (), "batch": (BatchNorm(),), "layer": (LayerNorm(),)}


def network_of(settings: Settings, problem: Problem) -> Network:
    """The network, with its initial weights."""
    loss = loss_name(settings, problem.classes)
    outputs = outputs_of(loss, problem.classes)
    widths = [problem.inputs.shape[1], *(layer.units for layer in settings.layers), outputs]
    parameters = sum((a + 1) * b for a, b in pairwise(widths))
    if parameters > MAX_PARAMETERS:
        raise Complaint("too_large", got=parameters, most=MAX_PARAMETERS)
    init = None if settings.initializer == "auto" else settings.initializer
    layers = []
    for layer in settings.layers:
        normalization = NORMALIZATIONS[layer.normalization]
        dense = Dense(layer.units, init=init)
        layers += hidden([dense], layer.activation, normalization=normalization, dropout=layer.dropout)
    return Network(
        [*layers, Dense(outputs, init=init)],
        inputs=widths[0],
        loss=SquaredError(-1, 1) if loss == "squared_error" and problem.classes else loss,
        penalty=penalty_of(settings),
        seed=settings.seed,
    )


def penalty_of(settings: Settings) -> Penalty | None:
    return Penalty(l1=settings.l1, l2=settings.l2) if settings.l1 or settings.l2 else None


def loss_name(settings: Settings, classes: int) -> str:
    """The loss, chosen by the task where the settings leave it open; refused where it does not fit the task."""
    if settings.loss == "auto":
        return ("squared_error", "sigmoid_cross_entropy", "softmax_cross_entropy")[
            min(classes, 3) - (classes > 0)
        ]
    for_classes = settings.loss not in ("squared_error", "absolute_error", "huber")
    if for_classes and not classes:
        raise Complaint("loss_for_classes", loss=settings.loss)
    if not for_classes and settings.loss != "squared_error" and classes:
        raise Complaint("loss_for_values", loss=settings.loss)
    return settings.loss


def outputs_of(loss: str, classes: int) -> int:
    """One output for a value or two classes, one a class otherwise."""
    return 1 if classes in (0, 2) and loss != "softmax_cross_entropy" else classes


def targets_of(network: Network, problem: Problem) -> np.ndarray:
    """Targets as the network's loss encodes them; of two classes and one output 0 and 1, or −1 and 1."""
    t: Any = problem.targets
    if problem.classes and network.outputs == 1:
        low = -1.0 if isinstance(network.loss, PLUS_MINUS_ONE) else 0.0
        t = np.where(t == 1, 1.0, low)[:, np.newaxis]
    return network.encode(t)


def optimizer_of(settings: Settings) -> Any:
    chosen = settings.optimizer
    rate: Any = chosen.learning_rate
    if chosen.schedule != "constant":
        rate = as_schedule(chosen.schedule, rate, chosen.schedule_steps)
    return replace(RULES[chosen.name], learning_rate=rate, **chosen.numbers)


def trainer_of(settings: Settings, problem: Problem, network: Network) -> Trainer:
    """The fit of the training part: what ``network.fit`` would make of these settings, on one thread."""
    rule = optimizer_of(settings)
    samples = np.flatnonzero(~problem.points.test)
    return Trainer(
        network,
        Data(problem.inputs, targets_of(network, problem), None, samples),
        None,
        rule,
        engines.select("auto", network, rule),
        epochs=1,
        batch_size=min(settings.batch_size, len(samples)),
        key=seeds.order_key(settings.seed),
        sampler=SAMPLERS[settings.order],
        clip_norm=settings.clip_norm,
        threads=1,  # the same bits on every number of processors
    )
