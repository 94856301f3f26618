"""What each part of the recommended network gives and costs: it, and it with one part switched off."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import statistics
from .comparison import Comparison
from .methods import METHODS, of_task

TASKS = ("classes", "values")
# Of each part, the arguments that switch it off.
PARTS: dict[str, dict[str, Any]] = {
    "median, quartiles and smooth clip": {"preprocessing": {"scaling": "standard", "clip": False}},
    "embeddings of categories": {"preprocessing": {"categories": "one_hot"}},
    "marks of missing numbers": {"preprocessing": {"indicators": False}},
    "learned factors of the inputs": {"input_factors": False},
    "periodic embeddings of numbers": {"periodic_embedding": False},
    "parametric activations": {"parametric_activation": False},
    "initial weights from the data": {"init": "auto"},
    "label smoothing": {"classes:label_smoothing": 0.0},
    "dropout": {"dropout": 0.0},
    "schedule of the dropout": {"dropout_schedule": None},
    "weight decay": {"weight_decay": 0.0},
    "schedule of the weight decay": {"weight_decay_schedule": None},
    "rate factors": {"rate_factors": None},
    "decay factors": {"decay_factors": None},
    "best epoch by validation": {"early_stopping": False},
    "outputs within the range of the targets": {"values:clamp_outputs": False},
    "calibration": {"classes:calibrate": False},
    "ensemble": {"n_ensemble": 1},
}


def parts(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Those of `PARTS` that the recommended network with these settings has."""
    return {name: off for name, off in PARTS.items() if any(_changes(settings, off, t) for t in TASKS)}


def _changes(settings: dict[str, Any], off: dict[str, Any], task: str) -> bool:
    has = METHODS["deltaprop"](task, 0, settings).get_params(deep=False)
    without = of_task(off, task)
    return any(has.get(name) not in (None, value) for name, value in without.items())


def table(comparison: Comparison, labels: dict[str, str], reference: str) -> str:
    """Markdown: of each part (label of the network without it → name), the loss without it and what it costs."""
    scores = statistics.normalized_scores(comparison.errors)
    rows = ["| without | score lost | relative error | CPU seconds |", "|---|--:|--:|--:|"]
    lines = []
    for label, name in labels.items():
        lost = pd.DataFrame({"lost": scores[reference] - scores[label]})
        low, high = statistics.bootstrap_interval(lost)["lost"]
        errors = statistics.shifted_geometric_mean(comparison.errors[[label, reference]])
        ratio = comparison.seconds_ratio(label, reference)
        text = (
            f"| {name} | {lost['lost'].mean():+.3f} ({low:+.3f} to {high:+.3f}) "
            f"| {errors[label] / errors[reference]:.3f} × | {ratio:.2f} × |"
        )
        lines.append((lost["lost"].mean(), text))
    return "\n".join([*rows, *(text for _, text in sorted(lines, reverse=True))])
