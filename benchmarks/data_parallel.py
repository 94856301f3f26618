"""What data parallelism costs: a model of the time of a step, against 1, 2 and 4 processes on this machine.

    python -m benchmarks.data_parallel [--rounds 5] [--step 784-256-128-10:1024] [--json FILE] [--picture FILE.svg]

    t(p) = compute(b/p) + the sums of the gradients over p processes

The first term is what one process takes for a batch of b/p, measured; the second is that of `benchmarks.all_reduce`,
whose latency and bandwidth are fitted to the times of sums alone, over two processes. The table compares the model with
steps of 2 and 4 processes, to none of which it was fitted. Each process is kept on one core. Processes that share a
core take turns: with twice as many as cores, the first term counts twice.

``--picture`` draws what the model predicts for 8 to 1024 machines, each as fast as one of the cores here, whose network
has the bandwidth and the latency of `NETWORKS`. This is a prediction: no such machines were measured. Linux only.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .all_reduce import Link, case
from .machine import head, machine
from .options import Parser, command, count, output, picture, require
from .process import ROOT, ContenderError
from .table import duration
from .workloads import Workload

#: What is measured where nothing is chosen.
STEPS = [f"784-256-128-10:{b}" for b in (256, 1024)] + [f"1024-1024-1024-1024-10:{b}" for b in (128, 512)]

PROCESSES = (2, 4)
MACHINES = 2 ** np.arange(3, 11)

#: The latency is assumed: some tens of microseconds are common for TCP between machines of one room.
NETWORKS = {f"{gigabits} Gbit/s": Link(25e-6, gigabits * 1e9 / 8) for gigabits in (10, 100)}


def messages(workload: Workload) -> list[int]:
    """Bytes of each sum of a step: the gradient of each array of weights in float32, and the loss in float64.

    XLA makes one operation of those of the gradient; on a CPU Gloo is called for each array all the same.
    """
    return [4 * size for n, m in pairwise(workload.sizes) for size in (n * m, m)] + [8]


def communication(sizes: Iterable[int], p: int, link: Link) -> float:
    """Seconds of the sums of a step over p processes."""
    return sum(link.all_reduce(size, p) for size in sizes)


def measure(p: int, steps: Iterable[str], rounds: int) -> dict:
    """What `benchmarks.all_reduce` finds with p processes on this machine, each on one core."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        shared = [sys.executable, "-m", "benchmarks.all_reduce", f"--rounds={rounds}", f"--json={found}"]
        shared += [
            f"--coordinator=127.0.0.1:{port}",
            f"--processes={p}",
            *(f"--step={step}" for step in steps),
        ]
        processes = [
            subprocess.Popen(
                [*shared, f"--process-id={i}", f"--core={cores[i % len(cores)]}"],
                cwd=ROOT,
                env=os.environ | {"JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1"},
                stdout=subprocess.DEVNULL,
            )
            for i in range(p)
        ]
        ends = [process.wait() for process in processes]
        if any(ends):
            raise ContenderError(f"one of {p} processes failed; its message is above")
        return json.loads(found.read_text())


def alone(workload: Workload, p: int) -> str:
    """The step of one process that is to p processes' step of the workload what each of them computes."""
    return f"{workload.name.split(':')[0]}:{workload.batch // p}"


