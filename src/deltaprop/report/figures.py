"""The charts of a run's page, by title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from . import charts
from .comparison import Comparison
from .dependence import Dependence
from .importance import Importance
from .parts import on
from .score import as_shown, format_score

if TYPE_CHECKING:
    from ..network import Network
    from ..training.history import History

MOST_COLUMNS = 15  # in the chart of importances
MOST_CLASSES = 6  # in a chart of partial dependence
MOST_TARGETS = 4

#: Quantities of the layers: title, label, whether it is a fraction.
LAYERS = {
    "gradient_norm": ("Gradient norm", "‖∂E/∂θ‖ of a step", False),
    "update_ratio": ("Update to weight ratio", "‖Δθ‖ / ‖θ‖ of a step", False),
    "dead": ("Dead units", "of the units of a layer", True),
    "saturated": ("Saturated units", "of the units of a layer", True),
}


def fraction(measure: str) -> bool:
    """Whether a measure is written as a percentage."""
    return format_score(measure, 0.0).endswith("%")


def learning(history: History, score_name: str, marked: bool = True) -> dict[str, Markup]:
    """Loss and score over the epochs, the best one marked."""
    drawn, best = {}, history.best_epoch if marked else None
    name = score_name[:1].upper() + score_name[1:]
    for title, column, label in (("Loss", "loss", "loss"), (name, "score", score_name)):
        series = {
            part: as_shown(label, history[f"{part}_{column}"])
            for part in ("train", "validation")
            if f"{part}_{column}" in history
        }
        if series:
            drawn[title] = charts.line_chart(
                title,
                history["epoch"],
                series,
                ylabel=label if len(series) > 1 else f"{next(iter(series))} {label}",
                log=column == "loss",
                percent=column == "score" and fraction(score_name),
                floor=-1.0 if label == "R²" else -np.inf,
                mark=None if best is None else (best, f"best epoch: {best}"),
            )
    return drawn


def diagnostics(history: History) -> dict[str, Markup]:
    """What the history says of each layer, and what moved the weights."""
    drawn, epochs = {}, history["epoch"]
    for quantity, (title, label, percent) in LAYERS.items():
        layers = [column for column in history.columns if column.rpartition("_")[0] == quantity]
        series = {f"layer {column.rpartition('_')[2]}": history[column] for column in layers}
        if series:
            options: dict[str, Any] = {"limits": (0.0, 0.1), "percent": True} if percent else {"log": True}
            drawn[title] = charts.line_chart(title, epochs, series, ylabel=label, **options)
    for column, log in (("learning_rate", False), ("damping", True), ("effective_parameters", False)):
        name = column.replace("_", " ")
        if column in history and not (name == "learning rate" and "damping" in history):
            drawn[name.capitalize()] = charts.line_chart(name, epochs, {name: history[column]}, log=log)
    return drawn


def comparison(compared: Sequence[Comparison], part: str) -> Markup | str:
    """The measures of the answers that have one scale: fractions of the samples, or R²."""
    names = [one.name for one in compared]
    measures = list(dict.fromkeys(m for one in compared for m in one.scores.get(part, {})))
    shown = [m for m in measures if fraction(m)] or [m for m in measures if m == "R²"]
    if not shown:
        return ""
    series = {m: [one.scores.get(part, {}).get(m, np.nan) for one in compared] for m in shown}
    return charts.dots(
        f"Comparison {on(part)}",
        names,
        series,
        xlabel=shown[0] if len(shown) == 1 else "",
        percent=fraction(shown[0]),
    )


def importances(found: Sequence[Importance], measure: str) -> Markup:
    """The most important columns, by what a measure loses: an error rises."""
    shown, points = found[:MOST_COLUMNS], fraction(measure)
    scale = 100 if points else 1
    change = "rise" if measure.startswith(("MAE", "RMSE")) else "drop"
    return charts.bars(
        "Importance of the columns",
        [one.column for one in shown],
        [one.drop * scale for one in shown],
        [one.spread * scale for one in shown],
        xlabel=f"{change} in {measure}" + " (percentage points)" * points,
    )


def dependences(found: Sequence[Dependence], classes: bool) -> dict[str, Markup]:
    """The partial dependence on each column: a chart for all classes, or one for each of the first few targets.

    All charts of a class or target have the same scale, so that the effects of columns are compared.
    """
    drawn = {}
    if classes and found:
        shown, names = _classes(found), found[0].names
        limits = _limits([one.outputs[:, shown] for one in found])
        label = f"probability of {names[shown[0]]}" if len(shown) == 1 else "probability"
        some = charts.caption(f"The {len(shown)} of {len(names)} classes that depend on the columns most.")
        for one in found:
            drawn[one.column] = _dependence(one, shown, label, limits, percent=True)
            drawn[one.column] += some if len(names) > MOST_CLASSES else ""
        return drawn
    for one in found:
        for j, name in enumerate(one.names[:MOST_TARGETS]):
            limits = _limits([other.outputs[:, j] for other in found])
            title = one.column if len(one.names) == 1 else f"{one.column} → {name}"
            drawn[title] = _dependence(one, [j], f"mean predicted {name}", limits, percent=False)
    return drawn


def _classes(found: Sequence[Dependence]) -> list[int]:
    """Which classes are drawn: the second of two, or those that depend on the columns most."""
    if len(found[0].names) <= 2:
        return [len(found[0].names) - 1]
    effects = np.max([np.ptp(one.outputs, axis=0) for one in found], axis=0)
    return sorted(np.argsort(-effects, kind="stable")[:MOST_CLASSES].tolist())


def _limits(outputs: Sequence[np.ndarray]) -> tuple[float, float]:
    """The smallest and the largest of several arrays."""
    everything = np.concatenate([np.zeros(0), *(each.ravel() for each in outputs)])
    return (float(everything.min()), float(everything.max())) if len(everything) else (0.0, 1.0)


def _dependence(
    one: Dependence, shown: list[int], label: str, limits: tuple[float, float], percent: bool
) -> Markup:
    title = f"Partial dependence on {one.column}"
    series = {one.names[j]: one.outputs[:, j] for j in shown}
    dates = all(isinstance(entry, str) and re.match(r"\d{4}-\d\d-\d\d", entry) for entry in one.grid)
    if dates or not any(isinstance(entry, str) for entry in one.grid):
        x = np.array(list(one.grid), "datetime64[s]") if dates else np.asarray(one.grid, float)
        options: dict[str, Any] = {"rug": one.density, "limits": limits, "percent": percent}
        return charts.line_chart(title, x, series, xlabel=one.column, ylabel=label, **options)
    names = [str(entry) for entry in one.grid]
    return charts.dots(title, names, series, xlabel=label, percent=percent, limits=limits)


def errors_of_values(y: np.ndarray, t: np.ndarray, names: Sequence[str]) -> dict[str, Markup]:
    """Predicted against true values (n, k), and their differences, of the first few targets."""
    drawn = {}
    for j, name in enumerate(names[:MOST_TARGETS]):
        against, errors = f"Predicted and true {name}", f"Errors of {name}"
        drawn[against] = charts.scatter(against, y[:, j], t[:, j], name=name)
        drawn[errors] = charts.histogram(errors, y[:, j] - t[:, j], xlabel=f"predicted − true {name}".strip())
    return drawn


def network(net: Network) -> Markup:
    """The inputs and each layer of units, with the layers that act on it."""
    found, width = [(net.inputs, "input")], net.inputs
    for layer in net.config:
        width = layer.width(width)
        name = type(getattr(layer, "function", layer)).__name__
        if layer.has_units:
            found.append((width, name))
        else:
            found[-1] = (width, f"{found[-1][1]} + {name}")
    return charts.units("The layers of the network", found)
