"""A training step over batch sizes and widths: deltaprop's time over JAX's and over PyTorch's.

    python -m benchmarks.map [--dtype float64] [--widths 8 64] [--batches 16 128] [--only-cells 128x256 …]
                             [--rounds 5] [--threads 2] [--json FILE] [--picture FILE] [--read FILE]

A cell is a network of `width` inputs, two hidden layers of `width` ReLU units and 10 outputs, trained by Adam on
standard normal inputs. Every contender runs in a process of its own, and they take turns; of PyTorch's two optimizers
the faster counts, cell by cell. ``DELTAPROP_CPU`` selects the core's instruction set. ``--read`` shows what ``--json``
has written instead of measuring.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import median

from .contenders import CONTENDERS
from .machine import head, machine
from .options import Parser, command, count, output, picture, require
from .process import Worker
from .table import OURS, duration, ratios
from .workloads import Workload

DTYPES = ("float32", "float64")
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS = (8, 16, 32, 64, 128, 256, 512, 1024)

#: The peers, each with the contenders of which the faster counts.
PEERS = {"JAX": ("JAX",), "PyTorch": ("PyTorch", "PyTorch, fused optimizer")}


def cell(batch: int, width: int, dtype: str) -> Workload:
    """The workload of one cell; an epoch has at least 1024 samples, and 16 to 256 steps, fewer the larger they are."""
    steps = max(16, 1024 // batch, min(256, 4 * 10**9 // (12 * batch * width**2)))
    return Workload(
        name=f"{batch}x{width}",
        title=f"batch {batch}, width {width}",
        sizes=(width, width, width, 10),
        batch=batch,
        samples=steps * batch,
        epochs=0,
        dtype=dtype,
    )


def measure(cells: list[tuple[int, int]], dtype: str, rounds: int, threads: int) -> list[dict]:
    """Seconds a step of every contender in every round, cell by cell."""
    names = [OURS, *(name for variants in PEERS.values() for name in variants)]
    workers = {name: Worker(*CONTENDERS[name], threads) for name in names}
    measured = []
    for number, (batch, width) in enumerate(cells):
        for worker in workers.values():
            worker.prepare(cell(batch, width, dtype))
        results: dict[str, list[dict]] = {name: [] for name in workers}
        for k in range(rounds):
            for name, worker in workers.items():
                results[name].append(worker.run(k))
        measured.append({"batch": batch, "width": width, "results": results})
        times = ", ".join(f"{n} {duration(median(r['seconds'] for r in rs))}" for n, rs in results.items())
        print(f"{number + 1} of {len(cells)}: {batch} x {width}: {times}", file=sys.stderr)
    for worker in workers.values():
        worker.close()
    return measured


def ratio(results: dict[str, list[dict]], peer: str) -> float:
    """deltaprop's time over that of the peer's faster variant: the median of the rounds."""
    faster = min(PEERS[peer], key=lambda name: median(r["seconds"] for r in results[name]))
    return median(ratios(results, faster))


def maps(report: dict) -> dict[str, dict[tuple[int, int], float]]:
    """Peer → (batch, width) → ratio."""
    return {
        peer: {(c["batch"], c["width"]): ratio(c["results"], peer) for c in report["cells"]} for peer in PEERS
    }


def markdown(peer: str, found: dict[tuple[int, int], float]) -> str:
    """A table of ratios, bold where deltaprop is slower."""
    batches, widths = (sorted(set(values)) for values in zip(*found, strict=True))
    lines = [
        f"| deltaprop / {peer} | " + " | ".join(f"width {w}" for w in widths) + " |",
        "|---" * (len(widths) + 1) + "|",
    ]
    for batch in batches:
        values = [found.get((batch, width)) for width in widths]
        texts = ["" if v is None else f"**{v:.2f}**" if v > 1 else f"{v:.2f}" for v in values]
        lines.append(f"| batch {batch} | " + " | ".join(texts) + " |")
    worst = max(found, key=lambda at: found[at])
    slower = sum(v > 1 for v in found.values())
    at = f"batch {worst[0]}, width {worst[1]}"
    return "\n".join([*lines, "", f"Slower in {slower} of {len(found)}; highest: {found[worst]:.2f} ({at})."])


def _cell(text: str) -> tuple[int, int]:
    batch, times, width = text.partition("x")
    if not times:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form BATCHxWIDTH, such as 128x256")
    return count(batch), count(width)


def _report(text: str) -> dict:
    """What ``--json`` has written to a file."""
    try:
        report = json.loads(Path(text).read_bytes())
        head(report["about"])
        for peer, values in maps(report).items():
            markdown(peer, values)
        if report["dtype"] not in DTYPES:
            raise ValueError
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} was not written by --json") from None
    return report


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, measure or read, print the tables, draw."""
    parser = Parser("benchmarks.map", __doc__)
    parser.add_argument("--dtype", choices=DTYPES, default=DTYPES[0])
    parser.add_argument("--batches", type=count, nargs="+", default=BATCHES)
    parser.add_argument("--widths", type=count, nargs="+", default=WIDTHS)
    parser.add_argument("--only-cells", type=_cell, nargs="+", metavar="BATCHxWIDTH")
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--threads", type=count, default=2)
    parser.add_argument("--json", type=output, help="write every round's times there")
    parser.add_argument("--picture", type=picture, help="draw the ratios there, as PNG or SVG")
    parser.add_argument(
        "--read", type=_report, metavar="FILE", help="a file written by --json, to show instead of measuring"
    )
    options = parser.parse_args(arguments)
    if options.read:
        report = options.read
        print(head(report["about"]))
    else:
        require("jax", "torch")
        about = machine(options.threads)
        print(head(about), flush=True)
        cells = options.only_cells or list(product(options.batches, options.widths))
        measured = measure(cells, options.dtype, options.rounds, options.threads)
        report = {"about": about, "dtype": options.dtype, "cells": measured}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    found = maps(report)
    for peer, values in found.items():
        print(f"\n{markdown(peer, values)}")
    if options.picture:
        from .heatmap import draw

        title = f"Time of a training step, {report['dtype']}, {report['about']['instruction_set']}"
        draw(found, title).savefig(options.picture, dpi=110)


if __name__ == "__main__":
    main()
