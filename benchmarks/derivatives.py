"""Times of derivatives of a whole batch, in both engines.

    python -m benchmarks.derivatives [--rounds 50] [--threads 2]

`sample_vjp` is the gradient of each sample's own output, `gauss_newton_vp` the Gauss–Newton product; the others are
methods of `Network`. Each round calls everything once, in turn; shown is the fastest of the rounds, since other jobs on
the machine only ever add to it. ``DELTAPROP_CPU`` selects the core's instruction set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from deltaprop import Dense, Network
from deltaprop.engines import Evaluator, evaluator

from .machine import head, machine
from .options import Parser, command, count
from .table import duration

#: Units of each layer, samples, loss, activation, dtype.
CASES = [
    ((2, 20, 20, 1), 1000, "squared_error", "tanh", "float64"),
    ((10, 50, 50, 1), 5000, "squared_error", "tanh", "float64"),
    ((784, 128, 10), 1000, "softmax_cross_entropy", "relu", "float32"),
]

#: Seconds after a call of the NumPy engine, whose BLAS keeps the cores busy for a while.
REST = 0.02


def products(
    sizes: Sequence[int], n: int, loss: str, activation: str, dtype: str, engine: str, threads: int
) -> dict[str, Callable[[], object]]:
    """The derivatives by name, ready to be called."""
    hidden = [piece for units in sizes[1:-1] for piece in (Dense(units), activation)]
    net = Network([*hidden, Dense(sizes[-1])], sizes[0], loss, dtype=dtype)
    rng = np.random.default_rng(0)
    x, v = (rng.standard_normal(shape).astype(dtype) for shape in ((n, sizes[0]), net.theta.size))
    t = net.encode(rng.integers(0, sizes[-1], n) if sizes[-1] > 1 else rng.standard_normal((n, 1)))
    d_z = np.eye(1, sizes[-1], dtype=dtype).repeat(n, axis=0)
    e = Evaluator(net) if engine == "numpy" else evaluator(net, engine, threads)
    calls: dict[str, Callable[[], object]] = {
        "gradient": lambda: e.gradient(x, t),
        "jvp": lambda: e.jvp(x, v),
        "vjp": lambda: e.vjp(x, d_z),
        "hvp": lambda: e.hvp(x, t, v),
        "gauss_newton_vp": lambda: e.gauss_newton_vp(x, t, v),
    }
    if n * net.theta.size <= 1 << 20:
        out = np.empty((n, net.theta.size), dtype)
        calls["sample_vjp"] = lambda: e.sample_vjp(x, d_z, out)
    return calls


def measure(case: tuple, rounds: int, threads: int) -> list[str]:
    """The rows of a table: a product in both engines."""
    times: dict[tuple[str, str], list[float]] = {}
    calls = {engine: products(*case, engine, threads) for engine in ("numpy", "native")}
    for _ in range(rounds + 1):
        for engine, named in calls.items():
            for name, call in named.items():
                began = time.perf_counter()
                call()
                times.setdefault((engine, name), []).append(time.perf_counter() - began)
                time.sleep(REST if engine == "numpy" else 0)
    fastest = {key: min(seen[1:]) for key, seen in times.items()}  # the first call allocates
    sizes, n, _, _, dtype = case
    title, rows = f"{'-'.join(map(str, sizes))}, {n} samples, {dtype}", []
    for name in calls["native"]:
        theirs, ours = fastest["numpy", name], fastest["native", name]
        of_gradient = ours / fastest["native", "gradient"]
        cells = [
            title,
            name,
            duration(theirs),
            duration(ours),
            f"**{ours / theirs:.2g} ×**",
            f"{of_gradient:.2f} ×",
        ]
        rows.append("| " + " | ".join(cells) + " |")
        title = ""
    return rows


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, time, print."""
    parser = Parser("benchmarks.derivatives", __doc__)
    parser.add_argument("--rounds", type=count, default=50, help="rounds in which everything is called once")
    parser.add_argument("--threads", type=count, default=2, help="of the compiled core")
    options = parser.parse_args(arguments)
    print(head(machine(options.threads)))
    print("| network | | NumPy engine | native engine | takes | gradients of the native engine |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        print("\n".join(measure(case, options.rounds, options.threads)), flush=True)


if __name__ == "__main__":
    main()
