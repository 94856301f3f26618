"""Train MNIST 784-256-128-10 with several processes through the command line, and look at the test accuracy.

    python tests/train_on_four_processes.py

Exit status 0: at least 97.8 %.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import launched

from deltaprop.commands.folder import RunFolder

WANTED = 0.978


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("options", nargs="*", help="further options of deltaprop train, after --")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "run")
        began = time.perf_counter()
        options = ["--recipe", "mnist_98", "--layers", "256,128", *arguments.options]
        processes = launched.start(arguments.processes, "mnist", *options, "--out", folder)
        ends = launched.end(processes)
        seconds = time.perf_counter() - began
        print(ends[0][1])
        for i, (status, out, errors) in enumerate(ends):
            print(
                f"process {i}: exit status {status}, {len(out)} characters on standard output; {errors.strip()}"
            )
        if any(status for status, _, _ in ends):
            return 1
        score = RunFolder(folder).read_model()[1].scores["test"].score
    print(
        f"{arguments.processes} processes: test accuracy {score:.2%} in {seconds:.0f} s, start and report included"
    )
    return int(score < WANTED)


if __name__ == "__main__":
    sys.exit(main())
