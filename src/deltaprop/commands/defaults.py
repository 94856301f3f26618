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
from ..recipes import RECIPES, Recipe
from .settings import Settings

FEW, MANY = 2_000, 20_000  # samples to train on
WIDE = 50  # inputs of a network, from which on its first layers are made larger


def sharing(settings: Settings, samples: int, fixed_test: bool) -> Settings:
    """The shares of the parts filled in: enough for scores of two digits, of many samples no more than that."""
    return settings.filled(
        validation=0.05 if samples >= MANY else 0.1, test=0.0 if fixed_test else 0.25, seed=0
    )


def complete(settings: Settings, task: str, samples: int, inputs: int) -> Settings:
    """Every option filled in that is still None, from the task, the samples to train on and the network's inputs.

    The fewer the samples, the more often each is seen and the more the network is held back: by dropout where classes
    are told apart, and by a penalty l2 ∝ 1/samples, the weight of a prior against so much evidence. The rate falls to
    zero along half a cosine wave, so that the last weights are good ones.
    """
    classes, few, many, wide = task == "classification", samples < FEW, samples >= MANY, inputs >= WIDE
    prior = 0.2 if classes else 10.0
    return settings.filled(
        task=task,
        layers=(256, 128) if many or wide else (128, 64) if classes or not few else (64, 32),
        activation="relu",
        normalization="none",
        dropout=0.0 if not classes else 0.4 if few and wide else 0.3 if few else 0.2,
        l2=0.0 if many or (classes and wide) else float(f"{prior / samples:.0e}"),
        loss="softmax_cross_entropy" if classes else "squared_error",
        dtype="float32",
        optimizer="adam",
        learning_rate=3e-3 if few else 2e-3,
        schedule="cosine",
        epochs=8 if many else min(max(100_000 // samples, 20), 150),
        batch_size=128 if many else 32,
        patience=0,
        seed=0,
        engine="auto",
        threads=_cores() if many else 1,  # small products are faster on one core than shared between two
        checkpoint_seconds=30.0,
    )


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def of_recipe(name: str) -> dict[str, Any]:
    """The options that a recipe of `deltaprop.recipes` stands for."""
    recipe = choose("train", "recipe", name, RECIPES, Recipe)
    return {
        "layers": recipe.layers,
        "activation": "relu",
        "normalization": "none",
        "dropout": 0.0,
        "l2": 0.0,
        "loss": "softmax_cross_entropy",
        "optimizer": "adam",
        "schedule": "one_cycle",
        "learning_rate": recipe.peak,
        "epochs": recipe.epochs,
        "batch_size": recipe.batch_size,
    }


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
