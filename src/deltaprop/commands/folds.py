"""``--folds``: cross-validation, and how long one network of all data is trained then.

Each fold has a preprocessing, a network and a validation part of its own, none of which has seen the samples that are
tested. A fold that is done is a line in a log, and one that is not has a checkpoint, so that a run that was killed goes
on where it was.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import distributed
from ..data import Parts
from ..data.split import fold_parts, folds
from ..data.targets import QuantityTarget
from ..errors import InputError
from ..files import remove_leftovers
from ..report.comparison import Comparison, remarks_on_folds
from ..report.score import Score, format_score, mean_and_deviation
from ..training import Checkpoint, Progress
from ..training.checkpoint import fingerprint
from ..trial_log import TrialLog
from .baselines import Always
from .evaluation import Result, evaluate
from .fitting import fit_network
from .folder import RunFolder
from .notes import note
from .prepare import Part, Prepared, prepare_parts

#: Labels of the measures that are means over the classes.
OVER_CLASSES = ("balanced accuracy", "average precision")

#: The name of the part that consists of what the folds have tested.
PART = "cross-validation"


@dataclass(frozen=True)
class FoldResult:
    """A line of the log.

    Attributes
    ----------
    fold : int
        From 1.
    epochs : int
        The epoch whose weights were kept.
    diverged : bool
    temperature, loss : float
    measures : list of dict
        On the tested samples, by label: of the network, the trivial answer and the linear model, if there is one.
    outputs : str
        z of the tested samples, scaled as the targets of all data are; the bytes of float32, in base64.
    """

    fold: int
    epochs: int
    diverged: bool
    temperature: float
    loss: float
    measures: list[dict[str, float]]
    outputs: str


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What the folds have given.

    Attributes
    ----------
    results : sequence of FoldResult
    rows : ndarray (n,)
        The tested samples, fold by fold.
    outputs, raw : ndarray (n, outputs)
        Their z, each of the network that was not trained on it; and those before calibration.
    epochs : int
        For how long the network of all data is trained.
    complete : sequence of bool
        Which folds test every class that any of them tests.
    """

    results: Sequence[FoldResult]
    rows: np.ndarray
    outputs: np.ndarray
    raw: np.ndarray
    epochs: int
    complete: Sequence[bool]

    @property
    def diverged(self) -> bool:
        """Whether a fold has."""
        return any(result.diverged for result in self.results)

    @property
    def message(self) -> str:
        """What was done."""
        kept = ", ".join(str(result.epochs) for result in self.results)
        said = f"{len(self.results)} folds, with the weights of epoch {kept}; "
        said += f"then one network of all data, trained for {self.epochs} epoch{'s' * (self.epochs != 1)}."
        if self.diverged:
            names = ", ".join(str(result.fold) for result in self.results if result.diverged)
            said += f" Training diverged in fold {names}; its last good weights were tested."
        return said

    @property
    def labels(self) -> list[str]:
        """Of the measures."""
        return list(self.results[0].measures[0])

    def values(self, label: str, model: int = 0) -> list[float]:
        """A measure in each fold: of the network (0), the trivial answer (1) or the linear model (2).

        A mean over the classes is NaN in folds that lack one, unless all do: without the rare class, always answering
        the other one would be perfect.
        """
        counts = [True] * len(self.results)
        if label in OVER_CLASSES and any(self.complete):
            counts = self.complete
        return [
            result.measures[model][label] if counted else float("nan")
            for result, counted in zip(self.results, counts, strict=True)
        ]

    def planned(self, prepared: Prepared) -> Prepared:
        """The training of all data: as many epochs, and schedules that end with them."""
        whole = prepared.with_settings(prepared.settings.given(epochs=self.epochs))
        return replace(whole, settings=whole.settings.given(patience=0))

    def added_to(self, result: Result) -> Result:
        """The result of the network of all data with that of the folds as a further part."""
        prepared = result.prepared
        train, test = prepared.parts["train"], result.scores.get("test")
        part = Part(train.data.take(self.rows), train.x[self.rows], train.t[self.rows])
        models = min(len(result.comparisons), *(len(one.measures) for one in self.results))
        over_folds = [
            {label: mean_and_deviation(self.values(label, model)) for label in self.labels}
            for model in range(models)
        ]
        means = [{label: mean for label, (mean, _) in one.items()} for one in over_folds]
        spread = {label: deviation for label, (_, deviation) in over_folds[0].items()}
        loss = mean_and_deviation([one.loss for one in self.results])[0]
        score = Score(means[0][prepared.scoring.label], loss, len(self.rows), means[0], spread)
        scores = {"train": result.scores["train"], PART: score} | ({} if test is None else {"test": test})
        return replace(
            result,
            prepared=replace(prepared, parts={**prepared.parts, PART: part}),
            outputs={**result.outputs, PART: self.outputs},
            scores=scores,
            comparisons=[
                Comparison(one.name, {**one.scores, PART: mean})
                for one, mean in zip(result.comparisons, means, strict=False)
            ],
            remarks=[*self._remarks(prepared, models), *result.remarks],
            cross=self,
        )

    def _remarks(self, prepared: Prepared, count: int) -> list[str]:
        scoring = prepared.scoring
        judge = scoring.judge
        trivial = Always.of(scoring, prepared.parts["train"].truth).words(judge)
        network, always, *linear = (self.values(judge.label, model) for model in range(count))
        return remarks_on_folds(judge, network, (trivial, always), *linear)


