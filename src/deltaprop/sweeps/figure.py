"""All curves of a sweep in one figure: the best combination and the next in color, the others faint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from ..style import LIGHT, Palette, legend, logarithmic, styled
from .trial import Trial

if TYPE_CHECKING:
    from .result import Sweep

#: From so many curves on they are drawn as an image, which keeps vector files small.
MANY = 200


def draw(sweep: Sweep, ax: Axes | None = None, palette: Palette = LIGHT) -> Axes:
    """A line over the epochs for each trial; without curves, the metric of each combination by rank."""
    ax = styled(ax, palette, 6.4, 4.0, grid="both")
    if any(trial.curve for trial in sweep.trials):
        _curves(sweep, ax, palette)
    else:
        _metrics(sweep, ax, palette)
    legend(ax, palette)
    made: Any = ax.get_legend()
    for line in made.legend_handles:
        line.set_alpha(1.0)  # a faint one would not be seen alone
    return ax


def _curves(sweep: Sweep, ax: Axes, palette: Palette) -> None:
    first, second = ([r.combination for r in sweep.ranks] + [-1])[:2]
    of = {0: [], 1: [], 2: [], 3: []}  # the best, the next, the others, those that do not count
    for trial in sweep.trials:
        kind = {first: 0, second: 1}.get(trial.combination, 2) if trial.counts else 3
        of[kind].append(trial)
    faint = min(0.5, max(0.08, 15 / len(sweep.trials)))
    styles: dict[int, dict[str, Any]] = {
        3: {"color": palette.series[4], "linewidth": 0.8, "alpha": max(0.3, faint), "linestyle": "dotted"},
        2: {"color": palette.series[7], "linewidth": 0.8, "alpha": faint},
        1: {"color": palette.series[1], "linewidth": 1.3, "linestyle": (0, (4, 1.5))},
        0: {"color": palette.series[0], "linewidth": 1.8},
    }
    labels = [
        f"best: {sweep.name(first)}",
        f"next: {sweep.name(second)}" if second >= 0 else "",
        f"the other {len(sweep.combinations) - 2} combinations",
        f"{len(of[3])} trials that failed or diverged",
    ]
    for kind in (0, 1, 2, 3):  # the order of the legend; the best is drawn last
        _lines(ax, of[kind], labels[kind], zorder=6 - kind, **styles[kind])
    _limits(sweep, ax, [t for kind in (0, 1, 2) for t in of[kind]] or of[3])
    ax.set(xlabel="epoch", ylabel=sweep.curve.replace("_", " "))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _lines(ax: Axes, trials: Sequence[Trial], label: str, **style: Any) -> None:
    """The curves of these trials in one style."""
    curves = [np.column_stack([np.arange(1, len(t.curve) + 1), t.curve]) for t in trials if t.curve]
    if curves:
        lines = LineCollection(curves, label=label, rasterized=len(curves) >= MANY, **style)
        lines.set_capstyle("round")
        ax.add_collection(lines, autolim=False)


def _limits(sweep: Sweep, ax: Axes, trials: Sequence[Trial]) -> None:
    """The range of the curves that count: those that diverge leave the figure. Logarithmic for positive losses."""
    curves = [np.asarray(trial.curve) for trial in trials if trial.curve]
    values = np.concatenate(curves) if curves else np.ones(1)
    values = values[np.isfinite(values)]
    longest = max((len(curve) for curve in curves), default=1)
    ax.set_xlim(1 - 0.02 * longest, longest + 0.02 * longest)
    low, high = values.min(), values.max()
    if sweep.curve.endswith("loss") and low > 0:
        logarithmic(ax.yaxis)
        margin = max((high / low) ** 0.05, 1.05)
        ax.set_ylim(low / margin, high * margin)
        return
    if sweep.curve.endswith("score"):  # R² may begin far below 0
        low = max(low, float(np.quantile(values, 0.02)))
    margin = 0.05 * (high - low) or 0.5
    ax.set_ylim(low - margin, high + margin)


def _metrics(sweep: Sweep, ax: Axes, palette: Palette) -> None:
    """The mean of the metric over the seeds with its standard error, the best first."""
    ranks = [rank for rank in sweep.ranks if rank.trials]
    for kind, part in enumerate((ranks[:1], ranks[1:])):
        label = f"best: {sweep.name(part[0].combination)}" if kind == 0 and part else "others"
        places = np.arange(kind + 1, kind + 1 + len(part))
        means, errors = ([getattr(r, name) for r in part] for name in ("mean", "standard_error"))
        style = {"fmt": "os"[kind], "color": palette.series[(0, 7)[kind]], "markersize": 6 - 2 * kind}
        if part:
            ax.errorbar(places, means, yerr=np.nan_to_num(errors), label=label, **style)
    ax.set(xlabel="combination, by rank", ylabel=f"{sweep.metric.replace('_', ' ')}, ± standard error")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
