"""Everything that can be set in the playground, each declared once: type, bounds and default.

The page's controls, the checks of what the page sends, shared links and ``deltaprop playground --config`` follow from
these declarations.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..functions.activations import ACTIVATIONS
from ..functions.initializers import INITIALIZERS
from ..functions.schedules import SCHEDULES
from ..optimizers import OPTIMIZERS

MAX_LAYERS = 8
MAX_UNITS = 16
MAX_FEATURES = 16
MAX_SAMPLES = 5000
MAX_STEPS = 10**9
MAX_PARAMETERS = 4000

#: Data sets by task; "table" is a table of one's own.
CLASSIFICATION = ("rings", "xor", "blobs", "spirals", "moons")
REGRESSION = ("plane", "gaussians", "sine")

#: Optimizers that take a batch at a time.
RULES = {name: rule for name, rule in OPTIMIZERS.items() if name != "gradient_descent"}

#: Formulas of x and y that can be chosen by a click.
FEATURES = ("x", "y", "x**2", "y**2", "x*y", "sin(x)", "sin(y)")

Seed = Annotated[int, Field(ge=0, lt=2**32)]


def rule_numbers(name: str) -> dict[str, float]:
    """The numbers of an optimizer besides its rate, with their defaults.

    >>> rule_numbers("momentum")
    {'weight_decay': 0.0, 'momentum': 0.9}
    """
    rule = RULES[name]
    return {f.name: float(getattr(rule, f.name)) for f in fields(rule) if f.name != "learning_rate"}


class Part(BaseModel):
    """A part of the settings: immutable, and without fields that are not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Table(Part):
    """How a table of one's own is used: its target, its inputs and what the plane shows."""

    target: str = Field(max_length=200)
    columns: tuple[str, ...] = Field(
        default=(), max_length=100
    )  # inputs; empty: all numeric columns but the target
    axes: tuple[str, ...] = Field(
        default=(), max_length=2
    )  # two columns; empty: the first two principal components
    task: Literal["auto", "classification", "regression"] = "auto"


class Data(Part):
    """Which samples, and how they are drawn."""

    name: Literal["rings", "xor", "blobs", "spirals", "moons", "plane", "gaussians", "sine", "table"] = (
        "spirals"
    )
    classes: int = Field(default=2, ge=2, le=4)  # of blobs
    noise: float = Field(default=0.0, ge=0, le=1)
    samples: int = Field(default=500, ge=4, le=MAX_SAMPLES)
    test_share: float = Field(default=0.5, ge=0, le=0.9)
    seed: Seed = 0
    table: Table | None = None

    @model_validator(mode="after")
    def _table_is_described(self):
        if (self.name == "table") != (self.table is not None):
            raise ValueError("table belongs to the data set named table, and to no other")
        return self


class HiddenLayer(Part):
    """One hidden layer: Dense, normalization, activation, dropout, in this order."""

    units: int = Field(default=8, ge=1, le=MAX_UNITS)
    activation: Literal[tuple(ACTIVATIONS)] = "tanh"  # type: ignore[valid-type]
    normalization: Literal["none", "batch", "layer"] = "none"
    dropout: float = Field(default=0.0, ge=0, le=0.9)


class Optimizer(Part):
    """A rule, its rate, and the rule's other numbers; those not given have the rule's defaults."""

    name: Literal[tuple(RULES)] = "adam"  # type: ignore[valid-type]
    learning_rate: float = Field(default=0.003, gt=0, le=100)
    numbers: dict[str, Annotated[float, Field(ge=0, le=10)]] = {}
    schedule: Literal[tuple(SCHEDULES)] = "constant"  # type: ignore[valid-type]
    schedule_steps: int = Field(
        default=10_000, ge=1, le=MAX_STEPS
    )  # the length of the run that a schedule spans

    @model_validator(mode="after")
    def _numbers_are_of_the_rule(self):
        known = rule_numbers(self.name)
        unknown = sorted(self.numbers.keys() - known.keys())
        if unknown:
            raise ValueError(f"{self.name} has no {unknown[0]}, but {', '.join(known) or 'no numbers'}")
        return self


class Settings(Part):
    """Data, network and training. Two runs with equal settings, points and changes are equal to the last bit."""

    data: Data = Data()
    features: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=("x", "y"), min_length=1, max_length=MAX_FEATURES
    )
    layers: tuple[HiddenLayer, ...] = Field(
        default=(HiddenLayer(activation="silu"),) * 3, max_length=MAX_LAYERS
    )
    initializer: Literal[("auto", *INITIALIZERS)] = "auto"  # type: ignore[valid-type]
    loss: Literal[
        "auto",
        "sigmoid_cross_entropy",
        "softmax_cross_entropy",
        "squared_error",
        "absolute_error",
        "huber",
        "hinge",
        "perceptron",
    ] = "auto"
    optimizer: Optimizer = Optimizer()
    batch_size: int = Field(default=10, ge=1, le=MAX_SAMPLES)
    order: Literal["shuffled", "fixed"] = "shuffled"  # of the samples in an epoch
    l1: float = Field(default=0.0, ge=0, le=10)
    l2: float = Field(default=0.0, ge=0, le=10)
    clip_norm: float | None = Field(default=None, gt=0, le=1e6)
    seed: Seed = 0


#: Settings that may change while training goes on; any other change begins a new run.
LIVE = ("optimizer", "batch_size", "l1", "l2", "clip_norm")


def begins_anew(before: Settings, after: Settings) -> bool:
    """Whether a change of settings needs a new run."""
    return before.model_copy(update={name: getattr(after, name) for name in LIVE}) != after


def differences(before: Settings, after: Settings) -> str:
    """What has changed, such as ``learning_rate 0.01 → 0.003``."""
    old, new = _flat(before), _flat(after)
    changed = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    return ", ".join(f"{key} {old.get(key, '–')} → {new.get(key, '–')}" for key in changed)


def _flat(settings: Settings) -> dict[str, Any]:
    values = settings.model_dump(mode="json", exclude={"data", "layers", "features"})
    optimizer = values.pop("optimizer")
    return values | optimizer.pop("numbers") | optimizer


def options() -> dict[str, Any]:
    """What the page offers: choices, bounds and the numbers of each optimizer."""
    return {
        "schema": Settings.model_json_schema(),
        "defaults": Settings().model_dump(mode="json"),
        "classification": CLASSIFICATION,
        "regression": REGRESSION,
        "features": FEATURES,
        "live": LIVE,
        "rule_numbers": {name: rule_numbers(name) for name in RULES},
    }
