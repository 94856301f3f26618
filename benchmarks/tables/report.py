"""The comparison as a table in Markdown and as a plot of the score against the time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from deltaprop.style import LIGHT, figure_of, styled

from . import statistics
from .comparison import Comparison


def summary(comparison: Comparison, reference: str, pool: list[str] | None = None) -> pd.DataFrame:
    """A line for each method, the best first; times and wins are those of `reference` beside it."""
    errors = comparison.errors
    score, error = statistics.mean_and_error(statistics.normalized_scores(errors, pool))
    ranks = statistics.ranks(errors)
    interval = statistics.bootstrap_interval(ranks)
    lines = pd.DataFrame(
        {
            "score": score,
            "score_error": error,
            "rank": ranks.mean(),
            "rank_low": interval.loc["low"],
            "rank_high": interval.loc["high"],
            "shifted_geometric_mean": statistics.shifted_geometric_mean(errors),
            "seconds": comparison.mean("seconds").map(np.log).mean().map(np.exp),
        }
    )
    lines["times"] = [comparison.seconds_ratio(name, reference) for name in lines.index]
    for name in lines.index.drop(reference):
        verdicts = comparison.beyond_noise(reference, name)
        lines.loc[name, ["wins", "losses"]] = [(verdicts < 0).sum(), (verdicts > 0).sum()]
        lines.loc[name, "better"] = (errors[reference] < errors[name]).mean()
    for name in ("calibration_error", "cross_entropy"):
        if name in comparison.frame:
            lines[name] = comparison.mean(name).mean()
    return lines.sort_values("score", ascending=False)


def markdown(lines: pd.DataFrame, reference: str) -> str:
    """The summary as a table in Markdown.

    Won and lost, beyond noise, are the tables of `reference` against the method of the line; on the share under "lower
    error" it has the lower one, beyond noise or not.
    """
    head = (
        "method",
        "score",
        "mean rank",
        "error",
        "won / lost",
        "lower error",
        "CPU seconds",
        "calibration error",
        "cross-entropy",
    )
    rows = [head, ["---"] + ["--:"] * (len(head) - 1)]
    for name, line in lines.iterrows():
        rows.append(
            [
                str(name),
                f"{line['score']:.3f} ± {line['score_error']:.3f}",
                f"{line['rank']:.2f} ({line['rank_low']:.2f} to {line['rank_high']:.2f})",
                f"{line['shifted_geometric_mean']:.4f}",
                *(
                    ["", ""]
                    if name == reference
                    else [f"{line['wins']:.0f} / {line['losses']:.0f}", f"{100 * line['better']:.0f} %"]
                ),
                f"{line['seconds']:.2g} ({line['times']:.2g} ×)",
                *(f"{line[n]:.3f}" if n in line else "" for n in ("calibration_error", "cross_entropy")),
            ]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def plot(lines: pd.DataFrame, path: Path) -> None:
    """Mean score, with its standard error, against the seconds of a fit on a logarithmic axis."""
    axes = styled(None, LIGHT, width=6.4, height=3.8, grid="y")
    for name, line in lines.iterrows():
        ours = str(name).startswith("deltaprop")
        color = LIGHT.series[0 if ours else 7]
        x, y = line["seconds"], line["score"]
        axes.errorbar(x, y, line["score_error"], fmt="o", color=color, ms=6, elinewidth=1)
        # Its name goes to the left and below where another point is close on the right.
        near = lines["seconds"].between(x, 3 * x, inclusive="right") & ((lines["score"] - y).abs() < 0.06)
        side = -1 if near.any() else 1
        text = axes.annotate(
            str(name),
            (x, y),
            xytext=(7 * side, 4 if side > 0 else -13),
            textcoords="offset points",
            fontsize=9,
        )
        text.set_horizontalalignment("right" if side < 0 else "left")
        text.set_path_effects([withStroke(linewidth=3, foreground=LIGHT.background)])
        text.set(color=color if ours else LIGHT.ink, fontweight="bold" if ours else "normal")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(x=0.2, y=0.08)
    axes.set_xlabel("CPU seconds to fit and predict, geometric mean over the tables")
    axes.set_ylabel("mean normalized score")
    figure_of(axes).savefig(path, dpi=200)
