"""Kill one of four processes that train together with SIGKILL, at random moments; resume; compare.

    python tests/kill_and_resume_processes.py
    python tests/kill_and_resume_processes.py --signal INT

The run has dropout, batch normalization, early stopping, and checkpoints in the middle of epochs. Each time the others
must end by themselves within 60 s, and the run that four processes resume must end with the undisturbed one's weights,
bit for bit, and its history but for the seconds. With SIGINT, which is what Ctrl-C sends, all must end as
interrupted and say nothing on standard error. Exit status 0: always.
"""

import argparse
import csv
import random
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

import launched

from deltaprop import Network
from deltaprop.training import checkpoint

OPTIONS = ["digits", "--layers", "64", "--normalization", "batch", "--dropout", "0.2"]
OPTIONS += ["--batch-size", "32", "--patience", "8", "--checkpoint-seconds", "0.05"]
WITHIN = 60  # seconds


def begin(count, *arguments):
    """The processes, when they train: process 0 says so."""
    processes = launched.start(count, *arguments)
    processes[0].stdout.readline()
    return processes


def outcome(run):
    """The weights, running statistics, and the history without the seconds."""
    with (run / "history.csv").open(newline="") as file:
        rows = [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]
    network = Network.load(run / "model.safetensors")
    return network.theta.tobytes(), network.buffers.tobytes(), rows


def finish(processes):
    """Wait for processes that have to end well."""
    ends = launched.end(processes)
    if any(status for status, _, _ in ends):
        raise SystemExit(f"the run failed: {ends}")


def undisturbed(count, options, run):
    """The outcome of a run that is left alone, and the seconds that it trains."""
    processes = begin(count, *options, "--out", run)
    began = time.perf_counter()
    finish(processes)
    return outcome(run), time.perf_counter() - began


def disturbed(count, options, run, moment, victim, sent):
    """A run of which one process is sent a signal after that many seconds: (exit status, standard error) of the others.

    Also how long it took until all had ended; None if the run was over before.
    """
    processes = begin(count, *options, "--out", run)
    time.sleep(moment)
    if (run / "model.safetensors").exists():
        finish(processes)
        return None
    processes[victim].send_signal(sent)
    began = time.perf_counter()
    ends = launched.end(processes)
    seconds = time.perf_counter() - began
    return [(status, errors) for i, (status, _, errors) in enumerate(ends) if i != victim], seconds


def trial(count, options, folder, moment, victim, sent):
    """Disturb a run and resume it: its outcome, the others' ends, the seconds until then, and the checkpoint."""
    while (seen := disturbed(count, options, folder / f"{moment:.3f}", moment, victim, sent)) is None:
        moment *= 0.8  # the machine has become faster
    run = folder / f"{moment:.3f}"
    file = run / "checkpoint.safetensors"
    found = "none"
    if file.exists():
        facts = checkpoint.read(file).facts
        found = f"epoch {facts['epoch']}, sample {facts['position']}"
    finish(launched.start(count, "--resume", run))
    return outcome(run), *seen, found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--signal", choices=("KILL", "INT"), default="KILL")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw, count = random.Random(arguments.seed), arguments.processes
    options, sent = [*OPTIONS, "--epochs", arguments.epochs], signal.Signals[f"SIG{arguments.signal}"]
    with tempfile.TemporaryDirectory() as folder:
        whole, lasts = undisturbed(count, options, Path(folder, "run"))
    print(f"left alone: {lasts:.1f} s from its first line to its end", flush=True)
    good, slowest = 0, 0.0
    for number in range(1, arguments.kills + 1):
        moment, victim = draw.uniform(0, 0.8 * lasts), draw.randrange(count)
        with tempfile.TemporaryDirectory() as folder:
            result, others, seconds, found = trial(count, options, Path(folder), moment, victim, sent)
        died = f"deltaprop: process {victim} ({socket.gethostname()}) died: its connection ended.\n"
        said = set(others) == {(1, died) if sent == signal.SIGKILL else (130, "")}
        same, slowest = result == whole, max(slowest, seconds)
        good += same and said and seconds < WITHIN
        print(
            f"{number:3}  process {victim}, checkpoint: {found}; all ended within {seconds:.2f} s: {said=} {same=}",
            *[others] * (not said),
            flush=True,
        )
    print(f"{good} of {arguments.kills} as they should be; the slowest end took {slowest:.2f} s")
    return int(good < arguments.kills)


if __name__ == "__main__":
    sys.exit(main())
