"""A training step on a GPU: deltaprop's JAX engine beside PyTorch, eager and compiled, and a JAX scan written by hand.

    python -m benchmarks.gpu [--rounds 5] [--seconds 330] [--autotune] [--profile] [--quick] [--out FILE]

First the JAX engine is compared with the NumPy engine (`benchmarks.equal_engines`). Then, for each workload and with
float32 products and TF32 products on all sides, every contender gets the same weights and samples, is compared after
some steps, and timed in turns; each in a process of its own. A part that fails says so, and the next one begins; after
``--seconds`` none does. Without a GPU all run on the CPU; ``--quick`` makes everything small.

``--profile`` adds the kernels of a step, by time, and writes the optimized HLO beside the file of ``--out``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any

import numpy as np

from .contenders.on_device import CHECK, CONTENDERS, PROFILE
from .machine import head, machine
from .options import Parser, command, count, output, require
from .process import ROOT, ContenderError, Worker
from .table import OURS, duration, ratios
from .workloads import Workload

#: Seconds after which a contender that is not ready, or has not finished a round, is ended.
PATIENCE = 90

SCAN = "JAX scan"
#: Timed in the first round only, and with float32 products only.
WHOLE_FIT = "deltaprop, whole fit"
#: Takes minutes to compile.
AUTOTUNED = "PyTorch, compiled, max-autotune"

#: What a ratio to the fastest contender whose name begins so must not exceed.
TARGETS = {"PyTorch, eager": 1.0, "PyTorch, compiled": 1.1, SCAN: 1.15}


def workloads(quick: bool) -> list[Workload]:
    """The networks; 4096 units are in every layer of the wide one but the last."""
    narrow = (784, 64, 32, 10) if quick else (784, 256, 128, 10)
    wide = (4096 >> (5 if quick else 0),) * 4 + (10,)
    scale = 32 if quick else 1

    def workload(sizes, batch, steps, epochs):
        batch //= scale
        title = f"{'-'.join(map(str, sizes))}, batch {batch}"
        samples, epochs = steps * batch, 20 if quick else epochs
        return Workload(name=title, title=title, sizes=sizes, batch=batch, samples=samples, epochs=epochs)

    found = [workload(narrow, 8192, 7, 60), workload(wide, 1024, 8, 8), workload(wide, 4096, 4, 4)]
    return [replace(w, precision=precision) for precision in ("float32", "tf32") for w in found]


class Crew:
    """The contenders' processes: one that has failed is replaced when it is asked for again."""

    def __init__(self, names: Sequence[str]):
        self.workers = {name: self._start(name) for name in names}

    def ask(self, name: str, question: Callable[[Worker], Any]) -> Any:
        """The contender's answer; None where it takes longer than `PATIENCE`, or fails, which is said."""
        worker = self.workers[name] = self.workers.get(name) or self._start(name)
        timer = Timer(PATIENCE, worker.process.kill)
        timer.start()
        try:
            return question(worker)
        except ContenderError as error:
            print(f"  {name}: left out ({error})", flush=True)
            self.workers[name] = None
            return None
        finally:
            timer.cancel()

    def close(self) -> None:
        """End them all."""
        for worker in filter(None, self.workers.values()):
            worker.close()

    @staticmethod
    def _start(name: str) -> Worker:
        return Worker(*CONTENDERS[name], os.cpu_count() or 1)


def measure(crew: Crew, workload: Workload, names: list[str], rounds: int) -> dict[str, list[dict]]:
    """The rounds of each contender, beginning with that of `CHECK`; those that fail are left out."""
    results: dict[str, list[dict]] = {}
    for name in names:
        began = time.perf_counter()
        if not crew.ask(name, lambda worker: worker.prepare(workload)):
            continue
        if first := crew.ask(name, lambda worker: worker.run(CHECK)):
            results[name] = [first]
            print(f"  {name}: ready after {time.perf_counter() - began:.1f} s", flush=True)
    for number in range(1, rounds + 1):
        for name in list(results):
            if name == WHOLE_FIT and number > 1:
                continue
            if answer := crew.ask(name, lambda worker, number=number: worker.run(number)):
                results[name].append(answer)
            else:
                del results[name]
    return results


def markdown(workload: Workload, results: dict[str, list[dict]]) -> str:
    """A table of times, ratios, and how far the weights after the same steps are from the hand-written scan's."""
    lines = [
        f"\n### {workload.title}, {workload.precision} products",
        "\n| contender | median of a step | fastest – slowest | deltaprop takes | weights differ by |",
        "|---|---|---|---|---|",
    ]
    w0 = workload.weights()[0][:8]
    timed = {name: rounds[1:] for name, rounds in results.items()}
    for name, rounds in timed.items():
        times = [r["seconds"] for r in rounds]
        both = OURS in timed and name not in (OURS, WHOLE_FIT)
        ratio = f"{median(ratios(timed, name)):.2f} ×" if both else ""
        change = ""
        if SCAN in results:
            w, other = (np.array(results[n][0]["w"]) for n in (name, SCAN))
            change = f"{np.linalg.norm(w - other) / np.linalg.norm(other - w0):.1e} of their change"
        spread = f"{duration(min(times))} – {duration(max(times))}"
        lines.append(f"| {name} | {duration(median(times))} | {spread} | {ratio} | {change} |")
    return "\n".join([*lines, "", *_verdicts(timed)])


