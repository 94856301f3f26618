"""The evaluator of the compiled core against the NumPy one, and the network's use of them."""

import drawn
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from deltaprop import (
    RBF,
    BatchNorm,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    LearnedScale,
    Network,
    ParametricActivation,
    PeriodicEmbedding,
    Residual,
)
from deltaprop.engines import Evaluator, evaluator
from deltaprop.engines.native_evaluator import ROWS, NativeEvaluator
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
    "learned_scale": [LearnedScale("signs"), Dense(19), "tanh", LearnedScale("signs")],
    "periodic_embedding": [PeriodicEmbedding(3, 18, 2), Dense(9), PeriodicEmbedding(9, 5, 1)],
    "embedding": [Embedding((1, 2, 3), size=9), Dense(4), Embedding((2,), size=1)],
    "parametric_activation": [
        piece for f in ACTIVATIONS if f != "step" for piece in (Dense(9), ParametricActivation(f))
    ],
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
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("layers", LAYERS)
def test_every_layer(layers, threads, training, dtype):
    net, x, t, rng = case(LAYERS[layers], dtype=dtype, penalty=Penalty(1e-3, 1e-2))
    core, reference, mode = NativeEvaluator(net, threads), Evaluator(net), {"training": training, "step": 5}
    t, weight = net.encode(t), rng.uniform(0, 2, len(x))
    for n in (37, 3, 1):
        rows = slice(0, n)
        close(core.forward(x[rows]), reference.forward(x[rows]), dtype)
    value, grad = core.gradient(x, t, weight, **mode)
    expected = reference.gradient(x, t, weight, **mode)
    close(value, expected[0], dtype)
    close(grad, expected[1], dtype)
    d_theta, d_x = rng.normal(size=net.theta.size).astype(dtype), rng.normal(size=x.shape).astype(dtype)
    close(core.jvp(x, d_theta, d_x, **mode), reference.jvp(x, d_theta, d_x, **mode), dtype)
    close(core.jvp(x, d_theta, None, **mode), reference.jvp(x, d_theta, None, **mode), dtype)
    d_z = rng.normal(size=(len(x), 3)).astype(dtype)
    for ours, theirs in zip(core.vjp(x, d_z, **mode), reference.vjp(x, d_z, **mode), strict=True):
        close(ours, theirs, dtype)
    close(core.hvp(x, t, d_theta, weight, **mode), reference.hvp(x, t, d_theta, weight, **mode), dtype)
    ours = core.gauss_newton_vp(x, t, d_theta, weight, **mode)
    close(ours, reference.gauss_newton_vp(x, t, d_theta, weight, **mode), dtype)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "layers",
    [
        "dense",
        "dropout",
        "batch_norm",
        "layer_norm",
        "rbf",
        "learned_scale",
        "parametric_activation",
        "periodic_embedding",
        "embedding",
    ],
)
def test_more_rows_than_are_evaluated_at_a_time(layers, threads):
    """Gradients of blocks of rows add up; batch normalization and dropout still see one batch."""
    net, x, t, rng = case(LAYERS[layers], n=2 * ROWS + 77, penalty=Penalty(1e-3, 1e-2))
    weight, d_z = rng.uniform(0, 2, len(x)), rng.normal(size=(len(x), 3))
    core, reference = NativeEvaluator(net, threads), Evaluator(net)
    for mode in ({"training": True, "step": 5}, {"training": False}):
        value, grad = core.gradient(x, t, weight, **mode)
        expected = reference.gradient(x, t, weight, **mode)
        close(value, expected[0], "float64")
        close(grad, expected[1], "float64")
        close(core.jvp(x, net.theta, x, **mode), reference.jvp(x, net.theta, x, **mode), "float64")
        for ours, theirs in zip(core.vjp(x, d_z, **mode), reference.vjp(x, d_z, **mode), strict=True):
            close(ours, theirs, "float64")
        for product in ("hvp", "gauss_newton_vp"):
            ours, theirs = (getattr(e, product)(x, t, net.theta, weight, **mode) for e in (core, reference))
            close(ours, theirs, "float64")
    close(core.sample_gradients(x, t)[-3:], reference.sample_gradients(x[-3:], t[-3:]), "float64")
    z = core.forward(x)
    close(z, reference.forward(x), "float64")
    np.testing.assert_array_equal(z, np.concatenate([core.forward(x[:100]), core.forward(x[100:])]))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_wide_layers_that_threads_divide_by_units(threads):
    net = Network([Dense(500), "relu", Dense(410), "tanh", Dense(3)], 400, "squared_error", dtype="float64")
    rng = np.random.default_rng(0)
    t = rng.normal(size=(24, 3))
    x, d_z, v = rng.normal(size=(24, 400)), rng.normal(size=(24, 3)), rng.normal(size=net.theta.size)
    core, reference = NativeEvaluator(net, threads), Evaluator(net)
    for ours, theirs in zip(core.vjp(x, d_z), reference.vjp(x, d_z), strict=True):
        close(ours, theirs, "float64")
    close(core.jvp(x, v, x), reference.jvp(x, v, x), "float64")
    close(core.hvp(x, t, v), reference.hvp(x, t, v), "float64")
    close(core.gauss_newton_vp(x, t, v), reference.gauss_newton_vp(x, t, v), "float64")


