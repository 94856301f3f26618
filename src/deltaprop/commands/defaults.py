"""Completes the settings from the data, and makes the network and the optimizer that they describe."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from ..blocks import FROM_DATA, front, hidden, output, radial, rate_of
from ..errors import InputError
from ..functions.activations import ACTIVATIONS, Identity
from ..functions.losses import LOSSES, Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy
from ..functions.penalties import Penalty
from ..functions.schedules import as_schedule
from ..functions.target_values import with_target_values
from ..layers import BatchNorm, Dense, Layer, LayerNorm
from ..network import Network
from ..optimizers import Optimizer, as_optimizer
from ..recipes import CLASSIFIER, MANY, PLAIN, for_image, for_solver, for_table
from ..solvers import SOLVERS, Solver
from ..training.batch_size import GrowingBatchSize, as_sizes
from .settings import Settings, monitored, parse_target_values

CROSS_ENTROPIES = (SoftmaxCrossEntropy, SigmoidCrossEntropy)


def part_sizes(settings: Settings, samples: int, fixed_test: bool, table: bool) -> Settings:
    """The settings with the sizes of the validation and test parts, and the seed of the split."""
    test = 0.0 if fixed_test else 0.25
    validation = 0.05 if samples >= MANY else 0.1
    if settings.optimizer == "bayesian_lm":  # it learns from all samples
        validation = 0.0
    elif table and settings.optimizer not in SOLVERS and samples < MANY:  # it chooses the epoch
        left = 1.0 - (test if settings.test is None else settings.test)
        validation = round(CLASSIFIER["validation_fraction"] * left, 4)
    return settings.filled(validation=validation, test=test, seed=0)


def complete(settings: Settings, task: str, samples: int, inputs: int, table: bool) -> Settings:
    """The settings with every open option chosen by kind of data and task, number of training samples and of inputs."""
    threads = _cores() if samples >= MANY else 1  # small matrix products are faster on one core than on two
    if settings.engine == "jax":
        threads = None
        if settings.threads is not None:
            got = "threads is given with the engine jax, whose threads XLA chooses"
            raise InputError(f"train: {got}, expected no threads; leave it out, or choose another engine.")
    if settings.metric is not None:
        settings = settings.filled(monitor=monitored(settings.metric))
    if settings.optimizer in SOLVERS:
        choices, threads = for_solver(settings.optimizer, task, samples), None
        for name in _unused(settings.optimizer):
            neutral = choices.pop(name, None)
            if getattr(settings, name) not in (None, neutral):
                got = f"{name} is given with the solver {settings.optimizer}, which has no use for it"
                raise InputError(f"train: {got}, expected no {name}; leave it out, or choose an optimizer.")
    elif table:
        choices = for_table(task, samples) | _consequences(settings)
    else:
        choices = for_image(samples, inputs)
        if settings.metric is not None and settings.validation:  # to the end, and then back to the best epoch
            choices["patience"] = settings.epochs or choices["epochs"]
    if settings.activation == "rbf":
        choices |= _of_radial_units(settings)
    if settings.adapt_rate not in (None, "none"):
        choices |= _of_adapted_rates(settings.adapt_rate)
    if settings.momentum_plateau:
        choices |= _of_gradient_steps("momentum", 0.01)
    return settings.filled(
        **choices,
        task=task,
        dtype="float32",
        seed=0,
        engine="auto",
        threads=threads,
        precision="float32",
        checkpoint_seconds=30.0,
    )


def _consequences(settings: Settings) -> dict[str, Any]:
    """What the given options say about others of a table."""
    consequences: dict[str, Any] = {}
    if settings.epochs is not None:
        consequences["patience"] = settings.epochs
    if settings.validation == 0:  # without a validation part the last epoch is the best guess
        consequences |= {"patience": 0, "calibrate": False}
    if settings.loss is not None and not isinstance(LOSSES[settings.loss], CROSS_ENTROPIES):
        consequences |= {"label_smoothing": 0.0, "calibrate": False}
    return consequences


def _of_radial_units(settings: Settings) -> dict[str, Any]:
    """One layer of radial basis functions, which see the inputs as they are; what has no place there is refused."""
    choices = {n: PLAIN[n] for n in ("parametric_activation", "normalization")}
    for name, neutral in choices.items():
        if getattr(settings, name) not in (None, neutral):
            got = f"{name} is given with the activation rbf, whose units are distances from centres"
            raise InputError(f"train: {got}, expected no {name}; leave it out, or choose another activation.")
    return choices | {"layers": (64,), "periodic_embedding": False, "input_factors": False}


def _of_adapted_rates(rule: str) -> dict[str, Any]:
    """The optimizer for rates from the curvature."""
    choices = _of_gradient_steps("sgd", 0.002)
    return choices | {"schedule": "constant"} if rule == "eigenvalue" else choices


def _of_gradient_steps(optimizer: str, rate: float) -> dict[str, Any]:
    """An optimizer whose steps grow with the gradient, with the factors on rates and the decay of plain training."""
    names = ("rate_factors", "decay_factors", "weight_decay", "weight_decay_schedule")
    return {"optimizer": optimizer, "learning_rate": rate} | {name: PLAIN[name] for name in names}


def _unused(solver: str) -> list[str]:
    """The settings that mean nothing to a full-batch solver; one of them finds the penalty itself."""
    names = ["learning_rate", "schedule", "momentum", "beta2", "rate_factors", "weight_decay"]
    names += ["weight_decay_schedule", "decay_factors", "adapt_rate", "dropout_schedule", "batch_size"]
    names += [
        "clip_norm",
        "batch_growth",
        "batch_growth_every",
        "largest_batch",
        "sampler",
        "momentum_plateau",
    ]
    return [*names, "l1", "l2"] if solver == "bayesian_lm" else names


def _cores() -> int:
    """Number of cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def network(
    settings: Settings,
    inputs: int,
    outputs: int,
    samples: int,
    numbers: int = 0,
    categories: tuple[int, ...] = (),
) -> Network:
    """The network that complete settings describe, for that many training samples.

    `numbers` is how many of its inputs, the first, are numbers, `categories` how many there are in each of the last
    inputs, which are codes.

    >>> few = complete(Settings(layers=(3,), dropout=0.0), "classification", samples=100, inputs=2, table=False)
    >>> network(few, inputs=2, outputs=2, samples=100).config
    (Dense(units=3), Activation(function=ReLU()), Dense(units=2))
    """
    if LOSSES[settings.loss].classification and settings.task == "regression":
        remedy = "use squared_error, absolute_error, huber or poisson, or --task classification"
        found = f"loss is {settings.loss}, which is for classes"
        raise InputError(f"train: {found}, expected a loss for quantities; {remedy}.")
    normalization: dict[str, list[Layer]] = {"none": [], "batch": [BatchNorm()], "layer": [LayerNorm()]}
    hidden_dense, output_dense = _dense(settings.init)
    layers = front(
        numbers,
        categories,
        periodic_embedding=settings.periodic_embedding,
        input_factors=settings.input_factors,
    )
    for units in settings.layers:
        dropout = rate_of(settings.dropout, settings.dropout_schedule, _steps(settings, samples))
        if settings.activation == "rbf":
            layers += radial(units, dropout)
            continue
        layers += hidden(
            [hidden_dense(units)],
            settings.activation,
            parametric_activation=settings.parametric_activation,
            normalization=normalization[settings.normalization],
            dropout=dropout,
        )
    layers += output(output_dense(outputs), ACTIVATIONS[settings.output_activation])
    penalty = Penalty(settings.l1, settings.l2) if settings.l1 or settings.l2 else None
    loss = _loss(settings)
    return Network(layers, inputs, loss, penalty=penalty, seed=settings.seed, dtype=settings.dtype)


