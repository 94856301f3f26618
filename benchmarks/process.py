"""Contenders in processes of their own, which answer line by line: no library's threads disturb another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .workloads import Workload

ROOT = Path(__file__).parents[1]


class Worker:
    """A contender's process, `benchmarks.worker`.

    Parameters
    ----------
    module, variant : str
        The contender: see `benchmarks.contenders`.
    threads : int
    level : str, optional
        The instruction set of deltaprop's core; by default what the environment says.
    """

    def __init__(self, module: str, variant: str, threads: int, level: str | None = None):
        command = [sys.executable, "-m", "benchmarks.worker", module, variant, str(threads)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment = _environment(threads, level)
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)

    def prepare(self, workload: Workload | str) -> bool:
        """Get a workload ready, or a task of `contenders.estimators`; False if the contender takes no part in it."""
        return self._ask(workload if isinstance(workload, str) else asdict(workload))

    def run(self, number: int) -> dict:
        """One round."""
        return self._ask(number)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()

    def _ask(self, question: Any) -> Any:
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and said why
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().strip().splitlines()
            raise RuntimeError(said[-1] if said else f"ended with status {self.process.wait()}")
        return json.loads(line)


def _environment(threads: int, level: str | None) -> dict[str, str]:
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    chosen = {} if level is None else {"DELTAPROP_CPU": level}
    return os.environ | dict.fromkeys(limits, str(threads)) | chosen