def test_numpy_takes_more_rows_than_fit_in_a_chunk(monkeypatch):
    net, x, t, rng = case(LAYERS["residual"], penalty=Penalty(1e-3, 1e-2))
    weight = rng.uniform(0, 2, len(x)) * (np.arange(len(x)) >= 10)  # the first chunk counts nothing
    whole = Evaluator(net).gradient(x, t, weight)
    monkeypatch.setattr("deltaprop.batching.CHUNK", 10)
    value, grad = Evaluator(net).gradient(x, t, weight)
    close(value, whole[0], "float64")
    close(grad, whole[1], "float64")
    assert Evaluator(net).value(x, t, weight) == value


@pytest.mark.parametrize("kind", [Evaluator, NativeEvaluator])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("layers", LAYERS)
def test_the_value_is_that_of_the_gradient_to_the_last_bit(layers, training, kind):
    for dtype in RTOL:
        net, x, t, rng = case(LAYERS[layers], n=1500, dtype=dtype, penalty=Penalty(1e-3, 1e-2))
        t, weight, e = net.encode(t), rng.uniform(0, 2, len(x)), kind(net)
        assert e.value(x, t, weight, training) == e.gradient(x, t, weight, training)[0]


def test_the_network_uses_one_evaluator_for_everything():
    net, x, t, rng = case([Dense(70), "relu"], n=3000, penalty=Penalty(l2=0.1))
    core, d_z = NativeEvaluator(net), rng.normal(size=(3000, 3))
    assert net.value(x, t) == net.gradient(x, t)[0] == core.value(x, t)
    for ours, theirs in [
        (net.predict(x), core.forward(x)),
        (net.forward(x), core.forward(x)),
        (net.gradient(x, t)[1], core.gradient(x, t)[1]),
        (net.sample_gradients(x, t), core.sample_gradients(x, t)),
        (net.jvp(x, net.theta, x), core.jvp(x, net.theta, x)),
        (net.vjp(x, d_z)[0], core.vjp(x, d_z)[0]),
        (net.vjp(x, d_z)[1], core.vjp(x, d_z)[1]),
    ]:
        np.testing.assert_array_equal(ours, theirs)


def test_results_do_not_depend_on_what_was_asked_before():
    net, x, t, _ = case([Dense(70), BatchNorm(), "relu"], n=3000)
    first = net.gradient(x[:50], t[:50])[1]
    net.gradient(x, t, training=True)
    net.vjp(x, t, training=True)
    np.testing.assert_array_equal(net.gradient(x[:50], t[:50])[1], first)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("layers", LAYERS)
