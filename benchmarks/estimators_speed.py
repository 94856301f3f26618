"""Seconds of fit and predict: deltaprop's estimators on both engines beside scikit-learn's, the same arguments.

    python -m benchmarks.estimators_speed [--rounds 5] [--only digits] [--json speed.json]

The contestants take turns, each in a process of its own; printed are the medians and the median ratio to scikit-learn,
with its range. MNIST is timed where its files are at hand. ``DELTAPROP_CPU`` selects the core's instruction set.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from statistics import median

from .contenders.estimators import TASKS
from .machine import head, machine
from .options import Parser, command, count, output
from .process import ContenderError, Worker
from .table import duration

PEER, OURS = "scikit-learn", ("numpy", "native")


def measure(task: str, rounds: int, threads: int) -> dict[str, list[dict[str, float]]]:
    """Seconds of each contestant in each round."""
    workers = {who: Worker("estimators", who, threads) for who in (PEER, *OURS)}
    for worker in workers.values():
        worker.prepare(task)
    results: dict[str, list[dict[str, float]]] = {who: [] for who in workers}
    for number in range(rounds):
        for who, worker in workers.items():
            results[who].append(worker.run(number))
    for worker in workers.values():
        worker.close()
    return results


def show(results: dict[str, list[dict[str, float]]]) -> None:
    """A line for each method."""
    for method in [name for name in results[PEER][0] if name != "seconds"]:
        times = {who: [answer[method] for answer in answers] for who, answers in results.items()}
        line = f"    {method:<13} {PEER} {duration(median(times[PEER])):>8}"
        for who in OURS:
            ratios = [ours / peer for ours, peer in zip(times[who], times[PEER], strict=True)]
            line += f"   {who} x {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        print(line)


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print."""
    parser = Parser("benchmarks.estimators_speed", __doc__)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--threads", type=count, default=2)
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    parser.add_argument("--json", type=output, help="write every round's times there")
    options = parser.parse_args(arguments)
    tasks = [task for task in TASKS if options.only in task]
    if not tasks:
        parser.error(f"no task contains {options.only!r}; there are: {'; '.join(TASKS)}")
    about = machine(options.threads)
    print(head(about))
    report = {}
    for task in tasks:
        print(task, flush=True)
        try:
            report[task] = measure(task, options.rounds, options.threads)
        except ContenderError as error:
            print(f"    left out: {error}", file=sys.stderr)
            continue
        show(report[task])
    if options.json:
        options.json.write_text(json.dumps({"about": about, "tasks": report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
