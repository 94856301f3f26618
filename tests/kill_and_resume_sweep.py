"""Kill a sweep with SIGKILL at random moments, resume it, and compare with the sweep that was left alone.

    python tests/kill_and_resume_sweep.py --kills 10 --dask-kills 5

First ``deltaprop sweep`` itself is killed, in which two processes make the trials. Then the same sweep runs on a Dask
cluster of two processes, one of which is killed. Exit status 0: every table, ranking and figure was the same, byte for
byte, and a resumed sweep made no trial twice.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SPEC = """
seeds = 6
metric = "validation_loss"

[settings]
data = "rings"
layers = "16"
epochs = 10
validation = 0.25
optimizer = "momentum"

[space]
learning_rate = [0.01, 0.1]
momentum = [0.0, 0.9]
init = ["he_normal", "glorot_uniform"]
"""
FILES = ("results.csv", "ranking.csv", "curves.png")


def run(spec, folder, kill_after=None):
    """Make or resume the sweep; kill it that many seconds after its first trial. Seconds it took from there."""
    command = [sys.executable, "-m", "deltaprop", "sweep", spec, "--out", folder, "--jobs", "2", "--resume"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = folder / "trials.jsonl"
    while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 1):
        time.sleep(0.01)
    began = time.perf_counter()
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    status = process.wait()
    if kill_after is None and status:
        raise SystemExit(f"the sweep failed with status {status}")
    return time.perf_counter() - began


def contents(folder):
    """The bytes of all results."""
    return {name: (folder / name).read_bytes() for name in FILES}


def trials(folder):
    """Which trials the log holds."""
    lines = (folder / "trials.jsonl").read_text().splitlines()[1:]
    return [(trial["combination"], trial["seed"]) for trial in map(json.loads, lines)]


def on_dask(spec, folder, moment):
    """The sweep on a Dask cluster of two processes; one of them is killed that many seconds after the start."""
    from distributed import Client, LocalCluster
    from joblib import parallel_config

    from deltaprop.sweeps import SweepSpec
    from deltaprop.sweeps.command import save

    def kill():
        time.sleep(moment)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    folder.mkdir()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask"),
    ):
        killer = threading.Thread(target=kill)
        killer.start()
        found = SweepSpec.read(spec).plan().run(log=folder / "trials.jsonl")
        took = time.perf_counter()
        killer.join()
        late = time.perf_counter() - took > 0.1
    save(found, folder)
    return late


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--dask-kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    moments, different = random.Random(arguments.seed), 0
    with tempfile.TemporaryDirectory() as name:
        spec = Path(name, "spec.toml")
        spec.write_text(SPEC)
        lasts = run(spec, Path(name, "whole"))
        whole = contents(Path(name, "whole"))
        print(f"left alone: {lasts:.2f} s, {len(trials(Path(name, 'whole')))} trials")
        for k in range(1, arguments.kills + 1):
            folder, moment = Path(name, f"killed-{k}"), moments.uniform(0, lasts)
            run(spec, folder, kill_after=moment)
            kept = len((folder / "trials.jsonl").read_text().splitlines()) - 1
            run(spec, folder)
            same = contents(folder) == whole and len(set(trials(folder))) == len(trials(folder))
            different += not same
            print(f"{k:3}  killed after {moment:.2f} s with {kept} trials: {same=}")
        for k in range(1, arguments.dask_kills + 1):
            folder, moment = Path(name, f"dask-{k}"), moments.uniform(0, 0.5 * lasts)
            late = on_dask(spec, folder, moment)
            same = contents(folder) == whole
            different += not same
            print(f"{k:3}  Dask, a worker killed after {moment:.2f} s{' (too late)' * late}: {same=}")
    print(f"{different} of {arguments.kills + arguments.dask_kills} sweeps ended differently")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
