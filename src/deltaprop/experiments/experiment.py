"""What an experiment is: claims, a measurement for each arm and seed, verdicts, a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ..style import LIGHT, Palette
from .claims import Claim, Verdict, together
from .problem import Problem


@dataclass(frozen=True)
class Setting:
    """How an experiment is to be run.

    Parameters
    ----------
    full : bool
        At its real size instead of the one that takes seconds.
    seeds : int, optional
        Runs of each arm, instead of the experiment's own number.
    problem : Problem, optional
        Data of one's own instead of the experiment's.
    jobs : int
        Processes.
    """

    full: bool = False
    seeds: int | None = None
    problem: Problem | None = None
    jobs: int = 1

    def size(self, small: Any, full: Any) -> Any:
        """The first, or at full size the second."""
        return full if self.full else small


@dataclass(frozen=True)
class Measured:
    """What an experiment measured.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each arm and seed: ``arm``, ``seed``, and the measures on which the verdicts rest.
    details : mapping
        What else the figure shows: curves, trained networks.
    """

    table: pd.DataFrame
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """A claim of the literature and how it is put to the test.

    Parameters
    ----------
    title : str
    items : tuple of str
        Items of the course, see `course.ITEMS`.
    source : str
        Who claims it, where.
    method : str
        Data, network and what is compared, in one or two sentences.
    claims : tuple of Claim
    measure : callable
        ``measure(setting) -> Measured``.
    draw : callable
        ``draw(measured, palette) -> Figure``.
    own_data : bool
        Whether it makes sense for any data.
    """

    title: str
    items: tuple[str, ...]
    source: str
    method: str
    claims: tuple[Claim, ...]
    measure: Callable[[Setting], Measured]
    draw: Callable[[Measured, Palette], Figure]
    own_data: bool = False

    def run(self, setting: Setting | None = None) -> Result:
        """Measure, and judge."""
        measured = self.measure(setting or Setting())
        return Result(self, measured, tuple(claim.judge(measured.table) for claim in self.claims))


@dataclass(frozen=True)
class Result:
    """The measured numbers of an experiment, and the verdicts."""

    experiment: Experiment
    measured: Measured
    verdicts: tuple[Verdict, ...]

    @property
    def outcome(self) -> str:
        """ "borne out", "not borne out", "refuted", or "depends" where the verdicts differ."""
        return together(self.verdicts)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each arm and seed."""
        return self.measured.table

    @property
    def summary(self) -> pd.DataFrame:
        """Mean of each measure over the seeds, by arm, in the order of the arms."""
        return self.table.drop(columns="seed").groupby("arm", sort=False).mean(numeric_only=True)

    def figure(self, palette: Palette = LIGHT) -> Figure:
        """The picture of the result."""
        return self.experiment.draw(self.measured, palette)

    def __str__(self) -> str:
        head = [self.experiment.title, f"Claimed by {self.experiment.source}. {self.experiment.method}"]
        return "\n".join(
            [*head, "", self.summary.to_string(float_format="{:.4g}".format), "", *map(str, self.verdicts)]
        )
