"""Completes the settings from the data, and makes the network and the optimizer that they describe."""

from __future__ import annotations

import math
import os
from dataclasses import replace

from ..errors import InputError
from ..functions.losses import LOSSES, Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy
from ..functions.penalties import Penalty
from ..functions.schedules import as_schedule
from ..layers import BatchNorm, Dense, Dropout, Embedding, Layer, LayerNorm
from ..network import Network
from ..optimizers import Optimizer, as_optimizer
from ..recipes import MANY, for_solver, for_table
from ..solvers import SOLVERS, Solver
from .settings import Settings


def part_sizes(settings: Settings, samples: int, fixed_test: bool) -> Settings:
    """The settings with the sizes of the validation and test parts, and the seed of the split."""
    validation, test = 0.05 if samples >= MANY else 0.1, 0.0 if fixed_test else 0.25
    if settings.optimizer == "bayesian_lm":  # it learns from all samples
        validation = 0.0
    return settings.filled(validation=validation, test=test, seed=0)


def complete(settings: Settings, task: str, samples: int, inputs: int) -> Settings:
    """The settings with every open option chosen by task, number of training samples and of inputs."""
    threads = _cores() if samples >= MANY else 1  # small matrix products are faster on one core than on two
    choices = for_table(task, samples, inputs) | {"patience": 0}
    if settings.optimizer in SOLVERS:
        choices, threads = choices | for_solver(settings.optimizer, task, samples), None
        for name in _unused(settings.optimizer):
            choices.pop(name, None)
            if getattr(settings, name) is not None:
                got = f"{name} is given with the solver {settings.optimizer}, which has no use for it"
                raise InputError(f"train: {got}, expected no {name}; leave it out, or choose an optimizer.")
    return settings.filled(
        **choices,
        task=task,
        dtype="float32",
        seed=0,
        label_smoothing=0.0,
        engine="auto",
        threads=threads,
        checkpoint_seconds=30.0,
    )


def _unused(solver: str) -> list[str]:
    """The settings that mean nothing to a full-batch solver; one of them finds the penalty itself."""
    names = ["learning_rate", "schedule", "batch_size", "clip_norm"]
    return [*names, "l2"] if solver == "bayesian_lm" else names


def _cores() -> int:
    """Number of cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def network(settings: Settings, inputs: int, outputs: int, categories: tuple[int, ...] = ()) -> Network:
    """The network that complete settings describe; `categories` are the numbers of those of the last inputs, if codes.

    >>> few = complete(Settings(layers=(3,), dropout=0.0), "classification", samples=100, inputs=2)
    >>> network(few, inputs=2, outputs=2).config
    (Dense(units=3), Activation(function=ReLU()), Dense(units=2))
    """
    if LOSSES[settings.loss].classification and settings.task == "regression":
        remedy = "use squared_error, absolute_error, huber or poisson, or --task classification"
        found = f"loss is {settings.loss}, which is for classes"
        raise InputError(f"train: {found}, expected a loss for quantities; {remedy}.")
    normalization: dict[str, list[Layer]] = {"none": [], "batch": [BatchNorm()], "layer": [LayerNorm()]}
    dropout = [Dropout(settings.dropout)] if settings.dropout else []
    after: list[Layer | str] = [*normalization[settings.normalization], settings.activation, *dropout]
    hidden = [layer for units in settings.layers for layer in (Dense(units), *after)]
    embedding = [Embedding(categories)] if categories else []
    layers = [*embedding, *hidden, Dense(outputs)]
    penalty = Penalty(l2=settings.l2) if settings.l2 else None
    loss = _loss(settings)
    return Network(layers, inputs, loss, penalty=penalty, seed=settings.seed, dtype=settings.dtype)


def _loss(settings: Settings) -> Loss:
    loss = LOSSES[settings.loss]
    if not settings.label_smoothing:
        return loss
    if not isinstance(loss, (SoftmaxCrossEntropy, SigmoidCrossEntropy)):
        got = f"label_smoothing is given with the loss {settings.loss}"
        raise InputError(f"train: {got}, expected a cross-entropy; leave it out, or choose another loss.")
    return replace(loss, label_smoothing=settings.label_smoothing)


def optimizer(settings: Settings, samples: int) -> Optimizer | Solver:
    """The optimizer that complete settings describe, with a schedule as long as the training; or the solver."""
    if settings.optimizer in SOLVERS:
        return SOLVERS[settings.optimizer]
    steps = math.ceil(samples / settings.batch_size) * settings.epochs
    rate = as_schedule(settings.schedule, rate=settings.learning_rate, steps=steps)
    return as_optimizer(settings.optimizer, learning_rate=rate)
