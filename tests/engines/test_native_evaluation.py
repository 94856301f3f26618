"""Values and derivatives of the compiled core against the network's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import RBF, BatchNorm, Dense, Dropout, LayerNorm, Network, Residual
from deltaprop.engines.evaluation import Evaluator
from deltaprop.functions.activations import ACTIVATIONS
from deltaprop.functions.losses import LOSSES
from deltaprop.functions.penalties import Penalty
from deltaprop.layers import Scale, Softmax

LAYERS = {
    "dense": [Dense(17), "tanh", Dense(40, bias=False)],
    "activations": [piece for f in ACTIVATIONS if f != "step" for piece in (Dense(9), f)],
    "step": ["step"],
    "scale, softmax": [Scale(0.5, 1), Dense(9), Softmax()],
    "dropout": [Dense(9), Dropout(0.4)],
    "batch_norm": [BatchNorm(), Dense(20), BatchNorm(), "relu"],
    "layer_norm": [LayerNorm(), Dense(20), LayerNorm(), "gelu"],
    "residual": [Residual([Residual(["tanh", Dense(5)]), BatchNorm(), Dense(5)]), "sigmoid"],
    "rbf": [RBF(9), Dense(3), RBF(20)],
}
RTOL = {"float32": 2e-4, "float64": 1e-11}


def case(layers, loss="squared_error", n=37, dtype="float64", penalty=None, seed=0):
    net = Network([*layers, Dense(3)], 5, loss, penalty, seed, dtype)
    rng = np.random.default_rng(seed)
    net.buffers[:] = rng.uniform(0.5, 2, net.buffers.size)
    x = rng.normal(size=(n, 5))
    t = rng.integers(0, 2, (n, 3)).astype(float)
    if loss == "softmax_cross_entropy":
        t = rng.integers(0, 3, n)
    return net, x, np.where(t > 0, 1, -1) if loss == "hinge" else t, rng


def close(ours, expected, dtype):
    scale = max(1e-6, float(np.abs(expected).max())) if np.size(expected) else 1
    np.testing.assert_allclose(ours, expected, rtol=RTOL[dtype], atol=RTOL[dtype] * scale)


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("layers", LAYERS)
def test_every_layer(layers, threads, training, dtype):
    net, x, t, rng = case(LAYERS[layers], dtype=dtype, penalty=Penalty(1e-3, 1e-2))
    core = Evaluator(net, threads)
    weight = rng.uniform(0, 2, len(x))
    for n in (37, 3, 1):
        rows = slice(0, n)
        close(core.forward(x[rows]), net.forward(x[rows]), dtype)
    value, grad = core.gradient(x, net.encode(t), weight, training, step=5)
    expected = net.gradient(x, t, weight, training, step=5)
    close(value, expected[0], dtype)
    close(grad, expected[1], dtype)
    d_theta, d_x = rng.normal(size=net.theta.size).astype(dtype), rng.normal(size=x.shape).astype(dtype)
    close(core.jvp(x, d_theta, d_x, training, 5), net.jvp(x, d_theta, d_x, training, 5), dtype)
    close(core.jvp(x, d_theta, None, training, 5), net.jvp(x, d_theta, None, training, 5), dtype)
    d_z = rng.normal(size=(len(x), 3)).astype(dtype)
    for ours, theirs in zip(core.vjp(x, d_z, training, 5), net.vjp(x, d_z, training, 5), strict=True):
        close(ours, theirs, dtype)


@pytest.mark.parametrize("layers", LAYERS)
def test_the_gradient_of_each_sample(layers):
    net, x, t, _ = case(LAYERS[layers])
    grads = Evaluator(net, 2).sample_gradients(x, net.encode(t))
    for i in (0, 7, 36):
        close(grads[i], net.gradient(x[i : i + 1], t[i : i + 1])[1], "float64")


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    net, x, t, _ = case([Dense(8), "tanh"], loss)
    value, grad = Evaluator(net).gradient(x, net.encode(t))
    expected = net.gradient(x, t)
    close(value, expected[0], "float64")
    close(grad, expected[1], "float64")


@settings(max_examples=25)
@given(
    sizes=st.lists(st.sampled_from([1, 2, 8, 9, 100, 700]), min_size=1, max_size=3), seed=st.integers(0, 9)
)
def test_one_evaluation_serves_batches_of_every_size_and_changing_weights(sizes, seed):
    net, _, _, rng = case([Dense(70), "relu", Dense(33), "tanh"], seed=seed)
    core = Evaluator(net)
    for n in sizes:
        x, t = rng.normal(size=(n, 5)), rng.normal(size=(n, 3))
        net.theta += 0.1
        close(core.forward(x), net.forward(x), "float64")
        close(core.gradient(x, t)[1], net.gradient(x, t)[1], "float64")
