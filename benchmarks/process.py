"""Contenders in processes of their own, which answer line by line: no library's threads disturb another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


class Worker:
    """A contender's process, `benchmarks.worker`.

    Parameters
    ----------
    module, variant : str
        The contender: see `benchmarks.contenders`.
    workload : str
    threads : int
    """

    def __init__(self, module: str, variant: str, workload: str, threads: int):
        command = [sys.executable, "-m", "benchmarks.worker", module, variant, workload, str(threads)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(command, cwd=ROOT, env=_environment(threads), text=True, **pipes)

    def answer(self) -> Any:
        """What the process says next."""
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().strip().splitlines()
            raise RuntimeError(said[-1] if said else f"ended with status {self.process.wait()}")
        return json.loads(line)

    def run(self, number: int) -> dict:
        """One round."""
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def _environment(threads: int) -> dict[str, str]:
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return os.environ | dict.fromkeys(limits, str(threads))
