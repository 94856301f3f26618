"""Every option that shapes a run, as one value: given on the command line, kept in ``config.toml``, read from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ..engines import MAX_THREADS
from ..errors import InputError, choose, number
from ..functions.schedules import SCHEDULES

NORMALIZATIONS = ("none", "batch", "layer")
TASKS = ("classification", "regression")
DTYPES = ("float32", "float64")


def _option(section: str, default: Any = None) -> Any:
    return field(default=default, metadata={"section": section})


@dataclass(frozen=True)
class Settings:
    """The options of ``deltaprop train``.

    An option may be None until `deltaprop.commands.defaults.complete` has chosen it from the data; `target`, `task`,
    `samples`, `data_dir` and `clip_norm` may stay so. The types are those of complete settings.

    Attributes
    ----------
    data, target, drop, category, samples, task, data_dir
        Name or file of the data, columns to predict, to leave out, and to read as categories, how many of the samples
        to use, ``"classification"`` or ``"regression"``, and the folder of MNIST.
    validation, test
        Shares of the samples, in [0, 1); data with a test part of its own keeps that.
    layers, activation, normalization, dropout, l2, loss, dtype
        The network: units of the hidden layers, what follows each of them, penalty ½ l2 Σ w², loss.
    optimizer, learning_rate, schedule, epochs, batch_size, patience, clip_norm, seed, engine, threads
        The training; `patience` in epochs without a better validation score, 0 for none.
    checkpoint_seconds
        Seconds between two checkpoints; does not shape the result.
    """

    data: str = _option("data", "digits")
    target: tuple[str, ...] = _option("data", ())
    drop: tuple[str, ...] = _option("data", ())
    category: tuple[str, ...] = _option("data", ())
    samples: int = _option("data")
    task: str = _option("data")
    data_dir: str = _option("data")
    validation: float = _option("data")
    test: float = _option("data")
    layers: tuple[int, ...] = _option("network")
    activation: str = _option("network")
    normalization: str = _option("network")
    dropout: float = _option("network")
    l2: float = _option("network")
    loss: str = _option("network")
    dtype: str = _option("network")
    optimizer: str = _option("training")
    learning_rate: float = _option("training")
    schedule: str = _option("training")
    epochs: int = _option("training")
    batch_size: int = _option("training")
    patience: int = _option("training")
    clip_norm: float = _option("training")
    seed: int = _option("training")
    engine: str = _option("training")
    threads: int = _option("training")
    checkpoint_seconds: float = _option("training")

    def __post_init__(self) -> None:
        for name, bounds in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                number("train", name, value, **bounds)
        for name, names in _NAMES.items():
            value = getattr(self, name)
            if value is not None and value not in names:
                choose("train", name, value, dict.fromkeys(names), _Name)
        for units in self.layers or ():
            number("train", "layers", units, low=1, integer=True)
        if (self.validation or 0) + (self.test or 0) >= 1:
            got = f"are {self.validation} and {self.test}"
            raise InputError(
                f"train: validation and test {got}, expected shares that leave samples to train on; make one "
                "smaller."
            )

    def given(self, **options: Any) -> Settings:
        """These settings with every option that is not None taken over."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})

    def filled(self, **defaults: Any) -> Settings:
        """These settings with the options that are still None taken from `defaults`."""
        return replace(self, **{k: v for k, v in defaults.items() if getattr(self, k) is None})

    def sections(self) -> dict[str, dict[str, Any]]:
        """The options by section, as TOML keeps them; what was not given and may stay so is left out."""
        out: dict[str, dict[str, Any]] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None and (value != () or f.default is None):
                value = list(value) if isinstance(value, tuple) else value
                out.setdefault(f.metadata["section"], {})[f.name] = value
        return out

    def to_toml(self, versions: Mapping[str, str]) -> str:
        """The text of ``config.toml``."""
        import tomli_w

        head = (
            "# Everything that shaped this run.  Again, bit for bit: deltaprop train --config THIS_FILE\n\n"
        )
        return head + tomli_w.dumps({**self.sections(), "versions": dict(versions)})

    @classmethod
    def from_toml(cls, path: Path) -> tuple[Settings, dict[str, str]]:
        """The settings in the file `path`, and the versions they were used with.

        Raises
        ------
        InputError
            If there is no such file, it is no TOML, or an option in it is unknown or of the wrong kind.
        """
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                f"--config: {path!s} cannot be read ({error.strerror}), expected a config.toml; check the "
                "path."
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                f"--config: {path!s} is no TOML ({error}), expected a config.toml of a run; mend or "
                "replace the file."
            ) from error
        versions = content.pop("versions", {})
        if not isinstance(versions, dict) or not all(isinstance(v, str) for v in versions.values()):
            raise InputError(
                f"{path!s}: versions is {versions!r}, expected a table of texts; correct or remove it."
            )
        options = {}
        known = {(f.metadata["section"], f.name): f for f in fields(cls)}
        for section, values in content.items():
            for name, value in values.items() if isinstance(values, dict) else [("", values)]:
                if (section, name) not in known:
                    where = f"[{section}] {name}".strip()
                    names = (
                        ", ".join(n for s, n in known if s == section) or "sections data, network, training"
                    )
                    raise InputError(f"{path!s}: {where} is unknown, expected {names}; remove or correct it.")
                options[name] = _checked(path, name, value, str(known[section, name].type))
        return cls(**options), versions


class _Name:
    """No value is one of these: a name must stand in its table."""


_BOUNDS: dict[str, dict[str, Any]] = {
    "validation": {"low": 0, "high": 1, "open_high": True},
    "test": {"low": 0, "high": 1, "open_high": True},
    "dropout": {"low": 0, "high": 1, "open_high": True},
    "l2": {"low": 0},
    "learning_rate": {"low": 0, "open_low": True},
    "samples": {"low": 1, "integer": True},
    "epochs": {"low": 1, "integer": True},
    "batch_size": {"low": 1, "integer": True},
    "patience": {"low": 0, "integer": True},
    "clip_norm": {"low": 0, "open_low": True},
    "seed": {"low": 0, "integer": True},
    "threads": {"low": 1, "high": MAX_THREADS, "integer": True},
    "checkpoint_seconds": {"low": 0},
}
_NAMES: dict[str, tuple[str, ...]] = {
    "schedule": tuple(SCHEDULES),
    "normalization": NORMALIZATIONS,
    "task": TASKS,
    "dtype": DTYPES,
}


def _checked(path: Path, name: str, value: Any, annotation: str) -> Any:
    """`value` as TOML gave it, in the type the option wants."""
    entry = str if annotation == "tuple[str, ...]" else int
    if annotation.startswith("tuple") and isinstance(value, list) and all(type(v) is entry for v in value):
        return tuple(value)
    if annotation == "float" and type(value) is int:
        return float(value)
    if annotation == type(value).__name__:
        return value
    raise InputError(f"{path!s}: {name} is {value!r}, expected {annotation}; correct it.")


def parse_layers(text: str) -> tuple[int, ...]:
    """Units of the hidden layers from ``"256,128"``; ``"none"`` for no hidden layer.

    Examples
    --------
    >>> parse_layers("256, 128")
    (256, 128)
    >>> parse_layers("none")
    ()
    """
    if text.strip() in ("", "none"):
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f'train: --layers is {text!r}, expected whole numbers such as "256,128", or none; correct it.'
        ) from None
