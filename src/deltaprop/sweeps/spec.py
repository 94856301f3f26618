"""A sweep of ``deltaprop train`` as a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..commands.prepare import absolute, prepare
from ..commands.settings import Count, Settings
from ..errors import InputError, short
from .plan import Plan
from .space import distribution
from .training import Training

Seed = Annotated[int, Field(ge=0)]
Measured = Literal["train_loss", "train_score", "validation_loss", "validation_score"]

#: Settings that change what the loss is.
OF_THE_LOSS = ("loss", "label_smoothing", "l2")


class SweepSpec(BaseModel):
    """What the file says.

    Parameters
    ----------
    settings : dict
        Options of ``deltaprop train`` that are the same in every trial.
    space : dict
        For each option to be varied a list of values, or a distribution: see `distribution`.
    samples, draw_seed, seeds, metric, curve
        As of `sweep`.
    results : {"csv", "parquet"}
        The kind of file for the table of trials.

    Examples
    --------
    >>> spec = SweepSpec.of(settings={"data": "iris", "epochs": 2}, space={"layers": ["4", "8,8"]}, seeds=1)
    >>> [trial.status for trial in spec.plan().run().trials]
    ['completed', 'completed']
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    settings: dict[str, Any] = {}
    space: dict[str, Any]
    samples: Count | None = None
    draw_seed: Seed = 0
    seeds: Count | list[Seed] = 3
    metric: Measured = "validation_score"
    curve: Measured | None = None
    results: Literal["csv", "parquet"] = "csv"

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """The spec in a file.

        Raises
        ------
        InputError
            If it cannot be read or is no such file, or an option is unknown or has an invalid value.
        """
        try:
            content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            found = f"{path} cannot be read ({error.strerror})"
            raise InputError(f"sweep: {found}, expected a .toml file; check the path.") from error
        except (ValueError, RecursionError) as error:
            found = f"{path} is not valid TOML ({error})"
            raise InputError(f"sweep: {found}, expected one as in docs/sweep.md; correct it.") from error
        return cls.of(str(path), **content)

    @classmethod
    def of(cls, source: str = "sweep", /, **content: Any) -> Self:
        """The same from keyword arguments; `source` is what messages begin with."""
        try:
            spec = cls.model_validate(content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name, wanted = first["loc"][0], first["msg"].removeprefix("Input should be ")
            if first["type"] == "extra_forbidden":
                wanted = f"one of {', '.join(cls.model_fields)}"
                raise InputError(f"{source}: {name} is unknown, expected {wanted}; correct it.") from None
            if first["type"] == "missing":
                raise InputError(f"{source}: {name} is missing, expected a table [{name}]; add it.") from None
            raise InputError(
                f"{source}: {name} is {short(first['input'])}, expected {wanted}; change {name}."
            ) from None
        fixed = _checked(source, spec.settings)
        space = {name: _values(source, name, values) for name, values in spec.space.items()}
        spec = spec.model_copy(update={"settings": fixed, "space": space})
        spec._check(source)
        return spec

    def plan(self) -> Plan:
        """The sweep to be made."""
        return Plan.make(
            Training(),
            self.space,
            settings=self.settings,
            samples=self.samples,
            draw_seed=self.draw_seed,
            seeds=self.seeds,
            metric=self.metric,
            curve=self.curve,
        )

    def _check(self, source: str) -> None:
        """Refuse what no trial could be made of: every combination, and the metric with the data of the first."""
        if "search" in self.settings or "search" in self.space:
            raise InputError(f"{source}: search is given, expected single trainings; leave it out.")
        if "metric" in self.space:
            raise InputError(f"{source}: space has metric, expected one for all trials; move it to settings.")
        mixed = next((name for name in OF_THE_LOSS if name in self.space), None)
        if mixed and self.metric.endswith("loss"):
            found = f"metric is {self.metric}, which {mixed} changes"
            raise InputError(f"{source}: {found}, expected a score; choose validation_score.")
        combinations = self.plan().combinations
        for combination in combinations:
            Settings(source, **{**self.settings, **combination})
        prepared = prepare(Settings(source, **{**self.settings, **combinations[0]}))
        if self.metric.startswith("validation") and "validation" not in prepared.parts:
            found = f"metric is {self.metric} without a validation part"
            raise InputError(f"{source}: {found}, expected one; set validation, or another metric.")


def _checked(source: str, options: dict[str, Any]) -> dict[str, Any]:
    """Options of train as they are checked there: ``"32,16"`` becomes (32, 16), a path absolute."""
    known = {*Settings.model_fields} - {"recognized"}
    if unknown := next((name for name in options if name not in known), None):
        found = f"{short(unknown)} is no option of deltaprop train"
        raise InputError(f"{source}: {found}, expected one as in docs/options.md; correct it.")
    checked = absolute(Settings(source, **options))
    return {name: getattr(checked, name) for name in options}


def _values(source: str, name: str, values: Any) -> Any:
    """The values of an option, each checked, or its distribution."""
    if isinstance(values, dict):
        values = distribution(name, values)
    if isinstance(values, list):
        return [_checked(source, {name: value})[name] for value in values]
    _checked(source, {name: None})
    return values
