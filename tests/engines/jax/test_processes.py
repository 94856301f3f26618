"""Several processes end with the weights of one; run as a program, this file is one of them."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, InputError, Network, distributed
from deltaprop.optimizers import Momentum
from deltaprop.training import Callback

STEPS, BATCH = 100, 8
DEVICES = "--xla_force_host_platform_device_count"


def fitted(engine="jax"):
    """The weights and the running statistics after 100 steps, an epoch of a fit."""
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (STEPS * BATCH, 6)), rng.integers(0, 3, STEPS * BATCH)
    layers = [Dense(16, bias=False), BatchNorm(), "tanh", Dropout(0.2), Dense(3)]
    net = Network(layers, 6, "softmax_cross_entropy", seed=1)
    rule = Momentum(0.02)
    history = net.fit(x, t, optimizer=rule, epochs=1, batch_size=BATCH, engine=engine, progress=False)
    return np.concatenate([net.theta, net.buffers]), history["train_loss"][-1]


@pytest.fixture(scope="module")
def alone():
    return fitted("numpy")


def run(count, devices, folder, *words):
    """What each process writes to standard error."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = f"{os.environ.get('XLA_FLAGS', '')} {DEVICES}={devices}"
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, __file__, str(folder), str(port), str(count), str(devices)]
    every = [
        subprocess.Popen([*command, str(i), *words], env=environment, stderr=subprocess.PIPE, text=True)
        for i in range(count)
    ]
    try:
        return [process.communicate(timeout=120)[1] for process in every]
    finally:
        for process in every:
            process.kill()


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("count", [2, 4])
def test_processes_end_as_one(count, devices, alone, tmp_path):
    errors = run(count, devices, tmp_path)
    assert errors == [""] * count
    results = [np.load(tmp_path / f"{i}.npz") for i in range(count)]
    assert len({r["weights"].tobytes() for r in results}) == 1  # equal to the last bit
    assert len({float(r["loss"]) for r in results}) == 1
    np.testing.assert_allclose(results[0]["weights"], alone[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(results[0]["loss"], alone[1], rtol=1e-6)


def test_what_one_does_all_do_or_refuse(tmp_path):
    assert run(2, 1, tmp_path, "unlike") == ["", ""]
    results = [np.load(tmp_path / f"{i}.npz") for i in range(2)]
    assert [int(r["epochs"]) for r in results] == [2, 2]
    assert len({r["weights"].tobytes() for r in results}) == 1
    assert all(
        "process 1" in str(r["refusal"]) and "seed of the network" in str(r["refusal"]) for r in results
    )


class Impatient(Callback):
    """Stops in one of the processes, and asks for another rate there."""

    history_only = True

    def on_epoch(self, run):
        if distributed.index() == 1:
            run.rate_scale = 0.5
            if run.epoch == 2:
                run.stop("enough")


def unlike(number):
    """What is left of a fit that one process ends, and what is said of networks that differ."""
    x, t = np.random.default_rng(0).normal(size=(64, 3)), np.arange(64) % 2
    nets = [Network([Dense(2)], 3, "softmax_cross_entropy", seed=seed) for seed in (0, number)]
    options = {"engine": "jax", "batch_size": 16, "progress": False}
    history = nets[0].fit(x, t, epochs=9, callbacks=[Impatient()], **options)
    with pytest.raises(InputError) as refusal:
        nets[1].fit(x, t, **options)
    return {"weights": nets[0].theta, "epochs": len(history), "refusal": str(refusal.value)}


if __name__ == "__main__":
    folder, port, count, devices, number = sys.argv[1], *map(int, sys.argv[2:6])
    distributed.start(f"127.0.0.1:{port}", count, number)
    import jax

    assert jax.device_count() == count * devices
    if sys.argv[6:]:
        results = unlike(number)
    else:
        results = dict(zip(("weights", "loss"), fitted(), strict=True))
    np.savez(os.path.join(folder, f"{number}.npz"), **results)
    distributed.stop()
