"""Tasks in parallel by joblib, whatever its backend; a process that dies ends no more than its own trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, cast

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError
from joblib.parallel import get_active_backend

from .trial import Task, Trial


def run(tasks: Sequence[Task], jobs: int | None) -> Iterator[Trial]:
    """Each trial as soon as it is finished, in any order.

    Where a process of loky dies (killed, or out of memory), its executor ends, and the trials that were under way are
    lost. They are repeated one by one, which shows the one that is to blame: it is a failed trial.
    """
    left = {task.key: task for task in tasks}
    while left:
        begun: list[Task] = []
        try:
            for trial in _parallel(_noted(list(left.values()), begun), jobs):
                del left[trial.combination, trial.seed]
                yield trial
        except TerminatedWorkerError:
            for task in [task for task in begun if task.key in left]:
                yield _alone(task)
                del left[task.key]


def _parallel(tasks: Iterable[Task], jobs: int | None) -> Iterator[Trial]:
    """Each trial when it is done; or as many at a time as run at once, where the backend returns lists only."""
    calls = (delayed(_make)(task) for task in tasks)
    options: dict[str, Any] = {"batch_size": 1}
    backend: Any = get_active_backend()[0]
    if backend.supports_return_generator:
        options["return_as"] = "generator_unordered"
        yield from cast(Iterator[Trial], Parallel(jobs, **options)(calls))
    else:
        with Parallel(jobs, **options) as parallel:
            while group := list(islice(calls, backend.effective_n_jobs(parallel.n_jobs))):
                yield from cast(list[Trial], parallel(group))


def _make(task: Task) -> Trial:  # a function, because joblib's backend of Dask hashes it
    return task()


def _noted(tasks: Sequence[Task], begun: list[Task]) -> Iterator[Task]:
    """The tasks; each is noted in `begun` when it is taken."""
    for task in tasks:
        begun.append(task)
        yield task


def _alone(task: Task) -> Trial:
    """A trial with no other at the same time, in a process that may die."""
    try:
        (trial,) = _parallel([task], 2)
    except TerminatedWorkerError:
        return task.failed("its process died: killed, or out of memory")
    return trial
