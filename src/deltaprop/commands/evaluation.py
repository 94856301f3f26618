"""What a training has come to: outputs, scores and simpler answers for each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..functions.temperature import temperature
from ..report.comparison import Comparison
from ..report.score import Score, as_shown, format_score
from ..training import History
from .baselines import compare
from .folder import RunFolder
from .prepare import Prepared

if TYPE_CHECKING:
    from .folds import CrossValidation


@dataclass(frozen=True, eq=False)
class Result:
    """A trained run: where it lies, how it went, and the network's outputs z and scores for each part.

    `comparisons` are with simpler answers, and `remarks` are sentences on them. The outputs are those of the network
    divided by `temperature`, which its last layer has been divided by. `cross` are the folds before, if there were.
    """

    prepared: Prepared
    folder: RunFolder
    history: History
    outputs: Mapping[str, np.ndarray]
    scores: Mapping[str, Score]
    comparisons: Sequence[Comparison]
    remarks: Sequence[str]
    temperature: float = 1.0
    cross: CrossValidation | None = None

    @property
    def message(self) -> str:
        """How the training ended, and which weights were kept."""
        history, settings = self.history, self.prepared.settings
        if history.status == "interrupted":
            epochs = settings.epochs if self.cross is None else self.cross.epochs
            return f"Interrupted in epoch {len(history) + 1} of {epochs}; the progress is saved."
        if history.status == "early_stopped" and history.monitor == "validation_score":
            name, kept = self.prepared.scoring.label, history.kept_epoch
            best = as_shown(name, history["validation_score"][history["epoch"] == kept].item())
            return (
                f"The validation {name} has not improved on {format_score(name, best)} for {settings.patience} epochs. "
                f"The weights of epoch {kept} are restored."
            )
        if history.status != "completed":
            return history.message
        if self.cross is not None:
            return self.cross.message
        best, done = history.best_epoch, len(history)
        message = f"All {done} epochs are done; the weights are those of epoch {history.kept_epoch}."
        if best is not None and best < 0.8 * done and not settings.patience:
            name = history.monitor.replace("_", " ")
            message += f" The {name} was lowest in epoch {best}: try --patience, or fewer epochs."
        return message


def evaluate(
    prepared: Prepared, folder: RunFolder, history: History, cross: CrossValidation | None = None
) -> Result:
    """One forward pass over each part, with scores and mean loss (penalty included); simpler answers beside."""
    network, scoring = prepared.network, prepared.scoring
    outputs = {name: network.forward(part.x) for name, part in prepared.parts.items()}
    scale = _temperature(prepared, outputs, cross)
    if scale != 1.0:
        for array in network.layers[-1].arrays.values():
            array /= scale
        outputs = {name: z / z.dtype.type(scale) for name, z in outputs.items()}
    scores = {}
    with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverged
        for (name, part), z in zip(prepared.parts.items(), outputs.values(), strict=True):
            measured = scoring.measure(scoring.answers(network, z), part.truth)
            loss = network.mean_loss(z, network.encode(part.t))
            scores[name] = Score(measured[scoring.label], loss, len(part.t), measured)
        compared = compare(prepared, outputs)
    result = Result(prepared, folder, history, outputs, scores, *compared, scale)
    return result if cross is None else cross.added_to(result)


def _temperature(
    prepared: Prepared, outputs: Mapping[str, np.ndarray], cross: CrossValidation | None
) -> float:
    """What the outputs are divided by, from those of samples that the network was not trained on."""
    loss = prepared.network.loss
    if not prepared.settings.calibrate:
        return 1.0
    if cross is not None:
        return temperature(loss, cross.raw, prepared.parts["train"].t[cross.rows])
    if "validation" in outputs:
        return temperature(loss, outputs["validation"], prepared.parts["validation"].t)
    return 1.0
