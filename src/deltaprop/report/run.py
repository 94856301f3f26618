"""The report of one training run: what came out, how it went, where it errs, and how to get it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..training.history import History
from . import html, plots
from .score import Score, shown
from .style import PAGE


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the network said about samples that it was not trained on.

    Parameters
    ----------
    part : str
        Which samples: ``"test"``.
    y : ndarray (n,) or (n, k)
        Predicted class codes, or values in the target's unit.
    t : ndarray, as y
        The truth.
    probabilities : ndarray (n, classes), optional
        Where the loss gives any.
    images : ndarray (n, height, width), optional
        The samples as pictures.
    """

    part: str
    y: np.ndarray
    t: np.ndarray
    probabilities: np.ndarray | None = None
    images: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class RunReport:
    """Everything that the page of a run shows; see `render`."""

    name: str
    recognised: Sequence[str]
    score_name: str
    scores: Mapping[str, Score]
    history: History
    status: str
    drawing: Sequence[tuple[int, str]]
    layers: Sequence[Sequence[Any]]
    kept_epoch: int | None = None
    class_names: Sequence[str] = ()
    target_names: Sequence[str] = ()
    evaluation: Evaluation | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


def render(run: RunReport) -> str:
    """The page as one string of HTML that needs nothing but itself."""
    body = [
        f"<h1>{html.escape(run.name)}</h1>",
        *(f'<p class="soft">{html.escape(line)}</p>' for line in run.recognised),
        html.cards(headline(run)),
        *(f"<p>{html.escape(line)}</p>" for line in [run.status] if line),
        *_learning(run),
        *_errors(run),
        *_inside(run),
        *_network(run),
        *_configuration(run),
    ]
    return html.page(f"{run.name} · deltaprop", body)


def headline(run: RunReport) -> list[tuple[str, str, str]]:
    """The scores, the most honest one first, then the best epoch and the time."""
    order = [part for part in ("test", "validation", "train") if part in run.scores]
    items = [
        (f"{part} {run.score_name}", shown(run.score_name, run.scores[part].score), _note(run, part))
        for part in order
    ]
    n = len(run.history)
    if n:
        best = run.history.best_epoch
        note = f"of {n}" + (f", by {run.history.monitor.replace('_', ' ')}" if best is not None else "")
        note += (
            f"; the weights are those of epoch {run.kept_epoch}" if run.kept_epoch not in (None, best) else ""
        )
        items.append(("best epoch", "–" if best is None else str(best), note))
        seconds = float(run.history["seconds"].sum())
        parameters = sum(int(row[-1]) for row in run.layers)
        items.append(("training time", f"{seconds:.1f} s", f"{parameters:,} parameters"))
    return items


def _note(run: RunReport, part: str) -> str:
    result = run.scores[part]
    note = f"{result.samples:,} samples, loss {result.loss:.3g}"
    if run.score_name == "accuracy" and part == "test":
        from scipy.stats import binomtest

        interval = binomtest(round(result.score * result.samples), result.samples).proportion_ci(
            method="wilson"
        )
        note += f"; 95 % interval {100 * interval.low:.1f}–{100 * interval.high:.1f} %"
    return note


def _learning(run: RunReport) -> Iterator[str]:
    h = run.history
    if not len(h):
        return
    epochs, best = h["epoch"], h.best_epoch
    yield html.heading(
        "Learning", "Training and validation by epoch; the training loss is measured during the epoch."
    )
    boxes = []
    losses = {part: h[f"{part}_loss"] for part in ("train", "validation") if f"{part}_loss" in h}
    figure = plots.curves(epochs, losses, "loss", best=best, log=True, palette=PAGE)
    boxes.append(html.box(html.svg(figure, "Loss by epoch"), "Loss"))
    scores = {part: h[f"{part}_score"] for part in ("train", "validation") if f"{part}_score" in h}
    if scores:
        is_share = run.score_name == "accuracy"
        figure = plots.curves(epochs, scores, run.score_name, best=best, percent=is_share, palette=PAGE)
        boxes.append(html.box(html.svg(figure, f"{run.score_name} by epoch"), run.score_name.capitalize()))
    yield html.grid(boxes)