def compare(workloads: Sequence[Workload], found: dict[int, dict], link: Link, cores: int) -> list[dict]:
    """A row for each step of several processes: measured, and by the model."""
    rows = []
    for w in workloads:
        for p in PROCESSES:
            compute = found[1]["steps"][alone(w, p)] * -(-p // cores)
            rows.append(
                {"network": w.name.split(":")[0], "batch": w.batch, "processes": p}
                | {"seconds": found[p]["steps"][w.name], "compute": compute}
                | {"communication": communication(messages(w), p, link)}
            )
    return rows


def markdown(rows: Sequence[dict]) -> str:
    """The table of `compare`."""
    titles = ["network", "batch", "processes", "a step: measured", "predicted", "ratio"]
    titles += ["its sums: step less compute", "predicted"]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for row in rows:
        predicted = row["compute"] + row["communication"]
        cells = [
            row["network"],
            row["batch"],
            row["processes"],
            duration(row["seconds"]),
            duration(predicted),
        ]
        rest = row["seconds"] - row["compute"]  # below 0 where the compute alone was measured too long
        cells += [f"{row['seconds'] / predicted:.2f}", duration(rest) if rest > 0 else "–"]
        lines.append("| " + " | ".join(map(str, [*cells, duration(row["communication"])])) + " |")
    return "\n".join(lines)


def compute_line(steps: dict[str, float], network: str) -> tuple[float, float]:
    """Seconds of a step of one process for no sample, and for each one more: the least squares of relative errors."""
    times = {int(step.split(":")[1]): s for step, s in steps.items() if step.split(":")[0] == network}
    batches, seconds = np.array(list(times), float), np.array(list(times.values()))
    terms = np.stack([np.ones_like(batches), batches], axis=1) / seconds[:, None]
    fixed, each = np.linalg.lstsq(terms, np.ones_like(seconds))[0]
    return max(float(fixed), 0.0), float(each)


def speed_up(line: tuple[float, float], sizes: Sequence[int], batch: float, p: int, link: Link) -> float:
    """Samples a second of p machines that share a batch, over those of one machine with all of it."""
    fixed, each = line
    return (fixed + each * batch) / (fixed + each * batch / p + communication(sizes, p, link))


def predict(networks: Iterable[str], steps: dict[str, float]) -> dict[str, dict[str, list[float]]]:
    """Speed-ups for `MACHINES`: network → curve → values. A batch is kept, or grows with the number of machines."""
    curves: dict[str, dict[str, list[float]]] = {}
    for network in networks:
        line, sizes = compute_line(steps, network), messages(case(f"{network}:1"))
        curves[network] = {}
        for speed, link in NETWORKS.items():
            kept = [speed_up(line, sizes, 8192, p, link) for p in MACHINES.tolist()]
            one = line[0] + 1024 * line[1]
            grown = [p * one / (one + communication(sizes, p, link)) for p in MACHINES.tolist()]
            curves[network] |= {
                f"{speed}, 1024 samples a machine": grown,
                f"{speed}, 8192 samples in all": kept,
            }
    return curves


def draw(curves: dict[str, dict[str, list[float]]]) -> Figure:
    """The predicted speed-ups, a panel for each network."""
    figure = Figure(figsize=(5.2 * len(curves), 4.6), layout="constrained")
    figure.suptitle("Predicted, not measured: speed-up by data parallelism")
    for axes, (network, of_network) in zip(
        np.atleast_1d(figure.subplots(1, len(curves), sharey=True)), curves.items(), strict=True
    ):
        axes.plot(MACHINES, MACHINES, color="0.6", linestyle=":", label="as many times as machines")
        for i, (name, values) in enumerate(of_network.items()):
            axes.plot(
                MACHINES,
                values,
                f"C{i // 2}",
                linestyle=("-", "--")[i % 2],
                marker="o",
                markersize=3,
                label=name,
            )
        axes.set(title=network, xlabel="machines", xscale="log", yscale="log")
        axes.set_xticks(MACHINES, MACHINES, minor=False)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("speed-up over one machine")
    figure.axes[0].legend(fontsize=8)
    return figure


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, measure, print the tables, draw."""
    parser = Parser("benchmarks.data_parallel", __doc__)
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--step", type=case, action="append", help=f"default: {', '.join(STEPS)}")
    parser.add_argument("--json", type=output, help="write all times there")
    parser.add_argument("--picture", type=picture, help="draw the prediction there, as .png or .svg")
    options = parser.parse_args(arguments)
    workloads = options.step or [case(step) for step in STEPS]
    for w in workloads:
        if w.batch % max(PROCESSES):
            parser.error(f"--step {w.name}: the batch is not a multiple of {max(PROCESSES)}")
    if not hasattr(os, "sched_setaffinity"):
        parser.error("this system does not keep a process on a core; use Linux")
    require("jax")
    about, cores = machine(), len(os.sched_getaffinity(0))
    print(head(about), flush=True)
    names = [w.name for w in workloads]
    single = dict.fromkeys([*names, *(alone(w, p) for w in workloads for p in PROCESSES)])
    found = {p: measure(p, names if p > 1 else single, options.rounds) for p in (1, *PROCESSES)}
    link = Link(**found[2]["link"])
    print(
        f"fitted to sums over 2 processes: latency {duration(link.latency)}, {link.bandwidth / 1e9:.3g} GB/s\n"
    )
    print(
        "| bytes of a sum | " + " | ".join(f"{p} processes: measured | predicted" for p in PROCESSES) + " |"
    )
    print("|---" * (1 + 2 * len(PROCESSES)) + "|")
    for size in found[2]["sums"]:
        pairs = [(found[p]["sums"][size], link.all_reduce(int(size), p)) for p in PROCESSES]
        print(f"| {size} | " + " | ".join(duration(s) for pair in pairs for s in pair) + " |")
    print(f"\n{markdown(compare(workloads, found, link, cores))}\n")
    for step, seconds in found[1]["steps"].items():
        print(f"one process, {step}: {duration(seconds)}")
    curves = predict(dict.fromkeys(w.name.split(":")[0] for w in workloads), found[1]["steps"])
    if options.json:
        report = {"about": about, "found": found, "predicted": curves}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.picture:
        draw(curves).savefig(options.picture, dpi=110)


if __name__ == "__main__":
    main()
