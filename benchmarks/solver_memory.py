"""The memory that Levenberg–Marquardt needs: 20,000 samples and 2000 weights.

    python -m benchmarks.solver_memory [--samples 20000] [--iterations 3]

The network 6-31-54-1 is trained in a process of its own, which tells the most memory that it has ever held, libraries
and data included, before and after the fit. The Jacobian alone would take 320 MB. ``DELTAPROP_CPU`` selects the core's
instruction set.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from .machine import head, machine
from .options import Parser, command, count
from .scaling import run

FIT = """
import json, resource, sys
import numpy as np
from deltaprop import Dense, Network
from deltaprop.solvers import LevenbergMarquardt

n, iterations = map(int, sys.argv[1:])
unit = 1e6 if sys.platform == "darwin" else 1e3
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (n, 6))
t = np.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] * x[:, 3] + x[:, 4]
net = Network([Dense(31), "tanh", Dense(54), "tanh", Dense(1)], inputs=6, dtype="float64")
net.fit(x[:100], t[:100], epochs=1, optimizer=LevenbergMarquardt(), progress=False)  # imports
before = peak()
solver = LevenbergMarquardt()
history = net.fit(x, t, epochs=iterations, optimizer=solver, progress=False)
print(json.dumps({
    "weights": net.theta.size,
    "before": before,
    "after": peak(),
    "estimate": solver.cost(net, n).memory / 1e6,
    "seconds": float(np.median(history["seconds"])),
}))
"""


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print."""
    parser = Parser("benchmarks.solver_memory", __doc__)
    parser.add_argument("--samples", type=count, default=20_000)
    parser.add_argument("--iterations", type=count, default=3)
    options = parser.parse_args(arguments)
    if sys.platform == "win32":
        parser.error("this system does not tell the memory that a process has held; use Linux or macOS")
    print(head(machine()), flush=True)
    found = json.loads(run(FIT, options.samples, options.iterations))
    print(f"{options.samples} samples, {found['weights']} weights: {found['seconds']:.3g} s an iteration")
    memory = f"at most {found['after']:.0f} MB, {found['before']:.0f} MB before the fit"
    print(f"{memory}; estimated for a step: {found['estimate']:.0f} MB")


if __name__ == "__main__":
    main()
