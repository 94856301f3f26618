"""Latency and bandwidth of the network between processes, from the time of sums over all devices.

    python -m benchmarks.all_reduce --coordinator HOST:PORT --processes N --process-id I [--step 784-256-128-10:1024]

To be started once in each process; under a launcher that JAX recognises, without the three options. Process 0 prints.
A sum of B bytes over p devices in a ring passes 2 (p − 1) messages of B/p bytes after each other; latency and bandwidth
are fitted to the times of sums of several sizes. ``--step`` times training steps of the JAX engine too, of the network
and the batch size given, on all devices together.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from time import perf_counter

import numpy as np

from deltaprop import distributed

from .machine import head, machine
from .options import Parser, command, count, output, require
from .table import duration
from .workloads import Workload

#: Numbers, float32, in the sums that are timed, and how many are timed in a row.
SIZES = {1 << k: 200 if k < 16 else 20 for k in range(2, 23, 4)}


#: Seconds of steps in a round, at least.
ROUND = 0.1


@dataclass(frozen=True)
class Link:
    """What connects the processes: seconds until a message arrives, and bytes a second."""

    latency: float
    bandwidth: float

    def all_reduce(self, size: float, p: int) -> float:
        """Seconds of a sum of `size` bytes over p devices in a ring: 2 (p − 1) (latency + size / (p bandwidth))."""
        return 2 * (p - 1) * (self.latency + size / (p * self.bandwidth))

    @classmethod
    def fit(cls, seconds: dict[int, float], p: int) -> Link:
        """The link whose sums, bytes → seconds, have the least squares of relative errors."""
        sizes, times = (np.array(list(values), float) for values in (seconds, seconds.values()))
        terms = 2 * (p - 1) * np.stack([np.ones_like(sizes), sizes / p], axis=1)
        latency, per_byte = np.linalg.lstsq(terms / times[:, None], np.ones_like(times))[0]
        return cls(float(latency), float(1 / per_byte))


def case(text: str) -> Workload:
    """A network and a batch size, as 784-256-128-10:1024."""
    try:
        layers, batch = text.split(":")
        sizes = tuple(count(units) for units in layers.split("-"))
        size = count(batch)
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 784-256-128-10:1024") from None
    return Workload(name=text, title=text, sizes=sizes, batch=size, samples=4 * size, epochs=1)


def sum_seconds(size: int, repeats: int, rounds: int) -> float:
    """Seconds of a sum of `size` float32 over all devices, the fastest of the rounds."""
    import jax
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    p = jax.device_count()
    by_device = PartitionSpec("devices")
    mesh = Mesh(np.array(jax.devices()), ("devices",))

    def sums(v):
        return jax.lax.fori_loop(0, repeats, lambda _, v: jax.lax.psum(v, "devices") / p, v)

    run = jax.jit(jax.shard_map(sums, mesh=mesh, in_specs=by_device, out_specs=by_device, check_vma=False))
    ones = np.ones((1, size), np.float32)
    v = jax.make_array_from_callback((p, size), NamedSharding(mesh, by_device), lambda _: ones)
    return _fastest(lambda: run(v).block_until_ready(), rounds) / repeats


def step_seconds(workload: Workload, rounds: int) -> float:
    """Seconds of a training step of the JAX engine, the fastest of the rounds."""
    from deltaprop import engines, optimizers

    x, t = workload.data()
    net, rule = workload.network(), optimizers.Adam(workload.rate)
    engine = engines.select("jax", net, rule)(net, x, t, None, rule, workload.batch)
    order = np.random.default_rng(0).permutation(workload.samples)

    def seconds(epochs, rounds):
        orders = np.stack([order] * epochs)
        return _fastest(lambda: engine.run_epochs(orders, 0, 1.0, None), rounds) / (epochs * workload.steps)

    enough = ceil(ROUND / (workload.steps * seconds(2, 1)))
    return seconds(distributed.agree(max(enough, 2)), rounds)


def _fastest(run, rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        began = perf_counter()
        run()
        times.append(perf_counter() - began)
    return min(times)


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, measure, print in process 0."""
    parser = Parser("benchmarks.all_reduce", __doc__)
    parser.add_argument("--coordinator", help="HOST:PORT of process 0")
    parser.add_argument("--processes", type=int)
    parser.add_argument("--process-id", type=int)
    parser.add_argument("--core", type=int, help="the only core to use")
    parser.add_argument("--step", type=case, action="append", default=[], help="e.g. 784-256-128-10:1024")
    parser.add_argument("--rounds", type=count, default=5)
    parser.add_argument("--json", type=output, help="process 0 writes the times there")
    options = parser.parse_args(arguments)
    require("jax")
    if options.core is not None:
        os.sched_setaffinity(0, [options.core])  # before JAX makes its threads
    distributed.start(options.coordinator, options.processes, options.process_id)
    import jax

    p = jax.device_count()
    sums = {4 * n: sum_seconds(n, repeats, options.rounds) for n, repeats in SIZES.items() if p > 1}
    steps = {w.name: step_seconds(w, options.rounds) for w in options.step}
    link = Link.fit(sums, p) if sums else None
    if distributed.index() == 0:
        print(
            f"{distributed.count()} processes, {p} devices ({jax.devices()[0].device_kind}); {head(machine())}"
        )
        for size, seconds in sums.items():
            print(
                f"a sum of {size:>9} bytes: {duration(seconds):>8}, fitted {duration(link.all_reduce(size, p)):>8}"
            )
        if link:
            print(f"latency {duration(link.latency)}, bandwidth {link.bandwidth / 1e9:.3g} GB/s")
        for name, seconds in steps.items():
            print(f"a step of {name}: {duration(seconds)}")
        if options.json:
            found = {"devices": p, "sums": sums, "link": link and asdict(link), "steps": steps}
            options.json.write_text(json.dumps(found, indent=1) + "\n")
    distributed.stop()


if __name__ == "__main__":
    main()
