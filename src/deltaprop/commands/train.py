"""``deltaprop train``: from data to a run folder."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .. import model_file
from ..data import Preprocessing
from ..errors import InputError
from ..files import write
from ..functions import scores
from ..network import Network
from ..report.run import Evaluation, RunReport, render
from ..report.score import Score, score_name
from ..training import Checkpoint, EarlyStopping, History, fit
from ..training import checkpoint as checkpoints
from . import console, defaults, describe
from .folder import RunFolder
from .prepare import Prepared, located, prepare
from .settings import Settings
from .versions import differences, versions

DIVERGED, INTERRUPTED = 1, 130  # exit statuses


def run(options: Mapping[str, Any], out: Path | None, config: Path | None, resume: Path | None) -> int:
    """Train, save, report; the exit status."""
    if resume is not None:
        return _resume(options, out, config, RunFolder.open(resume))
    settings = Settings()
    if config is not None:
        settings, made_with = Settings.from_toml(config)
        _warn_of(made_with)
    prepared = prepare(located(settings.given(**options)))
    folder = RunFolder.create(out, Path(prepared.dataset.name).stem)
    try:
        write(folder.config, prepared.settings.to_toml(versions()))
    except BaseException:
        folder.discard_if_empty()
        raise
    return train(prepared, folder)


def _resume(options: Mapping[str, Any], out: Path | None, config: Path | None, folder: RunFolder) -> int:
    """Continue the run in `folder` from its checkpoint, or from the start where it was killed before the first."""
    if options or out or config:
        extra = next(iter([*options, *["out"] * (out is not None), "config"]))
        wanted = "nothing beside it: a run goes on with its own config.toml"
        raise InputError(
            f"train: --resume stands beside {extra.replace('_', '-')}, expected {wanted}; leave the others "
            "out."
        )
    if folder.model.is_file() and not folder.checkpoint.is_file():
        remedy = "train anew with --config to repeat it"
        raise InputError(
            f"train: --resume is {folder.path}, which is complete, expected a run that was cut off; {remedy}."
        )
    settings, made_with = Settings.from_toml(folder.config)
    _warn_of(made_with)
    return train(prepare(settings), folder)


def train(prepared: Prepared, folder: RunFolder) -> int:
    """Fit the prepared network, from the folder's checkpoint if it has one; fill the folder; say how it went."""
    settings, network = prepared.settings, prepared.network
    out = console.console()
    console.show_start(out, prepared)
    x, t = prepared.x("train"), prepared.t("train")
    validation = (
        (prepared.x("validation"), prepared.t("validation")) if "validation" in prepared.parts else None
    )
    monitor = "validation_loss" if validation is not None else "train_loss"
    history = fit(
        network,
        x,
        t,
        optimizer=prepared.optimizer,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        validation=validation,
        early_stopping=EarlyStopping(settings.patience, monitor=monitor) if settings.patience else None,
        clip_norm=settings.clip_norm,
        train_score=len(t) < defaults.MANY,
        checkpoint=Checkpoint(folder.checkpoint, every_seconds=settings.checkpoint_seconds),
        resume=folder.checkpoint.is_file(),
        engine=settings.engine,
        threads=settings.threads,
        seed=settings.seed,
    )
    results = {part: evaluate(prepared, part) for part in prepared.parts}
    message = outcome(history, settings)
    save(prepared, folder, history, results, message)
    console.show_end(out, prepared, folder, history, results, message)
    if history.status == "interrupted":
        return INTERRUPTED
    checkpoints.remove_leftovers(folder.checkpoint)
    folder.checkpoint.unlink(missing_ok=True)
    return DIVERGED if history.status == "diverged" else 0


