import jax
import numpy as np
import oracle
import pytest

from deltaprop import Dense, Dropout, Network, Penalty, Residual
from deltaprop.engines import evaluator
from deltaprop.errors import InputError

RNG = np.random.default_rng(1)
X, T = RNG.normal(size=(6, 3)), RNG.integers(0, 2, 6)
WEIGHT = RNG.uniform(0.5, 2, 6)


def truth(layers, net, x, rows, loss, sample_weight=None):
    """By the oracle: the (input, output) of every layer, E's derivatives by every output and every parameter."""
    parameters = {f"{b.layer}.{b.parameter}": b.of(net.theta) for b in net.layout}
    seen = {}
    oracle.forward(layers, parameters, x, seed=net.seed, training=True, seen=seen)
    probes = {i: np.zeros(output.shape) for i, (_, output) in seen.items()}

    def value(parameters, probes):
        mode = {"training": True, "seed": net.seed, "probes": probes}
        return oracle.value(layers, parameters, x, rows, loss, sample_weight=sample_weight, **mode)

    d_parameters, d_outputs = jax.jit(jax.grad(value, argnums=(0, 1)))(parameters, probes)
    return seen, d_outputs, d_parameters


@pytest.mark.parametrize("sample_weight", [None, WEIGHT])
@pytest.mark.parametrize("function", ["sigmoid", "relu", "scaled_tanh", "gelu"])
def test_every_number_equals_the_oracle(function, sample_weight):
    layers = (
        ("dense", 4),
        ("activation", function),
        ("dropout", 0.3),
        ("dense", 5),
        ("activation", "tanh"),
        ("dense", 2),
    )
    names = [Dense(4), function, Dropout(0.3), Dense(5), "tanh", Dense(2)]
    net = Network(names, inputs=3, loss="softmax_cross_entropy", seed=2, dtype="float64")
    trace = net.trace(X, T, sample_weight, training=True)
    seen, d_outputs, d_parameters = truth(
        layers, net, X, np.eye(2)[T], "softmax_cross_entropy", sample_weight
    )
    close = {"rtol": 1e-10, "atol": 1e-15}
    for position, record in enumerate(trace.layers):
        x, output = seen[position]
        if layers[position][0] == "activation":
            i, z = position, x
            delta = d_outputs[position] * jax.vmap(jax.vmap(jax.grad(oracle.ACTIVATIONS[layers[i][1]])))(z)
        else:
            i, z = position + 1, output
            delta = d_outputs[position]
        activated = i < len(layers) and layers[i][0] == "activation"
        f = oracle.ACTIVATIONS[layers[i][1]] if activated else oracle.ACTIVATIONS["identity"]
        np.testing.assert_allclose(record.x, x, **close)
        np.testing.assert_allclose(record.z, z, **close)
        np.testing.assert_allclose(record.a, f(z), **close)
        np.testing.assert_allclose(record.f_prime, jax.vmap(jax.vmap(jax.grad(f)))(z), **close)
        np.testing.assert_allclose(record.delta, len(X) * delta, **close)
        np.testing.assert_allclose(record.d_a, len(X) * d_outputs[i if activated else position], **close)
        if layers[position][0] == "dense":
            np.testing.assert_allclose(record.d_w, d_parameters[f"{position}.w"], **close)
            np.testing.assert_allclose(record.d_b, d_parameters[f"{position}.b"], **close)
            np.testing.assert_allclose(record.d_w, record.delta.T @ record.x / len(X), **close)
            np.testing.assert_allclose(record.d_b, record.delta.mean(axis=0), **close)
    weight = None if sample_weight is None else np.asarray(sample_weight, float)
    value, grad = evaluator(net, "numpy").gradient(X, net.encode(T), weight, training=True)
    assert trace.value == value
    np.testing.assert_array_equal(trace.grad, grad)
    np.testing.assert_allclose(net.gradient(X, T, sample_weight, training=True)[1], grad, **close)


