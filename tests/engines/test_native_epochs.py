"""Whole epochs in one call of the core: to the last bit what single calls and looks give."""

import numpy as np
import pytest
import scipy.sparse

from deltaprop import BatchNorm, Dense, Dropout, Network, Residual
from deltaprop.engines.native import NativeEngine
from deltaprop.layers import Scale
from deltaprop.optimizers import Adam

LAYERS = [Scale(0.5), Dense(40), "tanh", Residual([Dense(40), "relu"]), BatchNorm(), Dropout(0.3), Dense(3)]
EPOCHS, STEP, SCALE = 4, 11, 0.7


def samples(kind, n=150, d=70):
    rng = np.random.default_rng(0)
    x, t = rng.integers(0, 5, (n, d)), rng.integers(0, 3, n)
    if kind != "dense":
        x[rng.random((n, d)) < 0.9] = 0  # so that the core looks for what differs from the background
    x = {"bytes": x.astype(np.uint8), "csr": scipy.sparse.csr_array(x.astype("float64"))}.get(
        kind, x.astype("float32")
    )
    orders = np.stack([np.random.default_rng(e).permutation(n) for e in range(EPOCHS)])
    return x, t, orders


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("kind", ["dense", "mostly zero", "bytes", "csr"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_epochs_at_one_go_are_epochs_one_by_one(kind, threads, dtype):
    x, t, orders = samples(kind)
    probe = (x.toarray() if kind == "csr" else x)[:100].astype(dtype)
    nets = [Network(LAYERS, x.shape[1], "softmax_cross_entropy", dtype=dtype, seed=1) for _ in range(2)]
    ours, single = (
        NativeEngine(net, x, net.encode(t), None, Adam(), 64, clip_norm=1.0, threads=threads) for net in nets
    )
    report = ours.run_epochs(orders, STEP, SCALE, probe)
    step = STEP
    for epoch, order in enumerate(orders):
        row = single.report(1)
        step += single.run(order, step, SCALE, row.sums(0))
        single.layer_stats(probe, row.seen[0])
        assert report.sums(epoch).vector.tobytes() == row.sums(0).vector.tobytes()
        assert report.seen[epoch].tobytes() == row.seen[0].tobytes()
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()
    assert nets[0].buffers.tobytes() == nets[1].buffers.tobytes()
    assert all(ours.state[name].tobytes() == single.state[name].tobytes() for name in ours.state)
    assert (report.seconds > 0).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_epochs_end_with_the_first_loss_that_is_not_finite(threads):
    x, t, orders = samples("dense")
    x[orders[2, 70]] = np.inf  # in every epoch's order, but the first two leave it out
    orders = orders[:, :140]
    orders[:2] = np.where(orders[:2] == orders[2, 70], 0, orders[:2])
    net = Network([Dense(4), "relu", Dense(3)], x.shape[1], "softmax_cross_entropy")
    engine = NativeEngine(net, x, net.encode(t), None, Adam(), 64, threads=threads)
    report = engine.run_epochs(orders, 0, 1.0, None)
    assert np.isfinite(report.loss).tolist() == [True, True, False, True]
    assert report.steps.tolist() == [3, 3, 2, 0]


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize("rows", [40, 64, 100])
def test_a_look_sees_the_same_every_time(rows, threads):
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((256, 60)), rng.integers(0, 2, 256)
    net = Network(
        [Dense(300), "relu", Dense(200), "relu", Dense(2)], 60, "softmax_cross_entropy", dtype="float64"
    )
    for p in (net.layers[0], net.layers[2]):
        p.b = np.full(p.b.shape, -1.2)
    engine, single = (NativeEngine(net, x, t, None, Adam(), rows, threads=n) for n in (threads, 1))
    expected, seen = single.report(1).seen[0], engine.report(1).seen[0]
    single.layer_stats(x, expected)
    for _ in range(30):
        engine.layer_stats(x, seen)
        np.testing.assert_array_equal(seen[-4:], expected[-4:])
