"""In processes of their own: two devices end as one, and epochs in blocks as one by one with XLA's optimizations."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from deltaprop import BatchNorm, Dense, Dropout, LayerNorm, Network
from deltaprop.engines import NumpyEngine, Sums
from deltaprop.optimizers import Momentum
from deltaprop.training import Callback

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


def epochs_in_blocks_and_one_by_one():
    """The bytes of the weights and of the history of both, for some networks."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (46, 5))
    for layers in ([Dense(6), LayerNorm(), "tanh"], [Dense(16), "relu", Dropout(0.2)], [Dense(64), "gelu"]):
        found = []
        for callbacks in ([], [Watching()]):
            net = Network([*layers, Dense(2)], 5, "softmax_cross_entropy", seed=1)
            options = {"batch_size": 8, "epochs": 6, "optimizer": "sgd", "engine": "jax"}
            history = net.fit(x, (x[:, 0] > 0).astype(int), callbacks=callbacks, **options)
            found.append((net.theta.tobytes(), history.table()[:, :-1].tobytes()))
        yield found


class Watching(Callback):
    """Sees every epoch before the next one begins."""

    def on_epoch(self, run):
        pass


def test_epochs_in_blocks_end_as_one_by_one_to_the_last_bit():
    """Which of them are taken is a matter of time, and a resumed fit is to end exactly as the undisturbed one."""
    optimized = {
        name: value for name, value in os.environ.items() if name != "JAX_DISABLE_MOST_OPTIMIZATIONS"
    }
    subprocess.run([sys.executable, __file__], env=optimized, check=True)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        for blocks, one_by_one in epochs_in_blocks_and_one_by_one():
            assert blocks == one_by_one
        sys.exit()
    np.savez(Path(sys.argv[1]), **results(2))