def _errors(run: RunReport) -> Iterator[str]:
    e = run.evaluation
    if e is None:
        return
    if not run.class_names:
        yield html.heading("Where it errs", f"Predictions for the {len(e.t):,} {e.part} samples.")
        y, t = e.y.reshape(len(e.y), -1), e.t.reshape(len(e.t), -1)
        for j, name in enumerate(run.target_names[:4]):
            against = plots.predicted_against_true(y[:, j], t[:, j], name, PAGE)
            errors = plots.residuals(y[:, j], t[:, j], name, PAGE)
            yield html.grid(
                [
                    html.box(html.svg(against, f"Predicted against true {name}"), "Predicted and true"),
                    html.box(html.svg(errors, f"Errors of {name}"), "Errors"),
                ]
            )
        return
    wrong = np.flatnonzero(e.y != e.t)
    told = "none wrong" if len(wrong) == 0 else f"{len(wrong):,} wrong"
    yield html.heading("Where it errs", f"{len(e.t):,} {e.part} samples, {told}.")
    matrix = confusion_matrix(e.t, e.y, len(run.class_names))
    drawn = html.svg(plots.confusion(matrix, run.class_names, PAGE), "Confusion matrix")
    yield html.grid([html.box(drawn, "Confusion matrix"), html.box(_by_class(run, matrix), "By class")])
    if e.images is not None and e.probabilities is not None and len(wrong):
        worst = wrong[np.argsort(e.probabilities[wrong, e.t[wrong]], kind="stable")][:24]
        pictures = [(e.images[i], _caption(run, e, i)) for i in worst]
        yield html.box(html.samples(pictures), "The worst mistakes: true → predicted (certainty)")


def _caption(run: RunReport, e: Evaluation, i: int) -> str:
    assert e.probabilities is not None
    said, true = run.class_names[e.y[i]], run.class_names[e.t[i]]
    return f"{true} → {said} ({100 * e.probabilities[i, e.y[i]]:.0f} %)"


def confusion_matrix(t: np.ndarray, y: np.ndarray, classes: int) -> np.ndarray:
    """Counts of (true, predicted) class codes.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    return np.bincount(t * classes + y, minlength=classes**2).reshape(classes, classes)


def _by_class(run: RunReport, matrix: np.ndarray) -> str:
    hits, true, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    rows = [
        (name, *(f"{100 * a / b:.1f} %" if b else "–" for a, b in ((hit, p), (hit, n))), int(n))
        for name, hit, n, p in zip(run.class_names, hits, true, predicted, strict=True)
    ]
    return html.table(("class", "precision", "recall", "samples"), rows)


def _inside(run: RunReport) -> Iterator[str]:
    h = run.history
    if not len(h):
        return
    yield html.heading(
        "Inside", "Layer by layer: whether every layer learns, and whether its units are awake."
    )
    boxes = []
    for group, title, label, log in (
        ("gradient_norm", "Gradient norm", "‖∂E/∂θ‖ of a step", True),
        ("update_ratio", "Update to weight ratio", "‖Δθ‖ / ‖θ‖ of a step", True),
        ("dead", "Dead units", "share of units", False),
        ("saturated", "Saturated units", "share of units", False),
    ):
        names = [c for c in h.columns if c.rpartition("_")[0] == group]
        if names:
            series = {f"layer {c.rpartition('_')[2]}": h[c] for c in names}
            figure = plots.curves(h["epoch"], series, label, log=log, percent=not log, palette=PAGE)
            if not log:
                figure.axes[0].set_ylim(
                    0, max(0.1, 1.1 * max(np.nanmax(v, initial=0) for v in series.values()))
                )
            boxes.append(html.box(html.svg(figure, title), title))
    if "learning_rate" in h:
        figure = plots.curves(
            h["epoch"], {"learning rate": h["learning_rate"]}, "learning rate", palette=PAGE
        )
        boxes.append(html.box(html.svg(figure, "Learning rate"), "Learning rate"))
    yield html.grid(boxes)


def _network(run: RunReport) -> Iterator[str]:
    yield html.heading("The network")
    figure = plots.network(run.drawing, PAGE)
    yield html.grid(
        [
            html.box(html.svg(figure, "The layers of the network")),
            html.box(html.table(("", "layer", "outputs", "parameters"), run.layers)),
        ]
    )


def _configuration(run: RunReport) -> Iterator[str]:
    yield html.heading("Configuration", "Everything that shaped the run.")
    boxes = [
        html.box(html.pairs({k: _plain(v) for k, v in part.items()}), name)
        for name, part in run.settings.items()
    ]
    if run.versions:
        boxes.append(html.box(html.pairs(run.versions), "versions"))
    yield html.grid(boxes)
    if run.command:
        yield html.heading("Again", "The same weights, bit for bit, on the same machine:")
        yield f"<pre>{html.escape(run.command)}</pre>"


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
