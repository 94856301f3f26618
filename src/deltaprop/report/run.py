"""The report of a training run: scores, what they come from, errors, curves and configuration on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from . import charts, figures
from .calibration import Calibration, wilson
from .cases import Case
from .comparison import Comparison
from .confusion import Confusion
from .dependence import Dependence
from .importance import Importance
from .page import HERE, page
from .parts import PARTS, on
from .score import Score, format_score, mean_and_deviation

if TYPE_CHECKING:
    from ..network import Network
    from ..training.history import History

MOST_IMAGES = 24
MOST_ENTRIES = 8  # of a row of the table


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for samples that the network was not trained on."""

    part: str  # "test" or "validation"
    y: np.ndarray  # predicted class codes (n,), or values (n,) or (n, k) in the target's unit
    t: np.ndarray  # the truth, of the same shape
    probabilities: np.ndarray | None = None  # (n, classes)
    images: np.ndarray | None = None  # (n, height, width)


@dataclass(frozen=True, eq=False)
class RunReport:
    """Everything that the page of a run shows; see `render`."""

    name: str
    data_summary: Sequence[str]  # the size of the data, then what was recognised and left out
    score_name: str
    scores: Mapping[str, Score]
    history: History
    message: str
    network: Network
    class_names: Sequence[str] = ()
    target_names: Sequence[str] = ()
    predictions: Predictions | None = None
    verdict: Sequence[str] = ()  # what the scores mean, a sentence each
    comparison: Sequence[Comparison] = ()  # the network first
    folds: Mapping[str, Sequence[float]] = field(default_factory=dict)  # measure → its value in each fold
    importances: Sequence[Importance] = ()  # the largest first
    importance_measure: str = ""  # what drops
    importance_note: str = ""  # by which score and part they were measured; columns that are correlated
    dependences: Sequence[Dependence] = ()  # of the most important columns
    calibration: Calibration | None = None
    calibrated: str = ""  # what `calibration` is of: a class, or "the predicted class"
    cases: Sequence[Case] = ()  # the worst first
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


def render(run: RunReport) -> str:
    """The page as HTML without references to other files."""
    trained = len(run.history) > 0
    return page(
        HERE,
        "run.html.j2",
        run=run,
        headline=headline(run),
        compared=_compared(run),
        folds=_folds(run),
        importances=figures.importances(run.importances, run.importance_measure) if run.importances else "",
        dependences=figures.dependences(run.dependences, bool(run.class_names)),
        errors=_errors(run, run.predictions) if run.predictions else {},
        cases=_cases(run),
        curves=figures.learning(run.history, run.score_name, not run.folds) if trained else {},
        diagnostics=figures.diagnostics(run.history) if trained else {},
        network=figures.network(run.network),
    )


def headline(run: RunReport) -> list[tuple[str, str, list[str]]]:
    """Label, value and notes of each headline number: the scores (test first), the best epoch, the time."""
    parts = [part for part in PARTS if part in run.scores]
    items = [
        (f"{part} {run.score_name}", format_score(run.score_name, run.scores[part].score), _notes(run, part))
        for part in parts
    ]
    if parts:
        items[0][2].extend(_beside(run, parts[0]))
    if n := len(run.history):
        items.append(("epochs", str(n), ["the median of the folds"]) if run.folds else _best_epoch(run, n))
        seconds = float(run.history["seconds"].sum())
        of = ["of the network of all data"] if run.folds else []
        items.append(("training time", f"{seconds:.1f} s", [*of, f"{run.network.theta.size:,} parameters"]))
    return items


def _best_epoch(run: RunReport, n: int) -> tuple[str, str, list[str]]:
    """The best of n epochs, and the one with the weights if that is another."""
    history, best = run.history, run.history.best_epoch
    if best is None:
        return "best epoch", "–", [f"of {n}"]
    monitor = history.monitor.replace("_score", f" {run.score_name}").replace("_", " ")
    notes = [f"of {n}, by {monitor}"]
    if (kept := history.kept_epoch) not in (None, best):
        notes.append(f"the weights are those of epoch {kept}")
    return "best epoch", str(best), notes


def _notes(run: RunReport, part: str) -> list[str]:
    """Samples and loss, the spread over folds, and the interval of a test accuracy."""
    result = run.scores[part]
    smoothed = " (with label smoothing)" * bool(getattr(run.network.loss, "label_smoothing", 0.0))
    notes = [f"{result.samples:,} samples, loss {result.loss:.3g}{smoothed}"]
    if run.score_name in result.spread:
        notes.append(f"± {format_score(run.score_name, result.spread[run.score_name])} over the folds")
    if run.score_name == "accuracy" and part == "test":
        low, high = wilson(np.array(round(result.score * result.samples)), np.array(result.samples))
        notes.append(f"95 % interval {100 * low:.1f}–{100 * high:.1f} %")
    return notes


