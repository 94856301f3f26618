"""One contender in a process of its own: told to run a round, it answers with a time."""

from __future__ import annotations

import importlib
import json
import os
import sys


def main() -> None:
    """Arguments: module, variant, workload, threads. Rounds come by standard input, answers go to standard output."""
    module, variant, workload, threads = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes elsewhere
    from .workloads import WORKLOADS

    contender = importlib.import_module(f"benchmarks.contenders.{module}")
    run = contender.prepare(WORKLOADS.get(workload, workload), variant, int(threads))
    print(json.dumps(run is not None), file=out, flush=True)
    if run is not None:
        for line in sys.stdin:
            seconds, extra = run(int(line))
            print(json.dumps({"seconds": seconds, **extra}), file=out, flush=True)


if __name__ == "__main__":
    main()
