"""``deltaprop train``: from data to a run folder."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .. import __version__, distributed, model_file
from ..errors import InputError, choose, number
from ..files import remove_leftovers, write
from ..recipes import PLAIN, RECIPES, Recipe
from ..training import Checkpoint
from ..training.checkpoint import OtherRunError
from ..training.time_limit import TimeLimit
from . import console
from .evaluation import Result, evaluate
from .fitting import fit_network
from .folder import ModelHeader, RunFolder
from .folds import check as check_folds
from .folds import cross_validate
from .notes import note
from .plan import plan
from .prepare import Prepared, absolute, prepare
from .processes import check_alike, is_first, share_weights, together
from .search import check, search
from .settings import Settings

DIVERGED, INTERRUPTED = 1, 130  # exit statuses


def run(
    options: Mapping[str, Any],
    recipe: str | None = None,
    out: Path | None = None,
    config: Path | None = None,
    resume: Path | None = None,
    minutes: float | None = None,
    **launch: Any,
) -> int:
    """Train, save, report; the exit status. `launch` are the arguments of `distributed.start`."""
    began = time.monotonic()
    if resume is not None:
        return _resume(
            resume, options, {"recipe": recipe, "out": out, "config": config, "minutes": minutes}, launch
        )
    if minutes is not None:
        number("train", "minutes", minutes, low=0, open_low=True)
    settings, made_with = Settings(), {}
    if config is not None:
        settings, made_with = _with_plain(*Settings.from_toml(config))
        if absolute(settings.given(data=options.get("data"))).data != settings.data:
            settings = settings.for_other_data()
    if recipe is not None:
        settings = settings.given(**choose("train", "recipe", recipe, RECIPES, Recipe).options)
    asked = absolute(_given(settings, options))
    with together(asked.engine, launch):
        _warn_of(asked, made_with)
        prepared, limit = prepare(asked), None
        check_alike(prepared)
        if asked.folds is not None:
            check_folds(prepared, minutes)
        if asked.search is not None:
            check(prepared)
            if minutes is not None:
                raise InputError("train: minutes is given with search, expected one of them; leave one out.")
        if minutes is not None:
            seconds = max(60 * minutes - (time.monotonic() - began), 0.1 * minutes)
            prepared, limit, said = plan(prepared, seconds)
            if is_first():
                console.console().print(console.plain(said))
        if not is_first():
            return train(prepared, RunFolder(out or Path("runs")), limit)
        folder = RunFolder.create(out, Path(prepared.dataset.name).stem)
        with folder.lock:
            folder.check_unused()
            try:
                if asked.search is not None:
                    write(folder.config, asked.to_toml(versions(asked)))
                    prepared = _searched(asked, prepared, folder)
                write(folder.config, prepared.settings.to_toml(versions(prepared.settings)))
                return train(prepared, folder, limit)
            except BaseException:
                folder.discard_if_unused()
                raise


def _given(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """The settings with these options; another engine chooses its threads anew."""
    changed = settings.given(**options)
    same = changed.engine == settings.engine or "threads" in options
    return changed if same else changed.without("threads")


def _searched(asked: Settings, prepared: Prepared, folder: RunFolder) -> Prepared:
    """The same with the best settings that a search finds; the options `asked` for stay as they are."""
    given = {name for name, value in asked if value is not None}
    try:
        best, said = search(prepared, asked.search, given, folder.search)
    except KeyboardInterrupt:
        note(f"the search is interrupted; to continue: {folder.resume}")
        raise
    console.console().print(console.plain(said))
    return prepared.with_settings(best.without("search"))


#: The options that may be given with --resume: another machine may need another engine.
OF_THE_MACHINE = ("engine", "precision")


def _resume(path: Path, options: Mapping[str, Any], others: Mapping[str, Any], launch: dict[str, Any]) -> int:
    """Continue a search by its log, or a run by its checkpoint: from the start where it was killed before the first.

    Of several processes only the first needs the run folder, if the engine is given.
    """
    given = {name: options[name] for name in OF_THE_MACHINE if name in options}
    others = {**others, **options}
    if extra := next((n for n, value in others.items() if value is not None and n not in given), None):
        found = f"--resume is given with {extra.replace('_', '-')}"
        raise InputError(f"train: {found}, expected the run alone with its own config.toml; leave it out.")
    folder = RunFolder(path)
    engine = given.get("engine") or Settings.from_toml(RunFolder.open(path).config)[0].engine
    with together(engine, launch), RunFolder.open(path).lock if is_first() else nullcontext():
        text = distributed.broadcast(_config_of_unfinished(path) if is_first() else b"")
        before, made_with = _with_plain(*Settings.parse(folder.config, text))
        asked = _given(before, given)
        _warn_of(asked, made_with)
        prepared = prepare(asked)
        check_alike(prepared)
        if asked.folds is not None:
            check_folds(prepared)
        if asked.search is not None:
            prepared = _searched(asked, prepared, folder)
        if is_first() and (asked.search is not None or asked != before):
            write(folder.config, prepared.settings.to_toml(versions(prepared.settings)))
        try:
            return train(prepared, folder)
        except OtherRunError as error:
            found = f"--resume is {folder.path}, which was begun with other data or another configuration"
            remedy = f"restore {prepared.settings.data} and config.toml, or train anew with --config"
            raise InputError(f"train: {found}, expected them as they were; {remedy}.") from error


def _config_of_unfinished(path: Path) -> bytes:
    """The content of ``config.toml`` of a run that can be continued."""
    folder = RunFolder.open(path)
    if folder.model.is_file() and not folder.checkpoint.is_file():
        found = f"--resume is {folder.path}, which is complete"
        raise InputError(f"train: {found}, expected an interrupted run; use --config.")
    return folder.config.read_bytes()


def _with_plain(settings: Settings, made_with: dict[str, str]) -> tuple[Settings, dict[str, str]]:
    """The settings of a file. What the file of a run does not name was unknown when it was written, and is off.

    Only while a search goes on the file holds no more than what was asked for.
    """
    return settings.filled(**PLAIN) if made_with and settings.search is None else settings, made_with


def train(prepared: Prepared, folder: RunFolder, limit: TimeLimit | None = None) -> int:
    """Fit the network, from the folder's checkpoint if it has one; fill the folder; report. The exit status.

    Of several processes only the first touches the folder.
    """
    share_weights(prepared.network)
    if is_first():
        console.show_start(console.console(), prepared)
    cross = cross_validate(prepared, folder) if prepared.settings.folds else None
    planned = prepared if cross is None else cross.planned(prepared)
    history = fit_network(
        planned,
        callbacks=[] if limit is None else [limit],
        checkpoint=Checkpoint(folder.checkpoint, every_seconds=prepared.settings.checkpoint_seconds),
        resume=True,  # a new folder has no checkpoint
        progress="auto" if is_first() else False,
    )
    if is_first():
        _finish(evaluate(replace(planned, settings=prepared.settings), folder, history, cross))
    if history.status == "completed" and cross is not None and cross.diverged:
        return DIVERGED
    return {"interrupted": INTERRUPTED, "diverged": DIVERGED}.get(history.status, 0)


def _finish(result: Result) -> None:
    """Show the scores, then fill the folder."""
    folder = result.folder
    out = console.console()
    console.show_scores(out, result)
    try:
        console.show_files(out, result, save(result))
    except KeyboardInterrupt:
        if folder.checkpoint.is_file():
            note(f"interrupted before the report was written; to finish: {folder.resume}")
        raise
    if result.history.status != "interrupted":
        remove_leftovers(folder.checkpoint)
        folder.checkpoint.unlink(missing_ok=True)


def save(result: Result) -> Iterator[Path]:
    """Write the model, the history and the report, in this order; what is in the folder, each file once it is there."""
    prepared, folder, history = result.prepared, result.folder, result.history
    header = ModelHeader(
        preprocessing=prepared.preprocessing.to_spec(),
        dataset=prepared.dataset.name,
        task=prepared.dataset.task,
        scores=dict(result.scores),
        score_name=prepared.scoring.label,
        measures=list(prepared.scoring.measures),
        comparisons=list(result.comparisons),
        remarks=list(result.remarks),
        notes=list(prepared.dataset.notes),
        units=dict(prepared.dataset.units),
        status=history.status,
        message=result.message,
        best_epoch=history.best_epoch,
    )
    model_file.write(folder.model, prepared.network, header.model_dump())
    yield folder.model
    history.to_csv(folder.history)
    yield folder.history
    yield folder.config
    from .report import page  # only now: what draws it would delay the scores

    write(folder.report, page(result, versions(prepared.settings)))
    yield folder.report


def versions(settings: Settings) -> dict[str, str]:
    """What the numbers of a run depend on besides its settings: the packages that compute, and the machine."""
    names = ["numpy", "scipy", "scikit-learn", "pandas", *["jax"] * (settings.engine == "jax")]
    here = {"deltaprop": __version__, "python": platform.python_version()}
    return here | {name: _version(name) for name in names} | {"machine": platform.machine()}


@cache
def _version(name: str) -> str:
    return version(name)


def _warn_of(settings: Settings, made_with: Mapping[str, str]) -> None:
    here = versions(settings) if made_with else {}
    changed = {name: was for name, was in made_with.items() if here.get(name, was) != was}
    if changed and is_first():
        shown = ", ".join(f"{name} {was} (here {here[name]})" for name, was in changed.items())
        note(f"made with {shown}: the weights may differ in their last digits.")