def _beside(run: RunReport, part: str) -> list[str]:
    """What simpler answers reach."""
    scores = {one.name: one.scores.get(part, {}) for one in run.comparison[1:]}
    name = run.score_name
    return [f"{other}: {format_score(name, found[name])}" for other, found in scores.items() if name in found]


def _compared(run: RunReport) -> dict[str, Any]:
    """The comparison with simpler answers on the part that counts most."""
    parts = [p for p in PARTS if any(p in one.scores for one in run.comparison)]
    if not parts:
        return {}
    part = parts[0]
    models = {one.name: one.scores.get(part, {}) for one in run.comparison}
    measures = list(dict.fromkeys(measure for scores in models.values() for measure in scores))
    rows = [
        (measure, *(format_score(measure, scores.get(measure, np.nan)) for scores in models.values()))
        for measure in measures
    ]
    figure = figures.comparison(run.comparison, part)
    return {
        "where": on(part),
        "figure": figure,
        "head": ["measure", *models],
        "rows": rows,
    }


def _folds(run: RunReport) -> dict[str, Any]:
    """A row for each fold, then the mean ± the standard deviation; a column for each measure."""
    if not run.folds:
        return {}
    columns = []
    for name, values in run.folds.items():
        written = " ± ".join(format_score(name, value) for value in mean_and_deviation(values))
        columns.append([*(format_score(name, value) for value in values), written])
    titles = [*(str(i) for i in range(1, len(columns[0]))), "mean"]
    return {"head": ["fold", *run.folds], "rows": list(zip(titles, *columns, strict=True))}


def _errors(run: RunReport, p: Predictions) -> dict[str, Any]:
    """What the section on errors shows: the confusion of classes or charts of values, calibration, the worst images."""
    if not run.class_names:
        y, t = p.y.reshape(len(p.y), -1), p.t.reshape(len(p.t), -1)
        drawn = figures.errors_of_values(y, t, run.target_names)
        return {"note": f"{len(p.t):,} {p.part} samples.", "figures": drawn, "confusion": None, "images": []}
    confusion, wrong, images = Confusion.of(p.t, p.y, run.class_names), np.flatnonzero(p.y != p.t), []
    if p.images is not None and p.probabilities is not None:
        order = np.argsort(p.probabilities[wrong, p.t[wrong]], kind="stable")
        for i in map(int, wrong[order[:MOST_IMAGES]]):
            true, predicted = run.class_names[p.t[i]], run.class_names[p.y[i]]
            images.append((p.images[i], f"{true} → {predicted} ({100 * p.probabilities[i, p.y[i]]:.0f} %)"))
    drawn = {}
    if c := run.calibration:
        title = f"Calibration of {run.calibrated or 'the probabilities'}"
        chart = charts.reliability(title, c.predicted, c.observed, c.low, c.high, c.counts)
        drawn[title] = chart + charts.caption(
            f"Probabilities are {100 * c.error:.1f} percentage points off on average. "
            "Lines are 95 % intervals, bars the samples."
        )
    return {
        "note": f"{len(wrong):,} of {len(p.t):,} {p.part} samples are misclassified.",
        "figures": drawn,
        "confusion": confusion,
        "by_class": _by_class(confusion),
        "images": images,
    }


def _by_class(confusion: Confusion) -> list[tuple[str, str, str, int]]:
    """Class, precision, recall, samples."""

    def written(shares: np.ndarray) -> list[str]:
        return ["–" if np.isnan(share) else f"{100 * share:.1f} %" for share in shares]

    columns = written(confusion.precision), written(confusion.recall), confusion.counts.sum(axis=1).tolist()
    return list(zip(confusion.classes, *columns, strict=True))


def _cases(run: RunReport) -> dict[str, Any]:
    """The rows with the worst predictions, with the entries of the most important columns."""
    if not run.cases:
        return {}
    known = list(dict.fromkeys(name for case in run.cases for name in case.entries))
    ranks = {one.column: i for i, one in enumerate(run.importances)}
    shown = sorted(known, key=lambda name: ranks.get(name, len(ranks)))[:MOST_ENTRIES]
    measure = "probability" if run.class_names else "error"
    rows = [
        (
            case.row,
            case.truth,
            case.predicted,
            f"{100 * case.measure:.0f} %" if run.class_names else charts.number(case.measure),
            *(case.entries.get(name, "") for name in shown),
        )
        for case in run.cases
    ]
    where = on(run.predictions.part) if run.predictions else "of the network"
    return {"where": where, "head": ["row", "true", "predicted", measure, *shown], "rows": rows}
