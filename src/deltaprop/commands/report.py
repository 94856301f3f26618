"""What the report of ``deltaprop train`` shows; imported when the training is over."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..report.parts import counts_most
from ..report.run import Predictions, RunReport, render
from ..seeds import stream
from . import insight
from .predict import predictions

if TYPE_CHECKING:
    from .evaluation import Result

DEPENDENCES = 4  # columns whose partial dependence is shown
FITTED = "which the network was fitted to"
CALLED = {
    "test": "the test part",
    "cross-validation": f"all training data, {FITTED}",
    "validation": "the validation part",
    "train": f"the training part, {FITTED}",
}


def page(result: Result, versions: Mapping[str, str]) -> str:
    """The report of a run as HTML."""
    prepared, history = result.prepared, result.history
    dataset = prepared.dataset
    part = counts_most(prepared.parts)
    report = RunReport(
        name=dataset.name,
        data_summary=dataset.summary().splitlines(),
        score_name=prepared.scoring.label,
        scores=result.scores,
        history=history,
        message=result.message,
        network=prepared.network,
        class_names=dataset.class_names,
        target_names=dataset.target_names,
        predictions=None if part == "train" else _predictions(result, part),
        **_insight(result, part),
        verdict=result.remarks,
        comparison=result.comparisons,
        folds={} if (cross := result.cross) is None else {name: cross.values(name) for name in cross.labels},
        settings=prepared.settings.sections(),
        versions=versions,
        command=f"deltaprop train --config {shlex.quote(str(result.folder.config))}",
    )
    return render(report)


def _insight(result: Result, part: str) -> dict[str, Any]:
    """What the samples of a part, best one that the network was not trained on, say of its predictions."""
    prepared, z = result.prepared, result.outputs[part]
    network, preprocessing, train = prepared.network, prepared.preprocessing, prepared.parts["train"].data
    data, t = prepared.parts[part].data, prepared.parts[part].t
    if data.image_shape is not None or not np.isfinite(z).all():
        return {}
    rng = np.random.default_rng(stream(prepared.settings.seed or 0, "report"))
    scoring, judge = prepared.scoring, prepared.scoring.judge

    def score(z: np.ndarray, t: np.ndarray) -> float:
        return judge.sign * judge(scoring.answers(network, z), scoring.decoded(t))

    found, note = insight.importances(network, preprocessing, data, t, score, rng)
    if found:
        note = f"Measured by the {judge.label} of {CALLED[part]} {note}"
    calibration, calibrated = insight.reliability(network, z, t, data.class_names)
    first = [one.column for one in found]
    shown = [one.column for one in found if one.drop > 0][:DEPENDENCES]
    dependences = [insight.dependence(network, preprocessing, train, column, rng) for column in shown]
    return {
        "importances": found,
        "importance_measure": judge.label,
        "importance_note": note,
        "dependences": [one for one in dependences if one],
        "calibration": calibration,
        "calibrated": calibrated,
        "cases": insight.cases(network, preprocessing, data, z, t, first),
    }


def _predictions(result: Result, part: str) -> Predictions:
    """The predictions for a part, with its images where the data are images."""
    prepared, z = result.prepared, result.outputs[part]
    data, t = prepared.parts[part].data, prepared.parts[part].t
    if data.task == "regression":
        y = predictions(prepared.network, prepared.preprocessing, z)
        return Predictions(part, y, np.asarray(data.t, np.float64))
    images = np.asarray(data.x).reshape(len(t), *data.image_shape) if data.image_shape else None
    loss = prepared.network.loss
    return Predictions(part, loss.labels(z), t, loss.predict(z), images)