def outcome(history: History, settings: Settings) -> str:
    """How the training ended, and which epoch's weights were kept, in the words of the command line."""
    if history.status == "interrupted":
        return f"Interrupted in epoch {len(history) + 1} of {settings.epochs}; what was learned is kept."
    if history.status != "completed":
        return history.message
    best, done = history.best_epoch, len(history)
    message = f"All {done} epochs are done; the weights are those of epoch {kept_epoch(history, settings)}."
    if best is not None and best < 0.8 * done and not settings.patience:
        name = history.monitor.replace("_", " ")
        message += f" The {name} was lowest in epoch {best}: try --patience, or fewer epochs."
    return message


def kept_epoch(history: History, settings: Settings) -> int | None:
    """The epoch whose weights the network ended with: the best one under early stopping, the last one otherwise."""
    return history.best_epoch if settings.patience else len(history)


def save(
    prepared: Prepared, folder: RunFolder, history: History, results: Mapping[str, Score], message: str
) -> None:
    """Write the model, the history and the report."""
    facts = {
        "preprocessing": prepared.preprocessing.to_spec(),
        "dataset": prepared.dataset.name,
        "task": prepared.dataset.task,
        "scores": {part: vars(score) for part, score in results.items()},
        "score_name": score_name(prepared.dataset.task),
        "status": history.status,
        "message": message,
        "best_epoch": history.best_epoch,
    }
    model_file.write(folder.model, prepared.network, facts)
    history.to_csv(folder.history)
    write(folder.report, render(report(prepared, folder, history, results, message)))


def evaluate(prepared: Prepared, part: str) -> Score:
    """Score and mean loss (with the penalty) of the network on a part of the data."""
    network, t = prepared.network, prepared.t(part)
    z = network.forward(prepared.x(part))
    return Score(score_of(network, z, t), network.mean_loss(z, network.encode(t)), len(t))


def score_of(network: Network, z: np.ndarray, t: np.ndarray) -> float:
    """Accuracy for class codes t (n,), R² for values t (n, k)."""
    if t.ndim == 1:
        return scores.accuracy(codes(network, z), t)
    return scores.r2(network.loss.predict(z), t)


def codes(network: Network, z: np.ndarray) -> np.ndarray:
    """Class codes, (n,): the class of the largest output."""
    return z.argmax(axis=1) if z.shape[1] > 1 else network.loss.labels(z)


def predictions(network: Network, preprocessing: Preprocessing, z: np.ndarray) -> np.ndarray:
    """Values in the target's unit, from the outputs z."""
    return preprocessing.decode_target(network.loss.predict(z))


def report(
    prepared: Prepared, folder: RunFolder, history: History, results: Mapping[str, Score], message: str
) -> RunReport:
    """What the report shows of this run."""
    dataset, network, settings = prepared.dataset, prepared.network, prepared.settings
    return RunReport(
        name=dataset.name,
        recognised=dataset.summary().splitlines(),
        score_name=score_name(dataset.task),
        scores=results,
        history=history,
        status=message,
        drawing=describe.columns(network),
        layers=describe.layer_rows(network),
        kept_epoch=kept_epoch(history, settings),
        class_names=dataset.class_names,
        target_names=dataset.target_names,
        evaluation=_evaluation(prepared),
        settings=settings.sections(),
        versions=versions(),
        command=f"deltaprop train --config {shlex.quote(str(folder.config))}",
    )


def _evaluation(prepared: Prepared) -> Evaluation | None:
    """The predictions for the test part, or for the validation part where there is no other."""
    part = next((name for name in ("test", "validation") if name in prepared.parts), None)
    if part is None:
        return None
    dataset, network = prepared.parts[part], prepared.network
    z, t = network.forward(prepared.x(part)), prepared.t(part)
    if dataset.task == "regression":
        y = predictions(network, prepared.preprocessing, z)
        return Evaluation(part, y, np.asarray(dataset.t, np.float64))
    images = np.asarray(dataset.x).reshape(len(t), *dataset.image_shape) if dataset.image_shape else None
    return Evaluation(part, codes(network, z), t, network.loss.predict(z), images)


def _warn_of(made_with: Mapping[str, str]) -> None:
    if changed := differences(made_with):
        console.warn(f"made with {changed}: the weights may differ in their last digits.")
