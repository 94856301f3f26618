"""Train the same network on the native engine and on the NumPy engine, and compare them."""

import numpy as np

from deltaprop.engines import NumpyEngine, Sums
from deltaprop.engines.native import NativeEngine
from deltaprop.optimizers import OPTIMIZERS

STEPS = 50
WITHIN = {"float32": 1e-4, "float64": 1e-11}  # of each layer's largest weight
RATES = {"adagrad": 0.01, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3}  # the others: 0.01


def data(loss, outputs, n=48, inputs=5, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, inputs))
    if loss in ("softmax_cross_entropy", "hinge") and outputs > 1:
        return x, rng.integers(0, outputs, n)
    if loss == "softmax_cross_entropy":
        return x, np.ones((n, 1))
    if loss == "hinge":
        return x, rng.choice([-1.0, 1.0], (n, outputs))
    if loss in ("sigmoid_cross_entropy", "perceptron"):
        return x, rng.integers(0, 2, (n, outputs)).astype(float)
    if loss == "poisson":
        return x, rng.poisson(2.0, (n, outputs)).astype(float)
    return x, rng.standard_normal((n, outputs))


def order(n, steps, batch):
    epochs = -(-steps * batch // n)
    return np.concatenate([np.random.default_rng(e).permutation(n) for e in range(epochs)])[: steps * batch]


def train(engine, net, x, t, optimizer, steps=STEPS, batch=16, weight=None, **options):
    """The network trained in place; the sums and the outputs."""
    steps_of = engine(net, x, net.encode(t), weight, optimizer, batch, **options)
    sums = Sums(len(steps_of.layers))
    steps_of.run(order(x.shape[0], steps, batch), 3, 0.9, sums)
    return sums.vector, steps_of.outputs(x), steps_of.state


def assert_equal_engines(make, x, t, optimizer, **options):
    ours, reference = make(), make()
    result = train(NativeEngine, ours, x, t, optimizer, **options)
    options.pop("threads", None)
    expected = train(NumpyEngine, reference, x, t, optimizer, **options)
    assert_alike(ours, result, reference, expected, WITHIN[str(ours.dtype)])


def assert_alike(ours, result, reference, expected, within):
    (sums, z, state), (sums0, z0, state0) = result, expected
    for block in ours.layout:
        a, b = block.of(ours.theta), block.of(reference.theta)
        layer = [c.of(reference.theta) for c in ours.layout if c.layer == block.layer]
        largest = max(1e-3, *(float(np.abs(w).max()) for w in layer))
        assert np.abs(a - b).max() <= within * largest, block.name
    np.testing.assert_allclose(ours.buffers, reference.buffers, rtol=10 * within, atol=10 * within)
    np.testing.assert_allclose(sums, sums0, rtol=20 * within, atol=1e-9)
    np.testing.assert_allclose(z, z0, rtol=50 * within, atol=50 * within * max(1, np.abs(z0).max()))
    for name, value in state0.items():
        known = slice(None)
        if name == "gain":  # of a gradient that is 0 but for rounding, the sign is not the same in both
            size = np.abs(state0["average"])
            known = size > 50 * within * size.max()
        np.testing.assert_allclose(
            state[name][known], value[known], rtol=50 * within, atol=50 * within * np.abs(value).max()
        )


def paired(first, second, turn):
    """Each of either list with one of the other; over the turns, every pair."""
    for i in range(max(len(first), len(second))):
        yield first[i % len(first)], second[(i + turn) % len(second)]


def optimizer_named(name, **options):
    return type(OPTIMIZERS[name])(RATES.get(name, 0.01), **options)
