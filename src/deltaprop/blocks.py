"""The layers of a network for tables, from plain arguments: what estimators and command line build alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .functions import (
    ActivationFunction,
    Identity,
    Initializer,
    Schedule,
    ThroughData,
    UnitVariance,
    as_schedule,
)
from .layers import (
    RBF,
    Activation,
    Dropout,
    Embedding,
    Layer,
    LearnedScale,
    ParametricActivation,
    PeriodicEmbedding,
    Repeat,
)

#: The initial weights and biases of every dense layer that `Network.initialize_from_data` adapts.
FROM_DATA: tuple[Initializer, Initializer] = (UnitVariance(), ThroughData())


def front(
    numbers: int,
    categories: tuple[int, ...] = (),
    *,
    periodic_embedding: bool = False,
    input_factors: bool = False,
    members: int = 1,
    shared: bool = False,
) -> list[Layer]:
    """What is learned of each input alone, and the inputs once for each member of an ensemble.

    These are waves of the numbers and vectors of the categories, which all members share, and the factors of inputs.

    Parameters
    ----------
    numbers : int
        How many of the inputs, the first ones, are numbers.
    categories : tuple of int
        How many categories there are in each of the last inputs, which are codes.
    periodic_embedding, input_factors : bool
    members : int
    shared : bool
        Whether the members share the factors of the inputs.

    Examples
    --------
    >>> front(2, (12,), input_factors=True)
    [Embedding(categories=(12,), size=8), LearnedScale(init='ones')]
    """
    embeddings: list[Layer] = []
    if periodic_embedding and numbers:
        embeddings.append(PeriodicEmbedding(numbers))
    if categories:
        embeddings.append(Embedding(categories))
    factors: list[Layer] = [LearnedScale()] if input_factors else []
    repeated: list[Layer] = [Repeat(members)] if members > 1 else []
    return [*embeddings, *([*factors, *repeated] if shared else [*repeated, *factors])]


def hidden(
    weights: Sequence[Layer],
    activation: Any,
    *,
    parametric_activation: bool = False,
    normalization: Sequence[Layer] = (),
    dropout: float | Schedule = 0.0,
) -> list[Layer]:
    """A hidden block: the layers that weigh its inputs, normalization, activation, dropout.

    Examples
    --------
    >>> from deltaprop.layers import Dense
    >>> hidden([Dense(8)], "selu", dropout=0.1)
    [Dense(units=8), Activation(function=SELU()), Dropout(rate=0.1)]
    """
    kind = ParametricActivation if parametric_activation else Activation
    return [*weights, *normalization, kind(activation), *_dropped(dropout)]


def _dropped(rate: float | Schedule) -> list[Layer]:
    return [] if isinstance(rate, float) and rate == 0 else [Dropout(rate)]


def radial(units: int, dropout: float | Schedule = 0.0) -> list[Layer]:
    """A hidden block of radial basis functions, whose centres `Network.initialize_from_data` finds; dropout.

    Examples
    --------
    >>> radial(8)
    [RBF(units=8, init='kmeans')]
    """
    return [RBF(units, init="kmeans"), *_dropped(dropout)]


def output(weights: Layer, activation: ActivationFunction) -> list[Layer]:
    """The output layer, with its activation where that is not the identity.

    Examples
    --------
    >>> from deltaprop.functions import ScaledTanh
    >>> from deltaprop.layers import Dense
    >>> output(Dense(3), ScaledTanh())
    [Dense(units=3), Activation(function=ScaledTanh())]
    """
    return [weights] if isinstance(activation, Identity) else [weights, Activation(activation)]


def rate_of(dropout: float, schedule: str | None, steps: int) -> float | Schedule:
    """The rate of dropout: a number, or along the schedule of that name over `steps` steps."""
    return (
        as_schedule(schedule, dropout, steps) if schedule not in (None, "constant") and dropout else dropout
    )
