"""What a sweep has found: a row for each trial, the combinations by rank, and the best one in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..style import LIGHT, Palette, figure_of
from .figure import draw
from .ranking import Rank, rank
from .trial import FAILED, Trial

#: Rows of the ranking that are printed.
SHOWN = 10


@dataclass(frozen=True, eq=False)
class Sweep:
    """All trials of a sweep.

    Attributes
    ----------
    combinations : sequence of dict
        The settings that were tried.
    trials : sequence of Trial
        By combination, then by seed.
    metric : str
        The number by which combinations are compared.
    maximize : bool
        Whether larger is better.
    curve : str
        What the curves of the trials are.
    """

    combinations: Sequence[Mapping[str, Any]]
    trials: Sequence[Trial]
    metric: str
    maximize: bool
    curve: str

    @cached_property
    def ranks(self) -> list[Rank]:
        """The combinations, best first."""
        return rank(self.trials, self.metric, self.maximize)

    @property
    def best(self) -> dict[str, Any]:
        """The settings of the best combination."""
        return dict(self.combinations[self.ranks[0].combination])

    def table(self) -> pd.DataFrame:
        """A row for each trial: its settings, seed and status, and the numbers that it ended with."""
        names = dict.fromkeys(name for trial in self.trials for name in trial.metrics)
        rows = [
            {"combination": trial.combination}
            | self._settings(trial.combination)
            | {"seed": trial.seed, "status": trial.status}
            | {name: trial.metrics.get(name) for name in sorted(names)}
            | {"message": trial.message}
            for trial in self.trials
        ]
        table = pd.DataFrame(rows)
        counts = [name for name in ("epochs", "kept_epoch") if name in names]
        return table.astype(dict.fromkeys(counts, "Int64"))

    def ranking(self) -> pd.DataFrame:
        """A row for each combination, best first: the fields of `Rank`."""
        rows = [
            {"rank": place}
            | self._settings(r.combination)
            | {f"mean_{self.metric}": r.mean, "standard_error": r.standard_error}
            | {"trials": r.trials, "failed": r.failed}
            | {"behind": r.behind, "behind_standard_error": r.behind_error, "margin": r.margin}
            | {"distinguishable": r.distinguishable}
            for place, r in enumerate(self.ranks, 1)
        ]
        return pd.DataFrame(rows)

    def figure(self, palette: Palette = LIGHT) -> Figure:
        """All curves, those of the best combination highlighted; without curves, the metrics by rank."""
        return figure_of(draw(self, palette=palette))

    def plot(self, ax: Axes | None = None, palette: Palette = LIGHT) -> Axes:
        """The same on given axes, which are returned."""
        return draw(self, ax, palette)

    def name(self, combination: int) -> str:
        """A combination in words."""
        return ", ".join(f"{name} {shown(value)}" for name, value in self.combinations[combination].items())

    def conclusion(self) -> str:
        """The best combination, its margin over the next, and how many others cannot be told from it."""
        best = self.ranks[0]
        if not best.trials:
            return f"No trial has ended with a number. The first: {self.trials[0].message}"
        spread = f" ± {best.standard_error:.2g}" if best.trials > 1 else ""
        seeds = f"{best.trials} seed{'s' * (best.trials != 1)}"
        lines = [f"Best: {self.name(best.combination)}: {self.metric} {best.mean:.4g}{spread} ({seeds})."]
        if best.failed:
            lines.append("Every combination has trials that failed or diverged.")
        if len(self.ranks) > 1:
            lines += self._margin()
        return "\n".join(lines)

    def _margin(self) -> list[str]:
        following = self.ranks[1]
        name = self.name(following.combination)
        if following.failed > self.ranks[0].failed:
            return [f"Next: {name}, of which {following.failed} failed or diverged."]
        if following.trials < 2:
            return [f"Next: {name}. With one seed the margin cannot be judged: give more seeds."]
        lines = [f"Next: {name}: {following}."]
        same = [r for r in self.ranks[1:] if not r.distinguishable and not r.failed]
        if len(same) > 1:
            lines.append(
                f"{len(same)} of {len(self.ranks) - 1} others are not distinguishable from the best."
            )
        return lines

    def _settings(self, combination: int) -> dict[str, Any]:
        return {name: cell(value) for name, value in self.combinations[combination].items()}

    def __str__(self) -> str:
        counts = Counter(trial.status for trial in self.trials)
        ends = ", ".join(f"{count} {status}" for status, count in counts.most_common())
        head = f"{len(self.trials)} trials of {len(self.combinations)} combinations: {ends}"
        first = next((trial for trial in self.trials if trial.status == FAILED), None)
        why = f"\nThe first that failed: {self.name(first.combination)}: {first.message}" if first else ""
        rows = self.ranking().head(SHOWN)
        return f"{head}{why}\n\n{rows.to_string(index=False, float_format='{:.4g}'.format)}\n\n{self.conclusion()}"


def cell(value: Any) -> Any:
    """A setting as a number, text or truth value of a table."""
    return value if isinstance(value, str | int | float | bool) else shown(value)


def shown(value: Any) -> str:
    """A setting in words."""
    if isinstance(value, list | tuple):
        return ",".join(map(shown, value)) or "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
