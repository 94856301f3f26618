"""Several processes, with one device or two each, end with the weights of one; run as a program, this is one of them."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, Network, distributed
from deltaprop.optimizers import Momentum

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


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("count", [2, 4])
def test_processes_end_as_one(count, devices, alone, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = f"{os.environ.get('XLA_FLAGS', '')} {DEVICES}={devices}"
    environment = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, __file__, str(tmp_path), str(port), str(count), str(devices)]
    every = [
        subprocess.Popen([*command, str(i)], env=environment, stderr=subprocess.PIPE, text=True)
        for i in range(count)
    ]
    try:
        errors = [process.communicate(timeout=120)[1] for process in every]
    finally:
        for process in every:
            process.kill()
    assert errors == [""] * count
    results = [np.load(tmp_path / f"{i}.npz") for i in range(count)]
    assert len({r["weights"].tobytes() for r in results}) == 1  # equal to the last bit
    assert len({float(r["loss"]) for r in results}) == 1
    np.testing.assert_allclose(results[0]["weights"], alone[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(results[0]["loss"], alone[1], rtol=1e-6)


if __name__ == "__main__":
    folder, port, count, devices, number = sys.argv[1], *map(int, sys.argv[2:])
    distributed.start(f"127.0.0.1:{port}", count, number)
    import jax

    assert jax.device_count() == count * devices
    weights, loss = fitted()
    np.savez(os.path.join(folder, f"{number}.npz"), weights=weights, loss=loss)
    distributed.stop()
