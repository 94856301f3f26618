"""The options of ``deltaprop train``, each declared once: type, bounds, default and description.

Validation, the options of the command line, ``config.toml`` and ``docs/options.md`` follow from the declarations.
Nothing that computes is imported here, so that ``deltaprop train --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo


def parse_layers(value: Any) -> Any:
    """Units of the hidden layers from ``"256,128"`` or ``"none"``; anything but text is returned unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(int(part) for part in value.split(",")) if value.strip() not in ("", "none") else ()
    except ValueError:
        raise ValueError('integers such as "256,128", or none') from None


def parse_factors(value: Any) -> Any:
    """Factors by parameter from ``"w=fan_in, b=0.1"`` or ``"none"``; anything but text is returned unchanged."""
    if not isinstance(value, str):
        return value
    if value.strip() in ("", "none"):
        return {}
    factors: dict[str, Any] = {}
    for part in value.split(","):
        name, sign, factor = (text.strip() for text in part.partition("="))
        try:
            factors[name] = factor if factor == "fan_in" else float(factor)
        except ValueError:
            sign = ""
        if not (name and sign):
            raise ValueError('factors such as "w=fan_in, b=0.1", or none')
    return factors


def parse_target_values(value: str) -> str | tuple[float, float]:
    """Target values of classes from ``"-1,1"``; "curvature" as it is."""
    if value.strip() == "curvature":
        return "curvature"
    try:
        low, high = map(float, value.split(","))
    except ValueError:
        raise ValueError('two numbers such as "-1,1", or curvature') from None
    return low, high


def _target_values(value: str) -> str:
    parse_target_values(value)
    return value


def _small(value: int) -> int:
    if value >= 2**31:
        raise ValueError("an integer below 2³¹")
    return value


def _key_of(module: str, table: str, *more: str) -> AfterValidator:
    """The text must be a key of `table` in ``deltaprop.MODULE``, which is imported when a value is checked, or more."""

    def check(name: str) -> str:
        names = [*getattr(import_module(f"..{module}", __package__), table), *more]
        if name not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return name

    return AfterValidator(check)


