"""Running experiments into a folder: a file for each result, and a page that shows them all.

The folder holds, for each experiment, ``NAME.json`` (verdicts, summary, how to repeat it), ``NAME.csv`` (the measured
table), ``NAME.png`` and ``NAME.svg``; and ``index.html``, which opens offline.
"""

from __future__ import annotations

import io
import json
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from .. import __version__, files
from ..engines import instruction_set
from ..errors import InputError
from ..report.images import svg
from ..report.page import page
from ..style import PAGE
from .course import EXPERIMENTS, ITEMS, SECTIONS, experiment
from .experiment import Result, Setting

#: What a record has, of which the page is made.
RECORD = {
    "name",
    "title",
    "items",
    "source",
    "method",
    "data",
    "full",
    "outcome",
    "verdicts",
    "summary",
    "command",
}

TEMPLATES = Path(__file__).with_name("templates")


def run_into(
    folder: Path, names: Sequence[str], setting: Setting, options: str = "", jobs: int = 1
) -> Iterator[dict[str, Any]]:
    """Run these experiments in `jobs` processes, each into its files; yields their records as they are done.

    Of one that cannot be run on the data the record is its name and ``error``, the reason; of one that fails also
    ``failed``.

    `options` are those of the command line, for the command that repeats each. At the end, however it comes, the page
    shows all results of the folder.
    """
    one = replace(setting, jobs=1 if len(names) > 1 else jobs)
    parallel: Any = joblib.Parallel(jobs if len(names) > 1 else 1, return_as="generator_unordered")
    try:
        yield from parallel(joblib.delayed(_run)(folder, name, one, options) for name in names)
    finally:
        files.write(folder / "index.html", render(records(folder)))


def _run(folder: Path, name: str, setting: Setting, options: str) -> dict[str, Any]:
    try:
        return _record(folder, name, setting, options)
    except InputError as error:
        return {"name": name, "error": str(error)}
    except Exception as error:  # one that is broken must not end the others
        said = traceback.format_exception_only(error)[-1].strip()
        return {"name": name, "error": f"failed by a bug: {said}", "failed": True}


def _record(folder: Path, name: str, setting: Setting, options: str) -> dict[str, Any]:
    """Run an experiment, and write its files; the record last."""
    began = time.perf_counter()
    result = experiment(name).run(setting)
    record = {
        "name": name,
        **{key: getattr(result.experiment, key) for key in ("title", "items", "source", "method")},
        "data": setting.problem.name if setting.problem else "",
        "full": setting.full,
        "outcome": result.outcome,
        "verdicts": [asdict(verdict) | {"text": str(verdict)} for verdict in result.verdicts],
        "summary": summary(result),
        "command": f"deltaprop experiment run {name}{options}",
        "seconds": time.perf_counter() - began,
        "version": __version__,
        "instruction set": instruction_set() or "no compiled core",
    }
    buffer = io.BytesIO()
    result.figure().savefig(buffer, format="png", dpi=110)
    files.write(folder / f"{name}.png", buffer.getvalue())
    files.write(folder / f"{name}.svg", str(svg(result.figure(PAGE), result.experiment.title)))
    files.write(folder / f"{name}.csv", result.table.to_csv(index=False))
    files.write(folder / f"{name}.json", json.dumps(record, indent=1, ensure_ascii=False))
    return record


def summary(result: Result) -> list[list[str]]:
    """The means over the seeds as text: a row of names, then a row for each arm."""
    means = result.summary
    rows = [
        [str(arm), *("" if np.isnan(value) else f"{value:.4g}" for value in row)]
        for arm, row in zip(means.index, means.to_numpy(), strict=True)
    ]
    return [["", *map(str, means.columns)], *rows]


def records(folder: Path) -> list[dict[str, Any]]:
    """The results in a folder, in the order of the course; damaged files and those of earlier versions are left out."""
    found = []
    for name in EXPERIMENTS:
        path = folder / f"{name}.json"
        if path.exists():
            try:
                record = json.loads(path.read_text("utf-8")) | {
                    "figure": path.with_suffix(".svg").read_text("utf-8")
                }
            except (OSError, ValueError, TypeError):
                continue
            if set(record) >= RECORD:
                found.append(record)
    return found


def render(found: Sequence[dict[str, Any]]) -> str:
    """The page of these results."""
    sections = {
        title: [record for record in found if record["items"][0].startswith(letter)]
        for letter, title in SECTIONS.items()
    }
    shown = {title: records for title, records in sections.items() if records}
    return page(TEMPLATES, "gallery.html.j2", sections=shown, items=ITEMS)
