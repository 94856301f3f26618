"""Time until the mean squared error of a small network is small: solvers on all samples beside first-order training.

    python -m benchmarks.time_to_loss [--mse 1e-6] [--seeds 10] [--seconds 30] [--iterations 1000000]
                                      [--only NAME …] [--threads 2] [--json FILE]

The network is 2-20-20-1 with tanh units, in float64, the function sin(3 x₁) cos(2 x₂) + x₁ x₂ on 1000 points. For
each seed all solvers begin with the same weights; they take turns, each in a process of its own. A run ends at the goal
or at a limit. ``--mse 1e-8 --iterations 100`` counts the seeds from which a solver gets that far. ``DELTAPROP_CPU``
selects the core's instruction set.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from statistics import median

from .contenders.solving import SOLVERS
from .machine import head, machine
from .options import Parser, command, count, output
from .process import ContenderError, Worker
from .table import duration


def measure(task: str, seeds: int, threads: int, names: Sequence[str]) -> dict[str, list[dict]]:
    """The run of every solver from every seed."""
    workers = {name: Worker("solving", name, threads) for name in names}
    results: dict[str, list[dict]] = {}
    for name, worker in workers.items():
        try:
            worker.prepare(task)
            results[name] = []
        except ContenderError as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
    for seed in range(seeds):
        for name in results:
            results[name].append(workers[name].run(seed))
            print(f"seed {seed}: {name}: {_text(results[name][-1])}", file=sys.stderr)
    for worker in workers.values():
        worker.close()
    return results


def _text(run: dict) -> str:
    seconds = duration(run["seconds"]) if math.isfinite(run["seconds"]) else "goal not reached"
    return f"{seconds}, {run['iterations']} iterations, {run['mse']:.2g}"


def markdown(results: dict[str, list[dict]]) -> str:
    """A row for each solver; medians over the seeds, of which those that fail count as infinite."""
    lines = [
        "| solver | seeds that get there | median time | median iterations | worst error |",
        "|---" * 5 + "|",
    ]
    for name, runs in results.items():
        there = [run for run in runs if math.isfinite(run["seconds"])]
        seconds = median(run["seconds"] for run in runs)
        enough = math.isfinite(seconds)
        iterations = median(run["iterations"] if run in there else math.inf for run in runs) if enough else 0
        cells = [
            name,
            f"{len(there)} of {len(runs)}",
            *((duration(seconds), f"{iterations:g}") if enough else "––"),
        ]
        lines.append("| " + " | ".join([*cells, f"{max(run['mse'] for run in runs):.1e}"]) + " |")
    return "\n".join(lines)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print."""
    parser = Parser("benchmarks.time_to_loss", __doc__)
    parser.add_argument("--mse", type=_positive, default=1e-6)
    parser.add_argument("--seeds", type=count, default=10)
    parser.add_argument("--seconds", type=_positive, default=30.0, help="limit of a run")
    parser.add_argument("--iterations", type=count, default=1_000_000, help="limit of a run")
    parser.add_argument("--only", action="append", default=[], help="a solver; may be repeated")
    parser.add_argument("--threads", type=count, default=2)
    parser.add_argument("--json", type=output, help="write every run there")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.only) - set(SOLVERS)):
        parser.error(f"no solver {unknown[0]!r}; there are: {'; '.join(SOLVERS)}")
    about = machine(options.threads)
    print(head(about), flush=True)
    task = f"{options.mse} {options.seconds} {options.iterations}"
    results = measure(task, options.seeds, options.threads, options.only or list(SOLVERS))
    print(f"\nmean squared error {options.mse:g}:\n\n{markdown(results)}")
    if options.json:
        options.json.write_text(
            json.dumps({"about": about, "mse": options.mse, "results": results}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