@pytest.mark.parametrize("sample_weight", [None, WEIGHT])
def test_responsibility_multiplies_to_d_w(sample_weight):
    net = Network(
        [Dense(4), "tanh", Dense(3), "gelu", Dense(2)],
        inputs=3,
        loss="softmax_cross_entropy",
        dtype="float64",
    )
    trace = net.trace(X, T, sample_weight, training=True)
    for layer in (0, 2, 4, -1):
        for i, j in np.ndindex(*trace.layers[layer].d_w.shape):
            chain = trace.responsibility(layer, i, j)
            assert chain.value == pytest.approx(trace.layers[layer].d_w[i, j], rel=1e-12)
            assert np.mean(chain.d_a * chain.f_prime * chain.x) == chain.value


def documented():
    """The network of the worked chain in docs/backprop.md."""
    net = Network([Dense(2), "sigmoid", Dense(1)], inputs=2, loss="sigmoid_cross_entropy", dtype="float64")
    net.layers[0].w, net.layers[0].b = [[0.8, -0.4], [0.3, 0.6]], [0.1, -0.2]
    net.layers[2].w, net.layers[2].b = [[1, -0.5]], [0.2]
    return net.trace([[0.5, 1]], [1])


def test_numbers_of_the_documentation():
    trace = documented()
    below, above = trace.layers[0], trace.layers[2]
    close = {"rtol": 0, "atol": 5e-6}
    np.testing.assert_allclose(trace.value, 0.50985, **close)
    np.testing.assert_allclose(below.z, [[0.1, 0.55]], **close)
    np.testing.assert_allclose(below.a, [[0.52498, 0.63414]], **close)
    np.testing.assert_allclose(above.z, [[0.40791]], **close)
    np.testing.assert_allclose(trace.y, [[0.60059]], **close)
    np.testing.assert_allclose(above.delta, [[-0.39941]], **close)
    np.testing.assert_allclose(above.d_w, [[-0.20968, -0.25328]], **close)
    np.testing.assert_allclose(below.d_a, [[-0.39941, 0.19971]], **close)
    np.testing.assert_allclose(below.f_prime, [[0.24938, 0.23201]], **close)
    np.testing.assert_allclose(below.delta, [[-0.09960, 0.04633]], **close)
    np.testing.assert_allclose(below.d_w, [[-0.04980, -0.09960], [0.02317, 0.04633]], **close)


def test_printing_fills_in_the_four_equations():
    text = str(documented())
    for line in (
        "E = 0.5098, the mean over 1 sample; shown: sample 0",
        "z_0 = 0.5·0.8 + 1·(-0.4) + 0.1 = 0.1",
        "f′(z) = 0.2494  0.232",
        "BP1          delta = ∂e/∂z by SigmoidCrossEntropy(",
        "y = 0.6006, t = 1",
        "delta = -0.3994",
        "BP2          delta = (delta_above w_above) ⊙ f′(z)",
        "delta_0 = (-0.3994·1) · 0.2494 = -0.0996",
        "delta_1 = (-0.3994·(-0.5)) · 0.232 = 0.04633",
        "BP3          d_b = mean of delta",
        "d_b = -0.0996  0.04633",
        "BP4          d_w = deltaᵀ x / n",
        "d_w[0,1] = -0.0996·1 = -0.0996",
        "d_w[1,0] = 0.04633·0.5 = 0.02317",
    ):
        assert line in text


def test_printing_one_chain():
    text = str(documented().responsibility(0, 0, 1))
    assert "∂E/∂w[0,1] = mean of ∂e/∂a_0 · ∂a_0/∂z_0 · ∂z_0/∂w[0,1]" in text
    assert "-0.3994 · 0.2494 · 1 = -0.0996" in text


