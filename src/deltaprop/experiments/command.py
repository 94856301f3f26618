"""``deltaprop experiment list`` and ``run``."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from ..commands.console import console, note, table
from ..errors import InputError, number
from .course import EXPERIMENTS, ITEMS, SECTIONS, experiment
from .experiment import Setting
from .gallery import run_into
from .problem import Problem


def show_list() -> int:
    """Every item of the course with its experiments and public names."""
    out = console()
    for letter, section in SECTIONS.items():
        shown = table(f"{letter}. {section}", "item", "", "experiments", "names in the library")
        for column in shown.columns:
            column.justify = "left"
        for item, what in ITEMS.items():
            if item.startswith(letter):
                found = [name for name, each in EXPERIMENTS.items() if item in each.items]
                shown.add_row(item, what.title, ", ".join(found), ", ".join(what.names))
        out.print(shown)
        out.print()
    own = ", ".join(name for name, each in EXPERIMENTS.items() if each.own_data)
    out.print(
        Text(
            f"To run one: deltaprop experiment run NAME. On data of your own, by --data FILE --target COLUMN: {own}"
        )
    )
    return 0


def run(
    names: Sequence[str],
    everything: bool,
    full: bool,
    seeds: int | None,
    jobs: int | None,
    data: str | None,
    target: Sequence[str],
    drop: Sequence[str],
    category: Sequence[str],
    out: Path,
) -> int:
    """Run experiments, print what they found and write the gallery."""
    names = _chosen(names, everything, data is not None)
    columns = {"--target": target, "--drop": drop, "--category": category}
    problem = None
    if data is not None:
        problem = Problem.read(data, list(target), full, drop=list(drop), category=list(category))
    elif given := [option for option, value in columns.items() if value]:
        raise InputError(f"experiment: {given[0]} without --data, expected both; give --data a file.")
    for option, value in (("--seeds", seeds), ("--jobs", jobs)):
        if value is not None:
            number("experiment", option, value, low=1, integer=True)
    if out.exists() and not out.is_dir():
        raise InputError(f"experiment: --out is {str(out)!r}, a file, expected a folder; choose another.")
    out.mkdir(parents=True, exist_ok=True)
    setting = Setting(full=full, seeds=seeds, problem=problem)
    options = _options(full, seeds, data, columns)
    outcomes: Counter[str] = Counter()
    for k, record in enumerate(run_into(out, names, setting, options, jobs or os.cpu_count() or 1), 1):
        if "error" in record:
            name, error = record["name"], record["error"]
            note(error if error.startswith(name) else f"{name}: {error}")
            outcomes["failed" if "failed" in record else "not run"] += 1
            continue
        if len(names) > 1:
            note(f"{k} of {len(names)}: {record['name']} took {record['seconds']:.1f} s")
        outcomes[record["outcome"]] += 1
        _show(record)
    if len(names) > 1:
        print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    print(f"{out / 'index.html'}: open it in a browser")
    return 1 if outcomes["failed"] else 2 if outcomes["not run"] and not everything else 0


def _chosen(names: Sequence[str], everything: bool, own_data: bool) -> list[str]:
    """The names to run, in the order of the course."""
    if everything == bool(names):
        wanted = "expected either, not both" if names else "expected a name or --all"
        raise InputError(f"experiment: NAME and --all: {wanted}; see deltaprop experiment list.")
    for name in names:
        if own_data and not experiment(name).own_data:
            able = ", ".join(each for each in EXPERIMENTS if EXPERIMENTS[each].own_data)
            raise InputError(f"experiment: --data with {name}, expected one of {able}; leave --data out.")
    if everything:
        return [name for name, each in EXPERIMENTS.items() if each.own_data or not own_data]
    return [name for name in EXPERIMENTS if name in {experiment(each) and each for each in names}]


def _options(full: bool, seeds: int | None, data: str | None, columns: Mapping[str, Sequence[str]]) -> str:
    parts = ["--full"] * full + ([f"--seeds {seeds}"] if seeds else [])
    parts += [f"--data {shlex.quote(data)}"] if data else []
    parts += [f"{option} {shlex.quote(name)}" for option, names in columns.items() for name in names]
    return "".join(f" {part}" for part in parts)


def _show(record: dict[str, Any]) -> None:
    """Title, means and verdicts."""
    out = console()
    out.print(Text(record["title"], style="bold"), Text(f"  {record['name']}: {record['outcome']}"))
    head, *rows = record["summary"]
    shown = table("", *head)
    for row in rows:
        shown.add_row(*row)
    out.print(shown)
    for verdict in record["verdicts"]:
        out.print(Text(f"{verdict['text']}"))
    out.print()
    sys.stdout.flush()