def _dense(init: str) -> tuple[Callable[[int], Dense], Callable[[int], Dense]]:
    """What makes the hidden layers, and the output layer, of that many units."""
    if init == "data":
        from_data = partial(Dense, init=FROM_DATA[0], bias_init=FROM_DATA[1])
        return from_data, from_data
    return partial(Dense, init=None if init == "auto" else init), Dense


def _steps(settings: Settings, samples: int) -> int:
    """The number of steps of the whole training; of a solver that of its iterations."""
    return as_sizes(batch_size(settings) or samples).steps(samples, settings.epochs)


def batch_size(settings: Settings) -> int | GrowingBatchSize | None:
    """Samples per step, in batches that grow where that is asked for."""
    if (settings.batch_growth or 1) == 1:
        return settings.batch_size
    every, largest = settings.batch_growth_every or 1, settings.largest_batch
    return GrowingBatchSize(settings.batch_size, settings.batch_growth, every, largest)


def _loss(settings: Settings) -> Loss:
    loss: Any = LOSSES[settings.loss]
    for name in ("label_smoothing", "calibrate"):
        if getattr(settings, name) and not isinstance(loss, CROSS_ENTROPIES):
            got = f"{name} is given with the loss {settings.loss}"
            raise InputError(f"train: {got}, expected a cross-entropy; leave it out, or choose another loss.")
    function = ACTIVATIONS[settings.output_activation]
    if not isinstance(function, Identity) and loss.output_map != "identity":
        got = f"output_activation is {settings.output_activation} with the loss {settings.loss}"
        raise InputError(f"train: {got}, expected a loss such as squared_error; choose one, or leave it out.")
    if settings.target_values != PLAIN["target_values"]:
        if settings.task == "regression":
            got = "target_values is given for a regression"
            raise InputError(f"train: {got}, expected classes; leave it out, or use --task classification.")
        loss = with_target_values("train", loss, parse_target_values(settings.target_values), function)
    return replace(loss, label_smoothing=settings.label_smoothing) if settings.label_smoothing else loss


def optimizer(settings: Settings, samples: int) -> Optimizer | Solver:
    """The optimizer that complete settings describe, with schedules as long as the training; or the solver."""
    if settings.optimizer in SOLVERS:
        return SOLVERS[settings.optimizer]
    steps = _steps(settings, samples)
    rate = as_schedule(settings.schedule, rate=settings.learning_rate, steps=steps)
    rule: Any = as_optimizer(settings.optimizer, learning_rate=rate)
    for name in ("momentum", "momentum_plateau"):
        if getattr(settings, name) and not hasattr(rule, "momentum"):
            got = f"{name} is given with the optimizer {settings.optimizer}"
            raise InputError(f"train: {got}, expected one with a momentum; choose momentum or nesterov.")
    if hasattr(rule, "beta2"):
        rule = replace(rule, beta2=settings.beta2)
    if hasattr(rule, "momentum") and settings.momentum is not None:
        rule = replace(rule, momentum=settings.momentum)
    if settings.weight_decay:
        rule = replace(
            rule, weight_decay=rate_of(settings.weight_decay, settings.weight_decay_schedule, steps)
        )
    return rule