def test_a_batch_shows_the_sample_that_is_asked_for():
    net = Network([Dense(2), "tanh", Dense(1)], inputs=3, dtype="float64")
    trace = net.trace(X, X[:, 0])
    assert "the mean over 6 samples; shown: sample 0" in str(trace)
    assert f"z_0 = {X[4, 0]:.4g}·" in trace.show(4)
    assert "mean of" in str(trace)
    for wrong in (6, -1, "a", 1.0, None):
        with pytest.raises(InputError, match=r"^Trace: sample is \S+, expected an integer in \[0, 5\]"):
            trace.show(wrong)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda net: net.layers[0].b.__setitem__(slice(None), 50), "saturated"),
        (lambda net: net.layers[2].w.__setitem__(slice(None), 1e-6), "the deltas above have vanished"),
        (None, "its input activation is near 0"),
    ],
)
def test_says_why_a_weight_learns_slowly(change, reason):
    net = Network([Dense(2), "sigmoid", Dense(1)], inputs=3, dtype="float64")
    assert not net.trace(X, X[:, 0]).responsibility(0, 0, 0).slow_because
    x = X.copy()
    if change is None:
        x[:, 0] = 1e-5
    else:
        change(net)
    chain = net.trace(x, X[:, 0]).responsibility(0, 0, 0)
    assert any(reason in why for why in chain.slow_because)
    assert f"learns slowly: {chain.slow_because[0]}" in str(chain)


def test_wrapped_layers_are_traced_inside():
    net = Network(
        [Residual([Dense(3), "tanh"]), Dense(2)], inputs=3, loss="softmax_cross_entropy", dtype="float64"
    )
    layers = (("residual", (("dense", 3), ("activation", "tanh"))), ("dense", 2))
    trace = net.trace(X, T)
    _, d_outputs, d_parameters = truth(layers, net, X, np.eye(2)[T], "softmax_cross_entropy")
    inner = trace.layers[0].inside[0]
    assert inner.name == "0.0"
    np.testing.assert_allclose(inner.d_w, d_parameters["1.w"], rtol=1e-10)
    np.testing.assert_allclose(inner.delta, 6 * d_outputs[1], rtol=1e-10)
    assert "layer 0.0: Dense(units=3)" in str(trace)


def test_a_softmax_layer_has_no_f_prime():
    trace = Network([Dense(2), "softmax"], inputs=3, dtype="float64").trace(X, np.eye(2)[T])
    assert trace.layers[0].f_prime is None
    assert "BP1          delta = (∂a/∂z)ᵀ ∂e/∂a" in str(trace)
    with pytest.raises(InputError, match=r"^Trace: layer is 0, expected .* there is none"):
        trace.responsibility(0, 0, 0)


@pytest.mark.parametrize(
    ("layer", "i", "j", "message"),
    [
        (1, 0, 0, r"layer is 1, expected a layer with weights and an elementwise activation: 0, 2; count as"),
        (3, 0, 0, r"layer is 3, expected a layer with weights and an elementwise activation: 0, 2"),
        (0, 2, 0, r"i is 2, expected an integer in \[0, 1\]"),
        (0, 0, -1, r"j is -1, expected an integer in \[0, 1\]"),
        (0, "a", 0, r"i is 'a', expected an integer"),
        (0, 0, 0.0, r"j is 0.0, expected an integer"),
        (None, 0, 0, r"layer is None, expected a layer with weights"),
        (10**400, 0, 0, r"layer is 1000.*000, expected a layer with weights"),
        ([0], 0, 0, r"layer is \[0\], expected a layer with weights"),
    ],
)
def test_weights_that_do_not_exist_are_refused(layer, i, j, message):
    with pytest.raises(InputError, match=f"^Trace: {message}"):
        documented().responsibility(layer, i, j)


def test_a_penalty_is_part_of_d_w_and_is_named():
    net = Network([Dense(1)], inputs=2, penalty=Penalty(l1=0.1, l2=0.5), dtype="float64", seed=3)
    trace = net.trace(X[:, :2], X[:, 2])
    grad = net.views(net.gradient(X[:, :2], X[:, 2])[1])
    np.testing.assert_allclose(trace.layers[0].d_w, grad[0].w, rtol=1e-12)
    chain = trace.responsibility(0, 0, 1)
    assert chain.value == pytest.approx(grad[0].w[0, 1], rel=1e-12)
    assert chain.penalty == pytest.approx(0.1 * np.sign(net.layers[0].w[0, 1]) + 0.5 * net.layers[0].w[0, 1])
    assert f"penalty: {chain.penalty:.4g}" in str(chain)
    assert "d_w = deltaᵀ x / n + ∂penalty/∂w" in str(trace)