def check(prepared: Prepared, minutes: float | None = None) -> None:
    """Refuse what folds cannot be combined with, and folds that cannot be trained, before anything is written."""
    if minutes is not None:
        raise InputError("train: minutes is given with folds, expected one of them; leave one out.")
    if distributed.count() > 1:
        found = f"folds is given in {distributed.count()} processes"
        raise InputError(f"train: {found}, expected one process: folds come one after the other; start one.")
    settings = prepared.settings
    for parts in fold_parts(prepared.dataset, settings.folds, settings.validation, settings.seed):
        prepare_fold(prepared, parts)


def cross_validate(prepared: Prepared, folder: RunFolder) -> CrossValidation:
    """The folds of the training part, one after the other; those in the folder's log are not repeated.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, when the progress is saved.
    """
    settings, data = prepared.settings, prepared.parts["train"].data
    log = TrialLog(folder.folds, _identity(prepared), FoldResult)
    done = log.read()
    parts = fold_parts(data, settings.folds, settings.validation, settings.seed)
    for number, each in enumerate(parts, 1):
        checkpoint = folder.checkpoint_of_fold(number)
        if number > len(done):
            try:
                done.append(_run(prepared, number, each, folder))
            except KeyboardInterrupt:
                note(f"fold {number} of {settings.folds} is interrupted; to continue: {folder.resume}")
                raise
            log.append(done[-1])
            _show(done[-1], settings.folds, prepared.scoring.label)
        remove_leftovers(checkpoint)
        checkpoint.unlink(missing_ok=True)
    return _gathered(prepared, done)


def prepare_fold(prepared: Prepared, parts: Parts) -> Prepared:
    """A fold with the settings and the measures of the whole; all else is learned from its own training part."""
    given = {name: part for name, part in parts._asdict().items() if part is not None}
    fold = prepare_parts(prepared.settings, prepared.dataset, given)
    return replace(fold, scoring=replace(fold.scoring, measures=prepared.scoring.measures))


def _run(prepared: Prepared, number: int, parts: Parts, folder: RunFolder) -> FoldResult:
    """Train and test one fold, from its checkpoint if there is one."""
    fold, path = prepare_fold(prepared, parts), folder.checkpoint_of_fold(number)
    checkpoint = Checkpoint(path, every_seconds=prepared.settings.checkpoint_seconds)
    progress = Progress(title=f"fold {number} of {prepared.settings.folds}")
    history = fit_network(fold, checkpoint=checkpoint, resume=True, progress=progress)
    if history.status == "interrupted":
        raise KeyboardInterrupt
    result = evaluate(fold, folder, history)
    z = _as_of_all(fold, prepared, result.outputs["test"])
    return FoldResult(
        number,
        max(1, history.kept_epoch or 1),
        history.status == "diverged",
        result.temperature,
        result.scores["test"].loss,
        [dict(one.scores["test"]) for one in result.comparisons],
        base64.b64encode(np.ascontiguousarray(z, np.float32).tobytes()).decode(),
    )


def _as_of_all(fold: Prepared, prepared: Prepared, z: np.ndarray) -> np.ndarray:
    """Outputs of a fold's network as those of the network of all data, whose targets are standardized otherwise."""
    of_fold, of_all = fold.preprocessing.target, prepared.preprocessing.target
    if not isinstance(of_fold, QuantityTarget) or fold.network.loss.output_map != "identity":
        return z
    if not np.isfinite(z).all():  # of a fold that diverged
        return z
    return of_all.encode(of_fold.decode(fold.network.loss.predict(z)))


def _gathered(prepared: Prepared, results: Sequence[FoldResult]) -> CrossValidation:
    data, settings = prepared.parts["train"].data, prepared.settings
    rows = [fold.test for fold in folds(data, settings.folds, settings.seed)]
    outputs = [
        np.frombuffer(base64.b64decode(one.outputs), np.float32).reshape(len(tested), -1)
        for one, tested in zip(results, rows, strict=True)
    ]
    raw = [z * np.float32(one.temperature) for one, z in zip(results, outputs, strict=True)]
    epochs = settings.epochs
    if settings.validation:  # which has chosen the epoch
        epochs = round(float(np.median([one.epochs for one in results])))
    complete = [True] * len(rows)
    if data.classes:
        tested = [np.unique(data.codes[each]) for each in rows]
        most = np.unique(np.concatenate(tested))
        complete = [len(each) == len(most) for each in tested]
    return CrossValidation(
        results, np.concatenate(rows), np.concatenate(outputs), np.concatenate(raw), epochs, complete
    )


def _show(result: FoldResult, count: int, label: str) -> None:
    score = format_score(label, result.measures[0][label])
    end = "diverged" if result.diverged else f"weights of epoch {result.epochs}"
    note(f"fold {result.fold} of {count}: {label} {score}, {end}")


def _identity(prepared: Prepared) -> Mapping[str, Any]:
    """What two runs of the same folds have in common; the machine may be another."""
    machine = ("engine", "precision", "threads", "data_dir", "checkpoint_seconds")
    options = {name: value for name, value in prepared.settings if name not in machine}
    text = json.dumps(options, sort_keys=True, default=str)
    train = prepared.parts["train"]
    digest = f"{fingerprint(train.x)} {fingerprint(train.t)}"
    return {"settings": hashlib.sha256(text.encode()).hexdigest(), "files": {prepared.settings.data: digest}}
