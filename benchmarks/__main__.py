"""The command: ``python -m benchmarks [WORKLOAD …] [--ours NAME] [--rounds 7] [--levels] [--json FILE]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from .contenders import CONTENDERS
from .machine import head, instruction_sets, machine
from .options import Parser, command, count, output
from .process import ContenderError, Worker
from .table import OURS, duration, markdown
from .workloads import WORKLOADS, Workload

#: The contenders that are deltaprop.
OWN = [name for name, (module, _) in CONTENDERS.items() if module == "deltaprop_"]


def measure(workload: Workload, rounds: int, threads: int, contenders: list[str], levels: list) -> dict:
    """Rounds of every contender, in turn: level of `levels` → contender → rounds.

    Only deltaprop's native engine depends on the level; its peers are timed once and stand in the table of each.
    """
    print(f"\n{workload.title}", file=sys.stderr)
    runners = [(c, level) for c in contenders for level in (levels if c == OURS else [None])]
    workers = {runner: worker for runner in runners if (worker := _ready(workload, *runner, threads))}
    results: dict[tuple, list[dict]] = {runner: [] for runner in workers}
    for number in range(rounds):
        for runner, worker in workers.items():
            results[runner].append(worker.run(number))
        times = ", ".join(f"{_name(*runner)} {duration(r[-1]['seconds'])}" for runner, r in results.items())
        print(f"  round {number + 1}: {times}", file=sys.stderr)
    for worker in workers.values():
        worker.close()
    return {level: {c: r for (c, its), r in results.items() if its == level or c != OURS} for level in levels}


def _ready(workload: Workload, contender: str, level: str | None, threads: int) -> Worker | None:
    """The contender's process with the workload prepared; None if it takes no part."""
    worker = Worker(*CONTENDERS[contender], threads, level)
    try:
        if worker.prepare(workload):
            return worker
    except ContenderError as error:
        print(f"  {_name(contender, level)}: left out ({error})", file=sys.stderr)
    worker.close()
    return None


def _name(contender: str, level: str | None) -> str:
    return contender if level is None else f"{contender} ({level})"


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print a table for each level."""
    what = "deltaprop beside its peers, as ratios. DELTAPROP_CPU selects the core's instruction set."
    parser = Parser("benchmarks", what)
    parser.add_argument("workload", nargs="*", help=f"of {', '.join(WORKLOADS)}; default: all")
    parser.add_argument("--ours", choices=OWN, default=OURS, help="whose time is divided by the others'")
    parser.add_argument("--rounds", type=count, default=7)
    parser.add_argument("--threads", type=count, default=2)
    parser.add_argument("--only", action="append", default=[], help="a contender; may be repeated")
    parser.add_argument(
        "--levels", action="store_true", help="a table for each instruction set that the processor has"
    )
    parser.add_argument("--json", type=output, help="write every round's times there")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.workload) - set(WORKLOADS)):
        parser.error(f"no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    if unknown := sorted(set(options.only) - set(CONTENDERS)):
        parser.error(f"no contender {unknown[0]!r}; there are {', '.join(CONTENDERS)}")
    about = machine(options.threads)
    print(head(about))
    levels = instruction_sets() if options.levels else []
    levels = levels or [about["instruction_set"]]
    contenders = options.only or list(CONTENDERS)
    report: dict = {level: {} for level in levels}
    for name in options.workload or WORKLOADS:
        workload = WORKLOADS[name]
        measured = measure(workload, options.rounds, options.threads, contenders, levels)
        for level, results in measured.items():
            report[level][name] = {"title": workload.title, "unit": workload.unit, "results": results}
    for level in levels:
        print(f"\n### {level or 'without the compiled core'}\n\n{markdown(report[level], options.ours)}")
    if options.json:
        options.json.write_text(json.dumps({"about": about, "levels": report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
