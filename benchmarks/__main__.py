"""The command: ``python -m benchmarks [WORKLOAD …] [--rounds 7] [--threads 2] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from .contenders import CONTENDERS
from .process import Worker
from .table import duration, markdown
from .workloads import WORKLOADS


def measure(name: str, rounds: int, threads: int, only: list[str]) -> dict:
    """All contenders of one workload, in turn."""
    workload = WORKLOADS[name]
    print(f"\n{workload.title}", file=sys.stderr)
    workers = {}
    for contender in only or CONTENDERS:
        worker = Worker(*CONTENDERS[contender], name, threads)
        try:
            takes_part = worker.answer()
        except RuntimeError as error:
            print(f"  {contender}: left out ({error})", file=sys.stderr)
            continue
        if takes_part:
            workers[contender] = worker
        else:
            worker.close()
    results: dict[str, list[dict]] = {contender: [] for contender in workers}
    for number in range(rounds):
        for contender, worker in workers.items():
            results[contender].append(worker.run(number))
        times = ", ".join(f"{c} {duration(r[-1]['seconds'])}" for c, r in results.items())
        print(f"  round {number + 1}: {times}", file=sys.stderr)
    for worker in workers.values():
        worker.close()
    return {"title": workload.title, "unit": workload.unit, "results": results}


def machine(threads: int) -> dict[str, object]:
    """Where and with what it was measured."""
    packages = ("numpy", "scipy", "scikit-learn", "torch", "jax", "onnxruntime")
    versions = {}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"machine": platform.machine(), "cores": cores, "threads": threads, "versions": versions}


def main() -> None:
    """Parse the line, run, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="deltaprop beside its peers, as ratios."
    )
    parser.add_argument("workload", nargs="*", help=f"of {', '.join(WORKLOADS)}; default: all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", default=[], help="a contender; may be repeated")
    parser.add_argument("--json", type=Path, help="write every round's times there")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.workload) - set(WORKLOADS)):
        parser.error(f"no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    if unknown := sorted(set(arguments.only) - set(CONTENDERS)):
        parser.error(f"no contender {unknown[0]!r}; there are {', '.join(CONTENDERS)}")
    about = machine(arguments.threads)
    names = arguments.workload or list(WORKLOADS)
    report = {name: measure(name, arguments.rounds, arguments.threads, arguments.only) for name in names}
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps({"about": about, "workloads": report}, indent=1) + "\n")


if __name__ == "__main__":
    main()
