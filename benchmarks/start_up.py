"""Seconds from a command's start to its answer: ``deltaprop train`` and ``predict`` on small data.

    python -m benchmarks.start_up [--rounds 5] [--before src] [--json start_up.json]

Each command runs in a process of its own, as users start it, with bytecode that an uncounted first run has written.
Printed are medians: seconds until the first line with a score, until the end, and of processor time. With ``--before``,
the folder that holds another version's package, that version takes turns with this one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

import deltaprop
from deltaprop.data import load
from deltaprop.errors import InputError

from .machine import head, machine
from .options import Parser, command, count, output

#: The commands, in the folder where `tables` has written the data.
COMMANDS = {
    "train iris": ["train", "iris"],
    "train iris.csv": ["train", "iris.csv", "--target", "species"],
    "train diabetes.csv": ["train", "diabetes.csv", "--target", "progression"],
    "predict iris.csv": ["predict", "run", "iris.csv"],
}

#: A line of the table of scores.
SCORE = re.compile(rb"(train|validation|test)\s.*\d")


@dataclass(frozen=True)
class Times:
    """Seconds of one command; `first` until the first line with a score, None where there is none."""

    first: float | None
    wall: float
    cpu: float


def tables(folder: Path) -> None:
    """Write the tables."""
    for name in ("iris", "diabetes"):
        data = load(name)
        rows = np.column_stack([data.x, data.t]).tolist()
        lines = [",".join(map(str, row)) for row in [[*data.feature_names, data.target_name], *rows]]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Times:
    """Run deltaprop with these arguments in that folder."""
    line = [sys.executable, "-m", "deltaprop", *arguments]
    began, first = perf_counter(), None
    with subprocess.Popen(
        line, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        for said in process.stdout:
            if first is None and SCORE.match(said):
                first = perf_counter() - began
        _, status, used = os.wait4(process.pid, 0)
        wall, process.returncode = perf_counter() - began, os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise InputError(
            f"{' '.join(arguments)}: exit status {process.returncode}, expected 0; run it by hand."
        )
    return Times(first, wall, used.ru_utime + used.ru_stime)


def measure(sources: Mapping[str, Path], rounds: int) -> dict[str, dict[str, list[Times]]]:
    """The times of each command and version, in turn."""
    results: dict[str, dict[str, list[Times]]] = {name: {who: [] for who in sources} for name in COMMANDS}
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(-1, rounds):
            for who, source in sources.items():
                folder = Path(temporary, who)
                environment = {
                    **os.environ,
                    "PYTHONPATH": str(source),
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
                }
                environment.pop("PYTHONDONTWRITEBYTECODE", None)
                if number < 0:
                    folder.mkdir()
                    tables(folder)
                    run([*COMMANDS["train iris.csv"], "--out", "run"], folder, environment)
                for name, arguments in COMMANDS.items():
                    times = run(arguments, folder, environment)
                    if number >= 0:
                        results[name][who].append(times)
                shutil.rmtree(folder / "runs")
    return results


def show(results: dict[str, dict[str, list[Times]]]) -> None:
    """A line for each command and version."""
    print(f"{'':<20} {'':<8} {'first score':>11} {'wall':>6} {'CPU':>6}")
    for name, versions in results.items():
        for who, times in versions.items():
            found = [t.first for t in times if t.first is not None]
            first = f"{median(found):.2f}" if found else ""
            wall, cpu = (median(getattr(t, kind) for t in times) for kind in ("wall", "cpu"))
            print(f"{name:<20} {who:<8} {first:>11} {wall:>6.2f} {cpu:>6.2f}")


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print."""
    parser = Parser("benchmarks.start_up", __doc__)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--before", type=Path, help="the folder that holds another version's package")
    parser.add_argument("--json", type=output, help="write every round's times there")
    options = parser.parse_args(arguments)
    sources = {"now": Path(deltaprop.__file__).parents[1]}
    if options.before is not None:
        if not (options.before / "deltaprop" / "__init__.py").is_file():
            parser.error(f"--before is {options.before}, expected a folder with the package deltaprop")
        sources = {"before": options.before.absolute(), **sources}
    about = machine(1)
    print(head(about))
    results = measure(sources, options.rounds)
    show(results)
    if options.json:
        times = {
            name: {who: list(map(asdict, t)) for who, t in each.items()} for name, each in results.items()
        }
        options.json.write_text(json.dumps({"about": about, "commands": times}, indent=1) + "\n")


if __name__ == "__main__":
    main()
