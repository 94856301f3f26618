"""Whether cost grows with the number of samples only, and memory not at all.

    python -m benchmarks.scaling [--rounds 3] [--engine native]

Three tables of 10⁴, 10⁵ and 10⁶ samples of 50 numbers are fitted for as many epochs as make 2 · 10⁶ samples shown,
each in a process of its own that also tells how much memory the fit took beside its data. Then a memory-mapped file of
bytes is trained on for an epoch, twice as large as the memory that the process may allocate (the file's pages are not
counted: the system can take them back). ``DELTAPROP_CPU`` selects the core's instruction set. Linux only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from .machine import head, machine
from .options import Parser, command, count
from .process import ContenderError

SIZES = (10_000, 100_000, 1_000_000)
SHOWN = 2_000_000
LIMIT = 512 << 20  # bytes of memory for the fit from a file of twice the size

FIT = """
import json, sys, time
import numpy as np
from deltaprop import Dense, Network
from deltaprop.optimizers import Adam

n, epochs, engine = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(0)
x, t = rng.standard_normal((n, 50), dtype=np.float32), rng.integers(0, 4, n)
net = Network([Dense(64), "relu", Dense(32), "relu", Dense(4)], inputs=50, loss="softmax_cross_entropy")

def memory(name):
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith(name)).split()[1])

def fit(epochs):
    began = time.perf_counter()
    net.fit(x, t, epochs=epochs, batch_size=128, optimizer=Adam(), engine=engine)
    return time.perf_counter() - began

net.fit(x[:1280], t[:1280], epochs=2, batch_size=128, optimizer=Adam(), engine=engine)  # imports, caches
before = memory("VmRSS")
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
seconds = fit(epochs)
print(json.dumps({"seconds": seconds, "kilobytes": memory("VmHWM") - before}))
"""

MAPPED = """
import resource, sys
import numpy as np
from deltaprop import Dense, Network
from deltaprop.layers import Scale

limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
x = np.load(sys.argv[1], mmap_mode="r")
net = Network([Scale(1 / 255), Dense(16), "relu", Dense(2)], x.shape[1], "softmax_cross_entropy")
history = net.fit(x, np.arange(len(x)) % 2, epochs=1, batch_size=256, engine=sys.argv[3])
print(history.status)
"""


def run(program: str, *arguments: object) -> str:
    """What a Python process of its own prints."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if process.returncode:
        raise ContenderError(f"a fit ended with status {process.returncode}; its message is above")
    return process.stdout


def cost(engine: str, rounds: int) -> None:
    """Time a sample and memory, over the sizes."""
    results: dict[int, list[dict]] = {n: [] for n in SIZES}
    for _ in range(rounds):
        for n in SIZES:
            results[n].append(json.loads(run(FIT, n, SHOWN // n, engine)))
    print(
        f"{'samples':>9}  {'ns a sample':>11}  {'of the first':>12}  {'memory beside the data, indices apart':>40}"
    )
    first = median(r["seconds"] for r in results[SIZES[0]])
    for n in SIZES:
        seconds = median(r["seconds"] for r in results[n])
        indices = (
            16 * n / 1024
        )  # two int64 for each sample: which take part, and the order in which an epoch shows them
        beside = median(r["kilobytes"] for r in results[n]) - indices
        print(f"{n:>9}  {seconds / SHOWN * 1e9:>11.0f}  {seconds / first:>12.3f}  {beside:>37.0f} kB")


def mapped(engine: str) -> None:
    """A file larger than the memory that the process may have."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        rows = 2 * LIMIT // 1024
        x = np.lib.format.open_memmap(path, "w+", np.uint8, (rows, 1024))
        x[:, ::64] = np.random.default_rng(0).integers(0, 256, (rows, 16), np.uint8)
        x.flush()
        size = path.stat().st_size >> 20
        status = run(MAPPED, path, LIMIT, engine).strip()
        print(f"a mapped file of {size} MiB under a limit of {LIMIT >> 20} MiB: {status}")


@command
def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the line, run, print."""
    parser = Parser("benchmarks.scaling", __doc__)
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--engine", default="native", choices=("native", "numpy"))
    options = parser.parse_args(arguments)
    about = machine()
    if options.engine == "native" and about["instruction_set"] is None:
        parser.error("the compiled core is not installed; use --engine numpy")
    if not Path("/proc/self/clear_refs").exists():
        parser.error("this system does not tell the memory of a process in /proc; use Linux")
    print(head(about))
    cost(options.engine, options.rounds)
    mapped(options.engine)


if __name__ == "__main__":
    main()
