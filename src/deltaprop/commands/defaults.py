"""What a user who names only the data gets, and the network and optimizer that the settings describe."""

from __future__ import annotations

import math
import os
from typing import Any

from ..errors import InputError, choose
from ..functions.activations import ACTIVATIONS, ActivationFunction
from ..functions.losses import LOSSES
from ..functions.penalties import Penalty
from ..functions.schedules import as_schedule
from ..layers import Activation, BatchNorm, Dense, Dropout, Layer, LayerNorm
from ..network import Network
from ..optimizers import Optimizer, as_optimizer
from ..recipes import MANY, RECIPES, Recipe, for_table
from .settings import Settings


def sharing(settings: Settings, samples: int, fixed_test: bool) -> Settings:
    """The shares of the parts filled in: enough for scores of two digits, of many samples no more than that."""
    return settings.filled(
        validation=0.05 if samples >= MANY else 0.1, test=0.0 if fixed_test else 0.25, seed=0
    )


def complete(settings: Settings, task: str, samples: int, inputs: int) -> Settings:
    """Every option that is still None filled in, from the task, the training samples and the network's inputs."""
    return settings.filled(
        **for_table(task, samples, inputs),
        task=task,
        dtype="float32",
        patience=0,
        seed=0,
        engine="auto",
        threads=_cores()
        if samples >= MANY
        else 1,  # small products are faster on one core than shared between two
        checkpoint_seconds=30.0,
    )


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def of_recipe(name: str) -> dict[str, Any]:
    """The options that a recipe of `deltaprop.recipes` stands for."""
    return choose("train", "recipe", name, RECIPES, Recipe).options


def network(settings: Settings, inputs: int, outputs: int) -> Network:
    """The network that complete settings describe.

    Examples
    --------
    >>> few = complete(Settings(layers=(3,), dropout=0.0), "classification", samples=100, inputs=2)
    >>> network(few, inputs=2, outputs=2).config
    (Dense(units=3), Activation(function=ReLU()), Dense(units=2))
    """
    function = choose("train", "activation", settings.activation, ACTIVATIONS, ActivationFunction)
    loss = choose("train", "loss", settings.loss, LOSSES, type(None))
    if loss.classification and settings.task == "regression":
        remedy = "use squared_error, absolute_error, huber or poisson, or --task classification"
        raise InputError(
            f"train: loss is {settings.loss}, which is for classes, expected a loss for quantities; {remedy}."
        )
    normalization: dict[str | None, tuple[Layer, ...]] = {"batch": (BatchNorm(),), "layer": (LayerNorm(),)}
    drop = (Dropout(settings.dropout),) if settings.dropout else ()
    hidden: list[Layer] = []
    for units in settings.layers or ():
        hidden += [Dense(units), *normalization.get(settings.normalization, ()), Activation(function), *drop]
    penalty = Penalty(l2=settings.l2) if settings.l2 else None
    dtype, seed = settings.dtype or "float32", settings.seed or 0
    return Network([*hidden, Dense(outputs)], inputs, settings.loss, penalty=penalty, seed=seed, dtype=dtype)


def optimizer(settings: Settings, samples: int) -> Optimizer:
    """The optimizer that complete settings describe, its schedule as long as the training on so many samples."""
    steps = math.ceil(samples / settings.batch_size) * settings.epochs
    rate = as_schedule(settings.schedule, rate=settings.learning_rate, steps=steps)
    return as_optimizer(settings.optimizer, learning_rate=rate)
