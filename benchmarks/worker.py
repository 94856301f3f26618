"""One contender in a process of its own: told to prepare a workload or to run a round, it answers."""

from __future__ import annotations

import importlib
import json
import os
import sys


def main() -> None:
    """Arguments: module, variant, threads. Workloads and rounds come by standard input, answers by standard output."""
    module, variant, threads = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes elsewhere
    if hasattr(os, "sched_setaffinity"):  # the one limit of threads that every library respects
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    from .workloads import Workload

    contender = importlib.import_module(f"benchmarks.contenders.{module}")
    run = None
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, int):
            seconds, extra = run(asked)
            answer = {"seconds": seconds, **extra}
        else:
            workload = Workload(**asked) if isinstance(asked, dict) else asked
            run = contender.prepare(workload, variant, int(threads))
            answer = run is not None
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main()
