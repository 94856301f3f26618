"""Scores of deltaprop and its peers on real tables.

    python -m benchmarks.tables run METHOD … [--half development] [--set key=value …] [--jobs 1]
    python -m benchmarks.tables compare METHOD … [--half report] [--plot FILE]
    python -m benchmarks.tables ablation [--set key=value …]

`run` fits on every split of every table and prints the scores beside the peers that the file of results has; what is
there already is not run again. A method with settings is called by both: ``deltaprop n_ensemble=8``; a setting
``classes:KEY`` or ``values:KEY`` is for that task only.
The tables travel in packages (see `benchmarks.tables.catalog`), the peers are

    pip install scikit-learn pytabkit lightgbm catboost

and may be run in another environment, into the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deltaprop.errors import InputError

from ..options import Parser, command, count, output
from . import ablation, report, results
from .catalog import Table, catalog
from .comparison import Comparison, label
from .methods import METHODS, PACKAGES
from .trial import Trial, run

# Those that are fast enough for every table.
PEERS = ["linear", "scikit-learn MLP", "histogram boosting", "LightGBM-TD", "RealMLP-TD"]


def _setting(text: str) -> tuple[str, Any]:
    """``key=value``, the value as JSON or, failing that, as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not key=value")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _tables(options: argparse.Namespace) -> list[Table]:
    """The chosen ones, small ones first."""
    if unknown := sorted(set(options.table or []) - set(catalog())):
        raise InputError(f"no table {unknown[0]!r}; they are listed in benchmarks/tables/catalog.csv")
    tables = [t for t in catalog().values() if options.half in (t.half, "both") and t.rows <= options.rows]
    return sorted((t for t in tables if not options.table or t.name in options.table), key=lambda t: t.rows)


def _fit(options: argparse.Namespace, methods: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Run what the file of results does not have; the labels of the methods."""
    done = {results.key(r) for r in results.read(options.results) if "error" not in r}
    trials = [
        Trial(method, results.version(method), table.name, number, settings)
        for method, settings in methods
        for table in _tables(options)
        for number in table.splits[: options.splits]
    ]
    for trial, result in run(
        [t for t in trials if results.key(vars(t)) not in done], options.jobs, options.seconds
    ):
        results.append(options.results, trial, result)
        said = result.get("error") or " ".join(
            [*(f"{k} {v:.4f}" for k, v in result["scores"].items()), f"{result['fit_cpu_seconds']:.2f} s"]
        )
        print(f"{label(vars(trial))}  {trial.table} {trial.split}  {said}", file=sys.stderr, flush=True)
    return [label({"method": method, "settings": settings}) for method, settings in methods]


def _current(options: argparse.Namespace) -> list[dict]:
    """The results of this version of deltaprop and, of each peer, of any: the last one stands."""
    return [
        r
        for r in results.read(options.results)
        if r["method"] in PACKAGES or r["version"] == results.version(r["method"])
    ]


def _compare(options: argparse.Namespace, methods: list[str]) -> None:
    peers = [m for m in options.peers if m not in methods]
    comparison = Comparison.of(_current(options), [*methods, *peers], options.half)
    if comparison.frame.empty:
        print("no split that all of these methods have")
        return
    # Scored between the peers, settings can be compared from one run to another.
    lines = report.summary(comparison, methods[0], peers if peers and options.pool == "peers" else None)
    splits = comparison.frame[["table", "split"]].drop_duplicates()
    print(f"{splits['table'].nunique()} tables, {len(splits)} splits, {options.half}; wins of {methods[0]}\n")
    print(report.markdown(lines, methods[0]))
    if options.tables:
        print(f"\n{comparison.errors.round(4).to_string()}")
    if options.plot:
        report.plot(lines, options.plot)


def _run(options: argparse.Namespace) -> None:
    labels = _fit(options, [(method, options.set) for method in options.method])
    _compare(options, labels)


def _ablation(options: argparse.Namespace) -> None:
    without = {name: options.set | off for name, off in ablation.parts(options.set).items()}
    labels = _fit(options, [("deltaprop", s) for s in (options.set, *without.values())])
    comparison = Comparison.of(_current(options), labels, options.half)
    print(ablation.table(comparison, dict(zip(labels[1:], without, strict=True)), labels[0]))


def _parser() -> Parser:
    parser = Parser("benchmarks.tables", str(__doc__))
    commands = parser.add_subparsers(dest="command", required=True, parser_class=argparse.ArgumentParser)
    runs = commands.add_parser("run", help="fit methods and compare them")
    runs.add_argument("method", nargs="+", choices=METHODS)
    compares = commands.add_parser("compare", help="compare what the file of results has")
    compares.add_argument("method", nargs="+", help="a method and its settings, as one argument")
    ablations = commands.add_parser("ablation", help="the recommended network, without one part at a time")
    for each in (runs, ablations):
        each.add_argument("--table", action="append", help="only this table; may be repeated")
        each.add_argument("--rows", type=count, default=999999999, help="no tables of more rows")
        each.add_argument("--splits", type=count, default=3, help="at most so many splits of a table")
        each.add_argument("--jobs", type=count, default=1, help="trials at a time, each with one thread")
        each.add_argument("--seconds", type=count, default=3600, help="the longest that a trial may take")
        each.add_argument(
            "--set", action="append", type=_setting, default=[], help="key=value for the method"
        )
    for each in (runs, compares, ablations):
        each.add_argument("--half", choices=["development", "report", "both"], default="development")
        each.add_argument("--results", type=output, default=Path("tables-results.jsonl"))
    for each in (runs, compares):
        each.add_argument("--peers", nargs="*", default=PEERS, choices=PACKAGES)
        each.add_argument(
            "--pool", choices=["peers", "all"], default="peers", help="whose errors make the scale"
        )
        each.add_argument("--tables", action="store_true", help="print each table's errors")
        each.add_argument("--plot", type=output, help="draw the scores against the time there")
    return parser


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line and do it."""
    options = _parser().parse_args(arguments)
    if "set" in options:
        options.set = dict(options.set)
    if options.command == "run":
        _run(options)
    elif options.command == "ablation":
        _ablation(options)
    else:
        _compare(options, options.method)


if __name__ == "__main__":
    main()
