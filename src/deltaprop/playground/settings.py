"""Everything that can be set in the playground, each declared once: type, bounds and default.

The page's controls, the checks of what the page sends, shared links and ``deltaprop playground --config`` follow from
these declarations.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..errors import short
from ..functions.activations import ACTIVATIONS
from ..functions.initializers import INITIALIZERS
from ..functions.schedule import Schedule
from ..functions.schedules import SCHEDULES
from ..optimizers import OPTIMIZERS, Optimizer

MAX_LAYERS = 8
MAX_UNITS = 16
MAX_FEATURES = 16
MAX_SAMPLES = 5000
MAX_STEPS = 10**9
MAX_PARAMETERS = 4000
MAX_SEED = 2**32 - 1

#: Data sets by task; "table" is a table of one's own.
CLASSIFICATION = ("rings", "xor", "blobs", "spirals", "moons")
REGRESSION = ("plane", "gaussians", "sine")

#: Optimizers that take a batch at a time.
RULES = {name: rule for name, rule in OPTIMIZERS.items() if name != "gradient_descent"}

#: Formulas of x and y that can be chosen by a click.
FEATURES = ("x", "y", "x**2", "y**2", "x*y", "sin(x)", "sin(y)")

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


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


class TableUse(Part):
    """How a table of one's own is used: its target, its inputs and what the plane shows.

    Parameters
    ----------
    target : str
        The column to be learned.
    columns : tuple of str
        The inputs, at most 100; by default all numeric columns but the target.
    axes : tuple of str
        The two columns that the plane shows; by default the first two principal components.
    task : {"auto", "classification", "regression"}
        "auto": as the target suggests.
    """

    target: str = Field(max_length=200)
    columns: tuple[str, ...] = Field(default=(), max_length=100)
    axes: tuple[str, ...] = Field(default=(), max_length=2)
    task: Literal["auto", "classification", "regression"] = "auto"


class Data(Part):
    """Which samples, and how they are drawn.

    Parameters
    ----------
    name : str
        Classes: "rings", "xor", "blobs", "spirals" (default) or "moons"; values: "plane", "gaussians" or "sine"; or
        "table".
    classes : int
        Of blobs, 2 (default) to 4.
    noise : float
        Standard deviation, in units of the plane and of the values, 0 (default) to 1.
    samples : int
        4 to 5000, 500 by default.
    test_share : float
        Share of the samples that are not trained on, 0 to 0.9, 0.5 by default.
    seed : int
        Of the samples, their noise and the test part; 0 by default.
    table : TableUse, optional
        With the name "table" only.
    """

    name: Literal["rings", "xor", "blobs", "spirals", "moons", "plane", "gaussians", "sine", "table"] = (
        "spirals"
    )
    classes: int = Field(default=2, ge=2, le=4)
    noise: float = Field(default=0.0, ge=0, le=1)
    samples: int = Field(default=500, ge=4, le=MAX_SAMPLES)
    test_share: float = Field(default=0.5, ge=0, le=0.9)
    seed: Seed = 0
    table: TableUse | None = None

    @model_validator(mode="after")
    def _table_is_described(self):
        if (self.name == "table") != (self.table is not None):
            raise ValueError("table belongs to the data set named table, and to no other")
        return self


class HiddenLayer(Part):
    """One hidden layer: Dense, normalization, activation, dropout, in this order.

    Parameters
    ----------
    units : int
        1 to 16, 8 by default.
    activation : str
        A name of `deltaprop.functions.ACTIVATIONS`, "tanh" by default.
    normalization : {"none", "batch", "layer"}
    dropout : float
        Rate, 0 (default: none) to 0.9.
    """

    units: int = Field(default=8, ge=1, le=MAX_UNITS)
    activation: Literal[tuple(ACTIVATIONS)] = "tanh"  # type: ignore[valid-type]
    normalization: Literal["none", "batch", "layer"] = "none"
    dropout: float = Field(default=0.0, ge=0, le=0.9)


class Rule(Part):
    """The optimizer, its learning rate with the schedule, and the optimizer's other numbers.

    Parameters
    ----------
    name : str
        A name of `deltaprop.optimizers.OPTIMIZERS` but gradient_descent, "adam" by default.
    learning_rate : float
        Above 0, at most 100; 0.003 by default.
    numbers : dict of str to float
        Such as ``{"beta1": 0.8}``, 0 to 10; those not given have the optimizer's defaults.
    schedule : str
        A name of `deltaprop.functions.SCHEDULES`, "constant" by default.
    schedule_steps : int
        Length in steps of the run that the schedule spans, 10,000 by default.

    Examples
    --------
    The name of an optimizer, or the object itself, stands for it with all its numbers:

    >>> from deltaprop.optimizers import Momentum
    >>> Settings(optimizer=Momentum(0.1)).optimizer.numbers
    {'weight_decay': 0.0, 'momentum': 0.9}
    >>> Settings(optimizer="sgd").optimizer.learning_rate
    0.01
    """

    name: Literal[tuple(RULES)] = "adam"  # type: ignore[valid-type]
    learning_rate: float = Field(default=0.003, gt=0, le=100)
    numbers: dict[str, Annotated[float, Field(ge=0, le=10)]] = {}
    schedule: Literal[tuple(SCHEDULES)] = "constant"  # type: ignore[valid-type]
    schedule_steps: int = Field(default=10_000, ge=1, le=MAX_STEPS)

    @model_validator(mode="before")
    @classmethod
    def _of_optimizer(cls, value: Any) -> Any:
        """Take an optimizer, or its name, as `Network.fit` takes it."""
        rule = RULES.get(value) if isinstance(value, str) else value
        if not isinstance(rule, Optimizer):
            return {"name": value} if isinstance(value, str) else value
        names = [name for name, known in RULES.items() if type(known) is type(rule)]
        if not names:
            raise ValueError(
                f"{short(rule)} is not an optimizer of the page, expected one of {', '.join(RULES)}"
            )
        numbers = {f.name: getattr(rule, f.name) for f in fields(rule)}
        if scheduled := [name for name, number in numbers.items() if isinstance(number, Schedule)]:
            raise ValueError(
                f"{scheduled[0]} is a Schedule, expected a number; choose a schedule in the page"
            )
        return {"name": names[0], "learning_rate": numbers.pop("learning_rate"), "numbers": numbers}

    @model_validator(mode="after")
    def _numbers_are_of_the_rule(self):
        known = rule_numbers(self.name)
        unknown = sorted(self.numbers.keys() - known.keys())
        if unknown:
            raise ValueError(f"{self.name} has no {unknown[0]}, but {', '.join(known) or 'no numbers'}")
        return self


class Settings(Part):
    """Data, network and training. Two runs with equal settings, points and changes are equal to the last bit.

    Parameters
    ----------
    data : Data
    features : tuple of str
        Formulas of x and y, the inputs of the network, at most 16; x and y by default.
    layers : tuple of HiddenLayer
        At most 8; three of 8 silu units by default. The output layer follows from the data.
    initializer : str
        A name of `deltaprop.functions.INITIALIZERS`; "auto" (default): by the activation that follows.
    loss : str
        A name of `deltaprop.functions.LOSSES` that suits the data; "auto" (default): squared error for values,
        otherwise a cross-entropy.
    optimizer : Rule
    batch_size : int
        Samples of a step, 10 by default.
    order : {"shuffled", "fixed"}
        Of the samples in an epoch.
    l1, l2 : float
        Penalties on the weights as of `Penalty`, 0 (default) to 10.
    clip_norm : float, optional
        Largest norm of the gradient, above 0; by default it is not clipped.
    seed : int
        Of the weights, the order and dropout; 0 by default.

    Examples
    --------
    A part may be given as a dict. Settings cannot be changed; ``model_copy`` makes others.

    >>> settings = Settings(data={"name": "xor"}, layers=[{"units": 4, "activation": "relu"}], optimizer="adamw")
    >>> settings.data.samples, settings.layers[0].dropout, settings.optimizer.numbers["weight_decay"]
    (500, 0.0, 0.01)
    >>> settings.model_copy(update={"batch_size": 32}).batch_size
    32
    """

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
    optimizer: Rule = Rule()
    batch_size: int = Field(default=10, ge=1, le=MAX_SAMPLES)
    order: Literal["shuffled", "fixed"] = "shuffled"
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
