"""What each part of the recommended network gives and costs: it, and it with one part switched off."""

from __future__ import annotations

from typing import Any

import pandas as pd

from . import statistics
from .comparison import Comparison

# Of each part, the arguments that switch it off.
PARTS: dict[str, dict[str, Any]] = {
    "learned factors of the inputs": {"input_factors": False},
    "periodic embeddings of numbers": {"periodic_embedding": False},
    "parametric activations": {"parametric_activation": False},
    "initial weights from the data": {"init": "default"},
    "label smoothing": {"classes:label_smoothing": 0.0},
    "dropout": {"dropout": 0.0},
    "schedule of the dropout": {"dropout_schedule": None},
    "weight decay": {"alpha": 0.0},
    "schedule of the weight decay": {"weight_decay_schedule": None},
    "factors of the rates": {"rate_factors": None},
    "outputs in the range of the targets": {"values:clamp_outputs": False},
    "calibration": {"classes:calibrate": False},
}


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
