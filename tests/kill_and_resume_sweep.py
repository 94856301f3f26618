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


def run(spec, folder, kill_at=None):
    """Make or resume the sweep; kill it as soon as its log holds that many trials."""
    command = [sys.executable, "-m", "deltaprop", "sweep", spec, "--out", folder, "--jobs", "2", "--resume"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = folder / "trials.jsonl"
    if kill_at is not None:
        while process.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > kill_at):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    status = process.wait()
    if kill_at is None and status:
        raise SystemExit(f"the sweep failed with status {status}")


def contents(folder):
    """The bytes of all results."""
    return {name: (folder / name).read_bytes() for name in FILES}


def trials(folder):
    """Which trials the log holds."""
    lines = (folder / "trials.jsonl").read_text().splitlines()[1:]
    return [(trial["combination"], trial["seed"]) for trial in map(json.loads, lines)]


def on_dask(spec, folder, kill_at):
    """The sweep on a Dask cluster of two processes, one of which is killed when so many trials are done."""
    from distributed import Client, LocalCluster
    from joblib import parallel_config

    from deltaprop.sweeps import SweepSpec
    from deltaprop.sweeps.command import save

    log = folder / "trials.jsonl"

    def kill():
        while not (log.exists() and log.read_bytes().count(b"\n") > kill_at):
            time.sleep(0.001)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    folder.mkdir()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        parallel_config(backend="dask"),
    ):
        killer = threading.Thread(target=kill)
        killer.start()
        found = SweepSpec.read(spec).plan().run(log=log)
        killer.join()
    save(found, folder)


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
        run(spec, Path(name, "whole"))
        whole, count = contents(Path(name, "whole")), len(trials(Path(name, "whole")))
        print(f"left alone: {count} trials", flush=True)
        for k in range(1, arguments.kills + 1):
            folder = Path(name, f"killed-{k}")
            run(spec, folder, kill_at=moments.randrange(count))
            kept = (folder / "trials.jsonl").read_bytes().count(b"\n") - 1
            run(spec, folder)
            same = contents(folder) == whole and len(set(trials(folder))) == len(trials(folder))
            different += not same
            print(f"{k:3}  killed with {kept} trials: {same=}", flush=True)
        for k in range(1, arguments.dask_kills + 1):
            folder, kill_at = Path(name, f"dask-{k}"), moments.randrange(count - 8)
            on_dask(spec, folder, kill_at)
            same = contents(folder) == whole
            different += not same
            print(f"{k:3}  Dask, a worker killed at {kill_at} trials: {same=}", flush=True)
    print(f"{different} of {arguments.kills + arguments.dask_kills} sweeps ended differently")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