def test_the_gradient_of_each_sample(layers, engine):
    net, x, t, _ = case(LAYERS[layers], penalty=Penalty(l2=1.0))
    grads = evaluator(net, engine).sample_gradients(x, net.encode(t))
    net.penalty = None
    for i in (0, 7, 36):
        close(grads[i], net.gradient(x[i : i + 1], t[i : i + 1])[1], "float64")
    close(net.sample_gradients(x, t).mean(axis=0), net.gradient(x, t)[1], "float64")


@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("layers", LAYERS)
def test_the_vjp_of_each_sample(layers, dtype):
    """Against vjp of one sample at a time; each value of `out` is written, those around it are not."""
    net, x, _, rng = case(LAYERS[layers], n=150, dtype=dtype)
    d_z, reference = rng.normal(size=(150, 2, 3)).astype(dtype), Evaluator(net)
    expected = reference.sample_vjp(x, d_z)
    for i in (0, 63, 64, 149):
        for k in range(2):
            close(expected[i, k], reference.vjp(x[i : i + 1], d_z[i : i + 1, k])[0], dtype)
    close(reference.sample_vjp(x, d_z[:, 1]), expected[:, 1], dtype)
    rows = expected.reshape(-1, net.theta.size).astype(np.float64)
    matrix = np.tril(rows.T @ rows).astype(dtype)
    close(np.tril(reference.normal_matrix(x, d_z)), matrix, dtype)
    for core in (NativeEvaluator(net, threads) for threads in (1, 2, 3)):
        out = np.full((152, 2, net.theta.size), np.nan, dtype)
        assert core.sample_vjp(x, d_z, out[1:-1]).base is out
        assert np.isfinite(out[1:-1]).all()
        assert np.isnan(out[[0, -1]]).all()
        close(out[1:-1], expected, dtype)
        np.testing.assert_array_equal(core.sample_vjp(x, np.ascontiguousarray(d_z[:, 1])), out[1:-1, 1])
        close(np.tril(core.normal_matrix(x, d_z)), matrix, dtype)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("units", [1, 8, 15, 40])  # up to 36 blocks of the product's triangle
@pytest.mark.parametrize("n", [1, 63, 700])  # in one part and in several
@pytest.mark.parametrize("normalization", [[], [LayerNorm()]], ids=["outer products", "other gradients"])
def test_normal_matrix(normalization, n, units, threads):
    net, x, _, rng = case([Dense(units), *normalization, "tanh"], n=n)
    core, d_z = NativeEvaluator(net, threads), rng.normal(size=(n, 2, 3))
    rows = core.sample_vjp(x, d_z).reshape(-1, net.theta.size)
    for _ in range(2):  # the second call begins from zeros too
        close(np.tril(core.normal_matrix(x, d_z)), np.tril(rows.T @ rows), "float64")


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    net, x, t, _ = case([Dense(8), "tanh"], loss)
    value, grad = NativeEvaluator(net).gradient(x, net.encode(t))
    expected = Evaluator(net).gradient(x, net.encode(t))
    close(value, expected[0], "float64")
    close(grad, expected[1], "float64")
    for product in ("hvp", "gauss_newton_vp"):
        ours, theirs = (
            getattr(kind(net), product)(x, net.encode(t), net.theta) for kind in (NativeEvaluator, Evaluator)
        )
        close(ours, theirs, "float64")


