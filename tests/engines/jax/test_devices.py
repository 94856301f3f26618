"""Two devices of one process end with the weights of one; run as a program, this file trains on those that it finds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from deltaprop import BatchNorm, Dense, Dropout, Network
from deltaprop.engines import NumpyEngine, Sums
from deltaprop.optimizers import Momentum

STEPS = 100
BATCHES = {"divides": 16, "does not divide": 15, "smaller last batch": 32}  # of 80 samples


def train(kind, batch):
    """The engine after 100 steps and their sums."""
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (80, 6)), rng.integers(0, 3, 80)
    layers = [Dense(16, bias=False), BatchNorm(momentum=0.1), "tanh", Dropout(0.2), Dense(3)]
    net = Network(layers, 6, "softmax_cross_entropy", seed=1)
    engine = kind(net, x, net.encode(t), rng.uniform(0, 2, 80), Momentum(0.02), batch)
    order = np.concatenate([rng.permutation(80) for _ in range(STEPS * batch // 80 + 1)])[: STEPS * batch - 3]
    sums = Sums(len(engine.layers))
    assert engine.run(order, 0, 1.0, sums) == STEPS
    return engine, sums


def results(count):
    """Weights, statistics, outputs and sums for each size of batch, with the JAX engine on so many devices."""
    import jax

    from deltaprop.engines.jax import JaxEngine, devices

    assert jax.device_count() == count
    assert len(devices.by_rows(16).device_set) == count
    assert devices.by_rows(16).shard_shape((16,)) == (16 // count,)
    found = {}
    for name, batch in BATCHES.items():
        engine, sums = train(JaxEngine, batch)
        for array in jax.tree.leaves((engine._carry.theta, engine._carry.buffers)):
            copies = [np.asarray(shard.data).tobytes() for shard in array.addressable_shards]
            assert len(copies) == count
            assert len(set(copies)) == 1  # equal on all devices to the last bit
        found[f"{name}, outputs"] = engine.outputs(engine.x)
        engine.fetch()
        found |= {
            f"{name}, theta": engine.theta,
            f"{name}, buffers": engine.buffers,
            f"{name}, sums": sums.vector,
        }
    return found


def test_two_devices_end_as_one(tmp_path):
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    file = tmp_path / "two.npz"
    subprocess.run([sys.executable, __file__, str(file)], env=os.environ | {"XLA_FLAGS": flags}, check=True)
    one = results(1)
    with np.load(file) as two:
        assert two.files == list(one)
        for name, array in one.items():
            close = {"rtol": 1e-5, "atol": 1e-5} if "sums" in name else {"rtol": 0, "atol": 1e-6}
            np.testing.assert_allclose(two[name], array, **close, err_msg=name)
    for name, batch in BATCHES.items():
        engine, _ = train(NumpyEngine, batch)
        np.testing.assert_allclose(one[f"{name}, theta"], engine.theta, rtol=0, atol=1e-5)


if __name__ == "__main__":
    np.savez(Path(sys.argv[1]), **results(2))
