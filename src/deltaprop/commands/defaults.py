"""Completes the settings from the data, and makes the network and the optimizer that they describe."""

from __future__ import annotations

import math
import os
from typing import Any

from ..errors import InputError, choose
from ..functions.losses import LOSSES
from ..functions.penalties import Penalty
from ..functions.schedules import as_schedule
from ..layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from ..network import Network
from ..optimizers import Optimizer, as_optimizer
from ..recipes import MANY, RECIPES, Recipe, for_table
from .settings import Settings


def part_sizes(settings: Settings, samples: int, fixed_test: bool) -> Settings:
    """The settings with the sizes of the validation and test parts, and the seed of the split."""
    return settings.filled(
        validation=0.05 if samples >= MANY else 0.1, test=0.0 if fixed_test else 0.25, seed=0
    )


def complete(settings: Settings, task: str, samples: int, inputs: int) -> Settings:
    """The settings with every open option chosen by task, number of training samples and of inputs."""
    return settings.filled(
        **for_table(task, samples, inputs),
        task=task,
        dtype="float32",
        patience=0,
        seed=0,
        engine="auto",
        threads=_cores()
        if samples >= MANY
        else 1,  # small matrix products are faster on one core than on two
        checkpoint_seconds=30.0,
    )


def _cores() -> int:
    """Number of cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def of_recipe(name: str) -> dict[str, Any]:
    """The options of a recipe of `deltaprop.recipes`."""
    return choose("train", "recipe", name, RECIPES, Recipe).options


def network(settings: Settings, inputs: int, outputs: int) -> Network:
    """The network that complete settings describe.

    Examples
    --------
    >>> few = complete(Settings(layers=(3,), dropout=0.0), "classification", samples=100, inputs=2)
    >>> network(few, inputs=2, outputs=2).config
    (Dense(units=3), Activation(function=ReLU()), Dense(units=2))
    """
    if LOSSES[settings.loss].classification and settings.task == "regression":
        raise InputError(
            f"train: loss is {settings.loss}, which is for classes, expected a loss for quantities; use squared_error, "
            "absolute_error, huber or poisson, or --task classification."
        )
    normalization: list[Layer] = {"batch": [BatchNorm()], "layer": [LayerNorm()]}.get(
        settings.normalization, []
    )
    dropout = [Dropout(settings.dropout)] if settings.dropout else []
    hidden = [
        layer
        for units in settings.layers
        for layer in (Dense(units), *normalization, settings.activation, *dropout)
    ]
    penalty = Penalty(l2=settings.l2) if settings.l2 else None
    layers = [*hidden, Dense(outputs)]
    return Network(layers, inputs, settings.loss, penalty=penalty, seed=settings.seed, dtype=settings.dtype)


def optimizer(settings: Settings, samples: int) -> Optimizer:
    """The optimizer that complete settings describe, with a schedule as long as the training."""
    steps = math.ceil(samples / settings.batch_size) * settings.epochs
    rate = as_schedule(settings.schedule, rate=settings.learning_rate, steps=steps)
    return as_optimizer(settings.optimizer, learning_rate=rate)
