"""Kill a training run with SIGKILL at random moments, resume it, and compare with the run that was left alone.

    python tests/kill_and_resume.py --kills 20 --engine native

The run has everything that must survive: dropout, running statistics, momenta, a validation split, a plateau, early
stopping with the best weights kept, and checkpoints in the middle of epochs. Exit status 0: every resumed run ended
with the same weights, bit for bit, and the same history but for the seconds.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def train(folder, engine):
    """The run; resumes if it can, and leaves its result in the folder."""
    from deltaprop import BatchNorm, Dense, Dropout, Network
    from deltaprop.training import Checkpoint, EarlyStopping, ReduceOnPlateau, fit, loop

    loop.POLL_INTERVAL = 0.0002  # seconds: many chunks, so that checkpoints fall inside epochs
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 10)).astype("float32")
    t = (np.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] + rng.normal(size=600) > 0).astype(int)
    layers = [Dense(64), BatchNorm(), "relu", Dropout(0.2), Dense(64), "tanh", Dense(2)]
    net = Network(layers, inputs=10, loss="softmax_cross_entropy", seed=3)
    print("started", flush=True)
    history = fit(
        net,
        x,
        t,
        sample_weight=rng.uniform(0, 2, size=600),
        epochs=60,
        batch_size=16,
        validation=0.25,
        early_stopping=EarlyStopping(50),
        plateau=ReduceOnPlateau(patience=4),
        checkpoint=Checkpoint(folder / "run.safetensors", every_seconds=0.002),
        resume=True,
        progress=False,
        engine=engine,
    )
    seconds = history.columns.index("seconds")
    result = {
        "theta": net.theta,
        "buffers": net.buffers,
        "history": np.delete(history.table(), seconds, axis=1),
        "outcome": np.array([history.status, history.message]),
    }
    np.savez(folder / "result.npz", **result)


def run(folder, engine="auto", kill_after=None):
    """Start the run in another process; kill it that many seconds after training began. Seconds it took."""
    command = [sys.executable, __file__, "--train", str(folder), "--engine", engine]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    process.stdout.readline()
    began = time.perf_counter()
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    status = process.wait()
    process.stdout.close()
    if kill_after is None and status:
        raise SystemExit(f"the run failed with status {status}")
    return time.perf_counter() - began


def outcome(folder):
    """The bytes of all results."""
    with np.load(folder / "result.npz") as arrays:
        return {name: arrays[name].tobytes() for name in arrays.files}


def trial(kills, engine="auto"):
    """A run that is killed after each of these numbers of seconds in turn and resumed; its outcome.

    Also where each kill fell: (epoch, position within it) of the checkpoint that was found.
    """
    from deltaprop.training import checkpoint

    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seconds in kills:
            run(folder, engine, kill_after=seconds)
            file = folder / "run.safetensors"
            facts = checkpoint.read(file).facts if file.exists() else {"epoch": 0, "position": 0}
            found.append((facts["epoch"], facts["position"]))
        run(folder, engine)
        return outcome(folder), found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=("auto", "numpy", "native", "jax"), default="auto")
    parser.add_argument("--train", type=Path)
    arguments = parser.parse_args()
    if arguments.train:
        train(arguments.train, arguments.engine)
        return 0
    moments = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        lasts = run(Path(folder), arguments.engine)
        whole = outcome(Path(folder))
    print(f"left alone: {lasts:.2f} s")
    different = 0
    for number in range(1, arguments.kills + 1):
        moment = moments.uniform(0, lasts)
        result, [(epoch, position)] = trial([moment], arguments.engine)
        same = result == whole
        different += not same
        print(
            f"{number:3}  killed after {moment:.3f} s, checkpoint: epoch {epoch}, sample {position}: {same=}"
        )
    print(f"{arguments.kills - different} of {arguments.kills} resumed runs ended identically")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
