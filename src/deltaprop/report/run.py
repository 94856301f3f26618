"""The report of a training run: scores, curves, errors and configuration on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from .. import plots
from ..network import Network
from ..style import PAGE
from ..training.history import History
from .calibration import Calibration
from .cases import Case
from .dependence import Dependence
from .importance import Importance
from .page import HERE, page
from .score import Score, format_score

MAX_ERRORS_SHOWN = 24
MAX_TARGETS_SHOWN = 4


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
    data_summary: Sequence[str]
    score_name: str
    scores: Mapping[str, Score]
    history: History
    message: str
    network: Network
    class_names: Sequence[str] = ()
    target_names: Sequence[str] = ()
    predictions: Predictions | None = None
    verdict: Sequence[str] = ()  # what the scores mean, a sentence each
    #: Name ("network", "linear model", "always 'x'") → part → measure → value.
    comparison: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    folds: Mapping[str, Sequence[float]] = field(default_factory=dict)  # measure → its value in each fold
    importances: Sequence[Importance] = ()  # the largest first
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
        curves=_curves(run) if trained else {},
        errors=_errors(run, run.predictions) if run.predictions else {},
        diagnostics=_diagnostics(run.history) if trained else {},
        network=plots.network_diagram(run.network, palette=PAGE),
    )


def headline(run: RunReport) -> list[tuple[str, str, str]]:
    """Label, value and note of each headline number: the scores (test first), the best epoch, the time."""
    items = [
        (f"{part} {run.score_name}", format_score(run.score_name, run.scores[part].score), _note(run, part))
        for part in ("test", "validation", "train")
        if part in run.scores
    ]
    if n := len(run.history):
        best = run.history.best_epoch
        note = f"of {n}" + (f", by {run.history.monitor.replace('_', ' ')}" if best is not None else "")
        if (kept := run.history.kept_epoch) not in (None, best):
            note += f"; the weights are those of epoch {kept}"
        items.append(("best epoch", "–" if best is None else str(best), note))
        seconds = float(run.history["seconds"].sum())
        items.append(("training time", f"{seconds:.1f} s", f"{run.network.theta.size:,} parameters"))
    return items


def _note(run: RunReport, part: str) -> str:
    result = run.scores[part]
    note = f"{result.samples:,} samples, loss {result.loss:.3g}"
    if run.score_name == "accuracy" and part == "test":
        hits = binomtest(round(result.score * result.samples), result.samples)
        interval = hits.proportion_ci(method="wilson")
        note += f"; 95 % interval {100 * interval.low:.1f}–{100 * interval.high:.1f} %"
    return note


def _curves(run: RunReport) -> dict[str, Axes]:
    """Loss and score over the epochs, by title."""
    drawn, name = {}, run.score_name
    for title, column, label in (("Loss", "loss", "loss"), (name.capitalize(), "score", name)):
        if any(f"{part}_{column}" in run.history for part in ("train", "validation")):
            drawn[title] = plots.learning_curves(
                run.history, column, ylabel=label, percent=label == "accuracy", palette=PAGE
            )
    return drawn


def _errors(run: RunReport, p: Predictions) -> dict[str, Any]:
    """What the section on errors shows: figures by title, scores per class, the worst errors among images."""
    if not run.class_names:
        figures, y, t = {}, p.y.reshape(len(p.y), -1), p.t.reshape(len(p.t), -1)
        for j, name in enumerate(run.target_names[:MAX_TARGETS_SHOWN]):
            figures[f"Predicted and true {name}"] = plots.predicted_against_true(
                y[:, j], t[:, j], name, palette=PAGE
            )
            figures[f"Errors of {name}"] = plots.residuals(y[:, j], t[:, j], name, palette=PAGE)
        return {"note": f"{len(p.t):,} {p.part} samples.", "figures": figures, "by_class": [], "worst": []}
    names, codes = np.array(run.class_names), np.arange(len(run.class_names))
    wrong = np.flatnonzero(p.y != p.t)
    undefined: Any = np.nan
    by_class: Any = precision_recall_fscore_support(p.t, p.y, labels=codes, zero_division=undefined)
    worst = []
    if p.images is not None and p.probabilities is not None:
        order = np.argsort(p.probabilities[wrong, p.t[wrong]], kind="stable")
        for i in wrong[order[:MAX_ERRORS_SHOWN]]:
            caption = f"{names[p.t[i]]} → {names[p.y[i]]} ({100 * p.probabilities[i, p.y[i]]:.0f} %)"
            worst.append((p.images[i], caption))
    matrix = plots.confusion_matrix(confusion_matrix(p.t, p.y, labels=codes), names, palette=PAGE)
    return {
        "note": f"{len(wrong):,} of {len(p.t):,} {p.part} samples are misclassified.",
        "figures": {"Confusion matrix": matrix},
        "by_class": [
            (name, *("–" if np.isnan(v) else f"{100 * v:.1f} %" for v in (precision, recall)), int(support))
            for name, precision, recall, _, support in zip(names, *by_class, strict=True)
        ],
        "worst": worst,
    }


def _diagnostics(h: History) -> dict[str, Axes]:
    """What the history says of each layer, and what moved the weights, by title."""
    drawn = {}
    for quantity, title in (
        ("gradient_norm", "Gradient norm"),
        ("update_ratio", "Update to weight ratio"),
        ("dead", "Dead units"),
        ("saturated", "Saturated units"),
    ):
        if any(column.rpartition("_")[0] == quantity for column in h.columns):
            drawn[title] = plots.layer_curves(h, quantity, palette=PAGE)
    for column, log in (("learning_rate", False), ("damping", True), ("effective_parameters", False)):
        name = column.replace("_", " ")
        if column in h and not (name == "learning rate" and "damping" in h):
            series = {name: h[column]}
            drawn[name.capitalize()] = plots.curves(
                h["epoch"].astype(int), series, name, log=log, palette=PAGE
            )
    return drawn
