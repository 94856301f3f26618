"""Contenders in processes of their own, which answer line by line: no library's threads disturb another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .workloads import Workload

ROOT = Path(__file__).parents[1]


class ContenderError(RuntimeError):
    """A contender's process has ended; the message is the last line that it wrote to standard error."""


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
        # Not a pipe, which could fill up and block; `close` closes it.
        self.errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(threads, level),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )

    def prepare(self, workload: Workload | str) -> bool:
        """Get a workload ready, or a task of `contenders.estimators`; False if the contender takes no part in it."""
        return self._ask(workload if isinstance(workload, str) else asdict(workload))

    def run(self, number: int) -> dict:
        """One round."""
        return self._ask(number)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
        self.errors.close()

    def _ask(self, question: Any) -> Any:
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and said why
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            self.errors.seek(0)
            said = self.errors.read().strip().splitlines()
            raise ContenderError(said[-1] if said else f"ended with status {status}")
        return json.loads(line)


def _environment(threads: int, level: str | None) -> dict[str, str]:
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    chosen = {} if level is None else {"DELTAPROP_CPU": level}
    return os.environ | dict.fromkeys(limits, str(threads)) | chosen