Count = Annotated[int, Field(ge=1), AfterValidator(_small)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Patience = Annotated[int, Field(ge=0), AfterValidator(_small)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Columns = Annotated[
    tuple[str, ...],
    Field(strict=False),  # strict would refuse a list
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
]
ActivationName = Annotated[str, _key_of("functions.activations", "ACTIVATIONS")]
HiddenName = Annotated[str, _key_of("functions.activations", "ACTIVATIONS", "rbf")]
InitName = Annotated[str, _key_of("functions.initializers", "INITIALIZERS", "auto", "data")]
LossName = Annotated[str, _key_of("functions.losses", "LOSSES")]
OptimizerName = Annotated[str, _key_of("solvers", "RULES")]
ScheduleName = Annotated[str, _key_of("functions.schedules", "SCHEDULES")]
Threads = Annotated[int, Field(ge=1, le=1024)]
Factor = Literal["fan_in"] | NonNegative
Factors = Annotated[dict[str, Factor], BeforeValidator(parse_factors)]
TargetValues = Annotated[str, AfterValidator(_target_values)]
Units = Annotated[tuple[Count, ...], Field(strict=False), BeforeValidator(parse_layers)]


def _option(description: str, default: Any = None) -> Any:
    """A field; None until it is given or chosen from the data, where it has no default."""
    return Field(default=default, description=description)


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class DataOptions(_Options):
    """Section ``[data]``."""

    data: str = _option(
        "digits (default), mnist, iris, wine, breast_cancer, diabetes, rings, xor, spirals, blobs, moons, "
        "or a file: .csv or other text, .xlsx, .parquet, .feather",
        "digits",
    )
    target: Columns = _option("Target column of a table; repeat for several", ())
    drop: Columns = _option("Column to ignore; repeat for several", ())
    category: Columns = _option("Numeric column to read as categories; repeat for several", ())
    header: bool = _option("Whether the first row of a file names its columns; default: recognised")
    separator: str = _option("Separator of a text file: a sign, tab or space; default: recognised")
    decimal: Literal[".", ","] = _option("Decimal sign; default: recognised")
    thousands: str = _option("Sign between groups of three digits, space or none; default: recognised")
    comment: str = _option("What begins lines to be ignored, or none; default: # or %, if recognised")
    encoding: str = _option("Encoding of a text file, such as utf-16 or cp1252; default: recognised")
    sheet: str = _option("Sheet of an Excel workbook, by name or by number from 1; default: the first")
    missing: Columns = _option(
        "Text that stands for a missing entry, in place of NA, null, ? and the like; repeat for several"
    )
    dates: Literal["day-first", "month-first"] = _option(
        "Order of day and month in dates such as 01/02/2024, where no entry shows it; default: as in other columns"
    )
    keep: Columns = _option(
        "Column to use although it looks like an identifier or has a single value; repeat for several", ()
    )
    keep_na: Columns = _option("Column where NA, None, null and the like are labels; repeat for several", ())
    unique: bool = _option("Leave out repeated rows")
    scaling: Literal["standard", "robust", "decorrelate"] = _option(
        "Numbers by mean and standard deviation; by median and interquartile range with a smooth clip; or as principal "
        "components of variance 1"
    )
    categories: Literal["one_hot", "embedding"] = _option(
        "Categories as one-hot inputs; or ±1 for two, one-hot up to nine, learned vectors of more"
    )
    samples: Count = _option("Number of samples to use; default: all")
    task: Literal["classification", "regression"] = _option("Task; default: inferred from the target")
    data_dir: str = _option("Folder of the MNIST files; default: $DELTAPROP_DATA")
    time: str = _option(
        "Column of a table that orders the rows, dates or numbers: the last part is the test, the part before it the "
        "validation"
    )
    group: str = _option("Column of a table whose equal entries stay in the same part, such as the patient")
    test_data: str = _option("Table file with the same columns for the test, in place of a part of the data")
    folds: Annotated[int, Field(ge=2), AfterValidator(_small)] = _option(
        "Cross-validation with this many folds, then one network of all data; default: one split"
    )
    validation: Fraction = _option("Fraction of the samples for validation")
    test: Fraction = _option("Fraction of the samples held out for the test")


class NetworkOptions(_Options):
    """Section ``[network]``."""

    periodic_embedding: bool = _option("Learned waves of the numbers as further inputs")
    input_factors: bool = _option("A learned factor for each input")
    layers: Units = _option('Units of the hidden layers, such as "256,128", or none')
    activation: HiddenName = _option(
        "Activation of the hidden layers, such as relu, selu, mish, tanh or sigmoid; or rbf: radial basis functions"
    )
    parametric_activation: bool = _option("Each hidden unit learns to which degree it applies its activation")
    normalization: Literal["none", "batch", "layer"] = _option("Normalization in the hidden layers")
    init: InitName = _option(
        "Initial weights of the hidden layers: auto, what suits the activation; data, from the data; or a name such as "
        "glorot_uniform or he_normal"
    )
    dropout: Fraction = _option("Dropout rate of the hidden layers")
    dropout_schedule: ScheduleName = _option("Schedule of the dropout rate, such as constant or flat_cosine")
    l1: NonNegative = _option("Coefficient of the penalty l1 Σ |w|")
    l2: NonNegative = _option("Coefficient of the penalty ½ l2 Σ w²")
    loss: LossName = _option("Loss, such as softmax_cross_entropy, squared_error or huber")
    output_activation: ActivationName = _option(
        "Activation of the output layer, for losses such as squared_error; default: identity"
    )
    target_values: TargetValues = _option(
        'Targets of a class unit under squared_error: "0,1", "-1,1" or the like, or curvature: where the second '
        "derivative of the output activation is largest"
    )
    label_smoothing: Fraction = _option("Label smoothing of the cross-entropies")
    clamp_outputs: bool = _option("Keep predicted values within the range of the training targets")
    calibrate: bool = _option("Divide the outputs by a temperature found on the validation part")
    dtype: Literal["float32", "float64"] = _option("Floating-point type of the network")


class TrainingOptions(_Options):
    """Section ``[training]``."""

    optimizer: OptimizerName = _option(
        "Optimizer, such as adam, sgd or momentum, or a full-batch solver, such as lm, bayesian_lm or lbfgs"
    )
    learning_rate: Positive = _option("Learning rate; with a schedule, its largest value")
    schedule: ScheduleName = _option("Learning rate schedule, such as constant, cosine, one_cycle or step")
    momentum: Fraction = _option("γ of the rules with momentum; default: 0.9")
    beta2: Fraction = _option("β₂ of Adam")
    rate_factors: Factors = _option(
        'Factors on the learning rate of parameters, such as "w=fan_in, b=0.1", or none'
    )
    weight_decay: NonNegative = _option("Decoupled weight decay")
    weight_decay_schedule: ScheduleName = _option("Schedule of the decay, such as constant or flat_cosine")
    decay_factors: Factors = _option("Factors on the weight decay of parameters, or none")
    adapt_rate: Literal["none", "eigenvalue", "diagonal_lm"] = _option(
        "Rates from the curvature: one from its largest eigenvalue, or one for each parameter"
    )
    epochs: Count = _option("Maximum number of epochs")
    batch_size: Count = _option("Samples per step")
    batch_growth: Annotated[float, Field(ge=1)] = _option("Factor by which batches grow; 1: not at all")
    batch_growth_every: Count = _option("Epochs from one growth of the batches to the next")
    largest_batch: Count = _option("Samples per step to which batches grow; default: all")
    sampler: Literal["shuffled", "fixed", "stratified", "alternating", "emphasizing"] = _option(
        "Order of the samples: random, as in the data, classes spread evenly, classes in turn; or those of large loss "
        "more often"
    )
    momentum_plateau: Patience = _option(
        "Raise the momentum from 0.5 to 0.9 once the training loss has settled for this many epochs; 0: never"
    )
    patience: Patience = _option("Stop after this many epochs without improvement; 0: never")
    monitor: Literal["validation_loss", "validation_score"] = _option(
        "What patience watches; the weights of its best epoch are kept"
    )
    metric: Literal[
        "accuracy", "balanced_accuracy", "average_precision", "recall", "r2", "mae", "rmse", "loss"
    ] = _option(
        "What is looked at to stop, to keep the best epoch and to search; recall: of the rarest class; default: "
        "accuracy or r2"
    )
    best_epoch: Literal["first", "last"] = _option("Which of several equally good epochs is the best one")
    search: Count = _option(
        "Search for better settings before: this many candidates, trained on all cores, judged on the validation part"
    )
    clip_norm: Positive = _option("Maximum norm of the gradient; default: no limit")
    seed: Annotated[int, Field(ge=0)] = _option(
        "Seed of the split, initial weights, sample order and dropout"
    )
    engine: Literal["auto", "numpy", "native", "jax"] = _option(
        "Engine that runs the steps; jax: on GPUs and on many machines"
    )
    precision: Literal["float32", "tf32", "bf16"] = _option(
        "How the engine jax computes products of float32 matrices; default: float32"
    )
    threads: Threads = _option("Number of threads; default: one, or every core for many samples")
    checkpoint_seconds: NonNegative = _option("Seconds between checkpoints; default: 30")


def monitored(metric: str) -> str:
    """The column of the history that holds a metric."""
    return "validation_loss" if metric == "loss" else "validation_score"


SECTIONS: dict[str, type[_Options]]
SECTIONS = {"data": DataOptions, "network": NetworkOptions, "training": TrainingOptions}


class Settings(TrainingOptions, NetworkOptions, DataOptions):
    """Every option of a run; None until `defaults.complete` has chosen it from the data, if it has a default at all.

    >>> Settings(epochs=0)
    Traceback (most recent call last):
    ...
    deltaprop.errors.InputError: train: epochs is 0, expected a number greater than or equal to 1; change epochs.
    """

    #: Which options were recognised from the data, under "options"; and under "drop" the columns that were left out.
    recognized: dict[str, Columns] = {}

    def __init__(self, source: str = "train", /, **options: Any):
        from ..errors import InputError, short  # imports NumPy

        try:
            super().__init__(**{name: value for name, value in options.items() if value is not None})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            wanted = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            wanted = f"a number {wanted}" if wanted.startswith(("greater", "less")) else wanted
            name, got = first["loc"][0], first["input"]
            raise InputError(f"{source}: {name} is {short(got)}, expected {wanted}; change {name}.") from None
        if (self.validation or 0) + (self.test or 0) >= 1:
            found = f"validation and test are {self.validation} and {self.test}"
            raise InputError(f"{source}: {found}, expected a sum below 1; leave samples for training.")
        if self.metric and self.monitor not in (None, wanted := monitored(self.metric)):
            found = f"metric is {self.metric} with monitor {self.monitor}"
            raise InputError(f"{source}: {found}, expected {wanted}; leave monitor out.")
        pairs = (("time", "group"), ("test", "test_data"), ("test", "folds"), ("search", "folds"))
        for one, other in pairs:
            if getattr(self, one) and getattr(self, other) is not None:
                found = f"{one} is given with {other.replace('_', '-')}"
                raise InputError(f"{source}: {found}, expected one of them; leave one out.")

    def given(self, **options: Any) -> Settings:
        """These settings with every option that is not None replaced.

        A column that is now to be used is no longer among those to leave out, and the other way round. A metric
        replaces the monitor.
        """
        options = {name: value for name, value in options.items() if value is not None}
        implied = {"monitor": None} if "metric" in options else {}
        settings = Settings(**dict(self) | implied | options)
        for name, others in (("drop", ("target", "category", "keep")), ("keep", ("drop",))):
            now = {column for other in others if other in options for column in getattr(settings, other)}
            before = getattr(settings, name)
            if name not in options and now & set(before):
                left = tuple(column for column in before if column not in now)
                settings = Settings(**dict(settings) | {name: left})
        return settings

    def with_recognized(self, found: Mapping[str, Any]) -> Settings:
        """These settings with what was recognised from the data, options and all columns to leave out."""
        options = tuple(name for name in found if name != "drop" and getattr(self, name) is None)
        drop = tuple(column for column in found.get("drop", ()) if column not in self.drop)
        before = self.recognized
        recognized = {"options": before.get("options", ()) + options, "drop": before.get("drop", ()) + drop}
        return self.given(**found, recognized={name: value for name, value in recognized.items() if value})

    def for_other_data(self) -> Settings:
        """These settings without what was recognised from the data."""
        recognized = dict.fromkeys(self.recognized.get("options", ()))
        drop = tuple(column for column in self.drop if column not in self.recognized.get("drop", ()))
        return Settings(**dict(self) | recognized | {"drop": drop, "recognized": {}})

    def filled(self, **defaults: Any) -> Settings:
        """These settings with the options that are None taken from `defaults`."""
        return Settings(**defaults | {name: value for name, value in self if value is not None})

    def without(self, name: str) -> Settings:
        """These settings without that option."""
        return Settings(**dict(self) | {name: None})

    def sections(self) -> dict[str, dict[str, Any]]:
        """The options by section, as TOML stores them, without those that are not set."""
        return {
            section: {
                name: list(value) if isinstance(value, tuple) else value
                for name, field in model.model_fields.items()
                if (value := getattr(self, name)) is not None and (value != () or field.default is None)
            }
            for section, model in SECTIONS.items()
        }

    def to_toml(self, versions: Mapping[str, str]) -> str:
        """The text of ``config.toml``."""
        import tomli_w

        head = "# Everything that determines the result. To repeat the run: deltaprop train --config THIS_FILE\n\n"
        recognized = {"recognized": self.recognized} if self.recognized else {}
        return head + tomli_w.dumps({**self.sections(), **recognized, "versions": dict(versions)})

    @classmethod
    def from_toml(cls, path: Path) -> tuple[Settings, dict[str, str]]:
        """The settings in the file `path`, and the versions they were used with."""
        from ..errors import InputError

        try:
            text = Path(path).read_bytes()
        except OSError as error:
            found = f"{path} cannot be read ({error.strerror})"
            raise InputError(f"--config: {found}, expected a config.toml; check the path.") from error
        return cls.parse(path, text)

    @classmethod
    def parse(cls, path: Path, text: bytes) -> tuple[Settings, dict[str, str]]:
        """The settings in that text of the file `path`, and the versions they were used with."""
        import tomllib

        from ..errors import InputError, short

        try:
            content = tomllib.loads(text.decode())
        except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, 5,000 digits, 2,000 brackets
            found = f"{path} is not valid TOML ({error})"
            raise InputError(f"--config: {found}, expected the config.toml of a run; correct it.") from error
        versions = content.pop("versions", {})
        if not isinstance(versions, dict) or not all(isinstance(v, str) for v in versions.values()):
            raise InputError(f"{path}: versions is {short(versions)}, expected a table of texts; correct it.")
        options = {"recognized": recognized} if (recognized := content.pop("recognized", None)) else {}
        for section, values in content.items():
            known = SECTIONS[section].model_fields if section in SECTIONS else {}
            for name, value in values.items() if isinstance(values, dict) else [("", values)]:
                if name not in known:
                    where = short(f"[{section}] {name}".strip())
                    names = ", ".join(known) or f"sections {', '.join(SECTIONS)}"
                    raise InputError(f"{path}: {where} is unknown, expected {names}; remove or correct it.")
                options[name] = value
        return cls(str(path), **options), versions


#: Other names on the command line.
ALIASES = {"optimizer": "solver"}


def flags(name: str) -> list[str]:
    """The options of the command line for a setting: another name if it has one, and the negative of a switch.

    >>> flags("optimizer"), flags("calibrate")
    (['--optimizer', '--solver'], ['--calibrate/--no-calibrate'])
    """
    options = [n.replace("_", "-") for n in (name, ALIASES.get(name)) if n]
    switch = Settings.model_fields[name].annotation is bool
    return [f"--{option}/--no-{option}" if switch else f"--{option}" for option in options]


def bounds(field: FieldInfo) -> str:
    """The bounds of a numeric option, or the choices of another, in words; empty without any.

    >>> bounds(Settings.model_fields["dropout"])
    '≥ 0 and < 1'
    """
    signs = {"ge": "≥", "gt": ">", "lt": "<", "le": "≤"}
    limits = [f"{s} {getattr(m, k)}" for m in field.metadata for k, s in signs.items() if hasattr(m, k)]
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return ", ".join(choices) or " and ".join(limits)


def markdown() -> str:
    """The table of ``docs/options.md``."""
    rows = ["| option | section | values | meaning |", "|---|---|---|---|"]
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            option = "`DATA`" if name == "data" else ", ".join(f"`{flag}`" for flag in flags(name))
            rows.append(f"| {option} | {section} | {bounds(field)} | {field.description} |")
    return "\n".join(rows) + "\n"