@settings(max_examples=100)
@given(
    data=st.data(),
    dtype=st.sampled_from(sorted(RTOL)),
    n=st.sampled_from([2, 7, 150, ROWS + 9]),
    threads=st.sampled_from([1, 2, 3]),
    kind=st.sampled_from([np.asarray, csr_matrix, lambda x: (x > 0).astype(np.uint8)]),
    labels=st.booleans(),
    training=st.booleans(),
)
def test_second_derivatives_of_any_network(data, dtype, n, threads, kind, labels, training):
    """The limit is what the NumPy evaluator's own result changes by when weights change in their last digits."""
    net = data.draw(drawn.networks(dtype))
    rng, x = np.random.default_rng(net.seed), kind(drawn.batch(net, n))
    t = rng.integers(0, net.outputs, n)
    if not (labels and net.loss.classification and net.outputs > 1):
        t = np.eye(net.outputs, dtype=dtype)[t] * (net.loss.on - net.loss.off) + net.loss.off
    net.penalty, v = Penalty(1e-3, 1e-2), rng.normal(size=net.theta.size).astype(dtype)
    arguments = x, t, v, rng.uniform(0, 2, n), training, 5
    near = net.astype(dtype)
    near.theta[...] *= 1 + 8 * np.finfo(dtype).eps * rng.choice([-1, 1], v.size)
    for product in ("hvp", "gauss_newton_vp"):
        ours, theirs, close_by = (
            getattr(e, product)(*arguments)
            for e in (NativeEvaluator(net, threads), Evaluator(net), Evaluator(near))
        )
        noise, size = np.abs(close_by - theirs).max(initial=0), np.abs(theirs).max(initial=1)
        assume(noise < 1e-3 * size)
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=10 * noise + RTOL[dtype] * size)


@settings(max_examples=25)
@given(
    sizes=st.lists(st.sampled_from([1, 2, 8, 9, 100, 700]), min_size=1, max_size=3), seed=st.integers(0, 9)
)
def test_one_evaluator_serves_batches_of_every_size_and_changing_weights(sizes, seed):
    net, _, _, rng = case([Dense(70), "relu", Dense(33), "tanh"], seed=seed)
    core, reference = NativeEvaluator(net), Evaluator(net)
    for n in sizes:
        x, t = rng.normal(size=(n, 5)), rng.normal(size=(n, 3))
        net.theta += 0.1
        close(core.forward(x), reference.forward(x), "float64")
        close(core.gradient(x, t)[1], reference.gradient(x, t)[1], "float64")


def test_no_rows():
    net, x, _, _ = case([Dense(4)])
    for e in (Evaluator(net), NativeEvaluator(net)):
        grad, d_x = e.vjp(x[:0], np.zeros((0, 3)))
        assert (grad == 0).all()
        assert d_x.shape == (0, 5)
        assert e.jvp(x[:0], net.theta).shape == e.forward(x[:0]).shape == (0, 3)
        assert e.sample_vjp(x[:0], np.zeros((0, 2, 3))).shape == (0, 2, net.theta.size)


def test_a_program_that_another_thread_replaces_is_not_used():
    """Batch normalization in training needs all rows at once, so the smaller program would change the value."""
    net, x, t, _ = case(LAYERS["batch_norm"], n=3 * ROWS)
    core = NativeEvaluator(net)
    smaller = core._program(ROWS + 1)

    class Replaced(dict):
        def __setitem__(self, key, entry):
            super().__setitem__(key, (ROWS + 1, smaller))

    core._programs = Replaced()
    close(core.value(x, t, training=True), Evaluator(net).value(x, t, training=True), "float64")


def test_booleans_are_0_and_1_whatever_their_bytes():
    mask = np.random.default_rng(0).random((9, 4)) > 0.5
    network = Network([Dense(3)], inputs=4, loss="squared_error")
    of_other_bytes = (mask * np.uint8(255)).view(bool)
    np.testing.assert_array_equal(network.predict(of_other_bytes), network.predict(mask.astype(np.float64)))


def test_rows_of_a_packed_record_array():
    records = np.zeros(9, [("label", "u1"), ("x", "f8", (4,))])
    records["x"] = np.random.default_rng(0).random((9, 4))
    network = Network([Dense(3)], inputs=4, loss="squared_error")
    np.testing.assert_array_equal(network.predict(records["x"]), network.predict(records["x"].copy()))