def _verdicts(timed: dict[str, list[dict]]) -> Iterator[str]:
    for prefix, target in TARGETS.items():
        peers = [name for name in timed if name.startswith(prefix)]
        if OURS in timed and peers:
            fastest = min(peers, key=lambda name: median(r["seconds"] for r in timed[name]))
            found = median(ratios(timed, fastest))
            yield f"{'met' if found <= target else 'MISSED'}: {found:.2f} of {fastest}, at most {target}"


def profile(workload: Workload, folder: Path | None, kernels: int = 25) -> None:
    """Print where the time of deltaprop's step and of the scan goes, and write their optimized HLO."""
    flags = os.environ.get("XLA_FLAGS", "")
    for name in (OURS, SCAN):
        with tempfile.TemporaryDirectory() as dump:
            # The functions' names are those of engines/jax and of contenders/jax_.
            wanted = f"--xla_dump_to={dump} --xla_dump_hlo_as_text --xla_dump_hlo_module_re=jit_(train|steps)"
            os.environ["XLA_FLAGS"] = f"{flags} {wanted}"
            crew = Crew([name])
            os.environ["XLA_FLAGS"] = flags
            questions = (lambda w: w.prepare(workload), lambda w: w.run(CHECK), lambda w: w.run(PROFILE))
            *_, answer = (crew.ask(name, question) for question in questions)
            crew.close()
            texts = sorted(Path(dump).glob("*after_optimizations.txt"), key=lambda path: path.stat().st_size)
            if answer:
                print(
                    f"\n#### {name}, {workload.title}: {duration(answer['seconds'])} a step while profiled\n"
                )
                _print_kernels(answer["kernels"], (1 + workload.epochs) * workload.steps, kernels)
            if texts:
                text = texts[-1].read_text()
                found = Counter(re.findall(r"^ +(?:ROOT )?%?\S+ = .*? ([a-z][a-z-]*)\(", text, re.MULTILINE))
                print("  " + ", ".join(f"{n} {operation}" for operation, n in found.most_common(15)))
            if texts and folder is not None:
                label = re.sub(r"[^A-Za-z0-9]+", "-", f"{name} {workload.title}")
                shutil.copy(texts[-1], folder / f"{label}.hlo.txt")


def _print_kernels(found: list[tuple[str, int, float]], steps: int, most: int) -> None:
    for kernel, calls, seconds in found[:most]:
        print(f"  {duration(seconds / steps):>8} a step, {calls / steps:.2f} calls: {kernel[:110]}")
    print(f"  {duration(sum(seconds for _, _, seconds in found) / steps):>8} a step in all")


def card() -> str:
    """The GPU and its driver, as nvidia-smi says."""
    if shutil.which("nvidia-smi") is None:
        return "no nvidia-smi: no GPU of NVIDIA's"
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    return subprocess.run(query, capture_output=True, text=True).stdout.strip()


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, compare, measure, print a table after each part."""
    parser = Parser("benchmarks.gpu", __doc__)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--seconds", type=count, default=330, help="after which no further part begins")
    parser.add_argument("--profile", action="store_true", help="print and write where the time goes")
    parser.add_argument("--autotune", action="store_true", help=f"with {AUTOTUNED}")
    parser.add_argument("--quick", action="store_true", help="small networks, to try this without a GPU")
    parser.add_argument("--out", type=output, help="write every round's times there")
    options = parser.parse_args(arguments)
    require("jax", "torch")
    began = time.perf_counter()
    os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.12")  # of each of several processes
    report: dict = {"card": card(), "about": machine(), "workloads": {}}
    print(f"{report['card']}; {head(report['about'])}", flush=True)

    crew = Crew([name for name in CONTENDERS if options.autotune or name != AUTOTUNED])
    equal = [sys.executable, "-m", "benchmarks.equal_engines", *["--quick"] * options.quick]
    parts = [lambda: subprocess.run(equal, cwd=ROOT, timeout=PATIENCE)]

    def table(workload):
        names = [n for n in crew.workers if n != WHOLE_FIT or workload.precision == "float32"]
        results = measure(crew, workload, names, options.rounds)
        report["workloads"][f"{workload.title}, {workload.precision}"] = results
        print(markdown(workload, results))
        if options.out:
            options.out.write_text(json.dumps(report, indent=1) + "\n")

    todo = workloads(options.quick)
    parts += [lambda w=w: table(w) for w in todo]
    if options.profile:
        folder = options.out.parent if options.out else None
        parts[4:4] = [lambda w=w: profile(w, folder) for w in todo[:2]]
    for number, part in enumerate(parts):
        if (spent := time.perf_counter() - began) > options.seconds:
            print(f"\n{len(parts) - number} parts are left out: {spent:.0f} s are over.")
            break
        try:
            part()
        except Exception as error:  # the next part may do better
            print(f"{type(error).__name__}: {error}")
        print(f"({time.perf_counter() - began:.0f} s)", flush=True)
    crew.close()


if __name__ == "__main__":
    main()
