"""One trial: a method on a split of a table, in a process of its own, with its losses on the test set and its time."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from . import metrics
from .catalog import catalog, load, split
from .methods import METHODS, predictions

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Trial:
    """A method on a split of a table.

    Attributes
    ----------
    method : str
        Of `methods.METHODS`.
    settings : dict
        Further arguments of the method.
    version : str
        Of its packages.
    table : str
    split : int
    """

    method: str
    version: str
    table: str
    split: int
    settings: dict[str, Any] = field(default_factory=dict)


def run(trials: list[Trial], jobs: int, seconds: float) -> Iterator[tuple[Trial, dict]]:
    """The results as they come; ``jobs`` at a time, each with one thread; ``{"error": …}`` if it failed."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    # Workers that are spawned read the variables above when they import; each forks a process for a trial, so that
    # no trial leaves anything behind and none pays for the imports.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(_in_a_process, trial, seconds): trial for trial in trials}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _in_a_process(trial: Trial, seconds: float) -> dict:
    METHODS[trial.method](catalog()[trial.table].task, 0, trial.settings)  # imports its packages
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(trial, sender))
    process.start()
    sender.close()
    try:
        return receiver.recv() if receiver.poll(seconds) else {"error": f"longer than {seconds:g} s"}
    except EOFError:
        return {"error": "its process ended"}
    finally:
        process.kill()
        process.join()


def _send(trial: Trial, sender: Any) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # packages that tell of every tree or epoch
    os.dup2(nowhere, 2)
    try:
        sender.send(measure(trial))
    except Exception as error:
        sender.send({"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"})


def measure(trial: Trial) -> dict:
    """Fit, predict the test set: scores, seconds of the processor and of the clock, losses of the test rows."""
    warnings.simplefilter("ignore")  # 200 epochs are seldom enough for scikit-learn's networks
    table = catalog()[trial.table]
    inputs, targets = load(table)
    training, test = split(table, targets, trial.split)
    model = METHODS[trial.method](table.task, trial.split, trial.settings)
    clock, processor = time.perf_counter(), _processor_seconds()
    model.fit(inputs.iloc[training], targets[training])
    fitted = time.perf_counter(), _processor_seconds()
    outputs = predictions(model, table.task, inputs.iloc[test])
    predicted = time.perf_counter(), _processor_seconds()
    seconds = {
        "fit_seconds": fitted[0] - clock,
        "fit_cpu_seconds": fitted[1] - processor,
        "predict_seconds": predicted[0] - fitted[0],
        "predict_cpu_seconds": predicted[1] - fitted[1],
    }
    losses = metrics.losses(table.task, outputs, targets[test])
    return {"scores": metrics.scores(table.task, outputs, targets[test]), **seconds, "losses": losses}


def _processor_seconds() -> float:
    """User and system time of all threads of this process and of the processes that it has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
