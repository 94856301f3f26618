"""Numbers are PyTorch 2.13's, from

x = torch.tensor([[1., -2.], [3., 0.5], [0., 4.], [-1.5, 2.]], dtype=torch.float64)
b = torch.nn.BatchNorm1d(2, dtype=torch.float64)
b.weight.data, b.bias.data = torch.tensor([[2., 0.5], [-1., 0.25]], dtype=torch.float64)
b(x); b(2 * x + 1); b.running_mean; b.running_var; b.eval()(x)
"""

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Network
from deltaprop.errors import InputError

X = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 4.0], [-1.5, 2.0]])
TRAINING = [
    [-0.5411693908884527, -0.4634119382980103],
    [1.9059271910397992, 0.10731761234039794],
    [-1.7647176818525787, 0.9063389832341695],
    [-3.6000401182987676, 0.44975534272344286],
]
RUNNING_MEAN, RUNNING_VARIANCE = [0.28125, 0.42625], [2.555625, 3.9439583333333337]
INFERENCE = [
    [-0.10079556603481454, -0.36085599873281815],
    [2.4013385110857017, 0.26856800820465543],
    [-1.3518626045950726, 1.1497616179171186],
    [-3.2284631624354594, 0.6462224123671396],
]


@pytest.fixture
def net():
    net = Network([BatchNorm()], inputs=2, dtype="float64")
    net.layers[0].gain, net.layers[0].shift = [2, 0.5], [-1, 0.25]
    return net


def train(net, x):
    """What an engine does: one pass, then the statistics take the batch in."""
    _, cache = net.backpropagate(
        np.asarray(x, net.dtype), np.zeros((len(x), net.outputs)), None, np.empty_like(net.theta)
    )
    net.update_running_stats(cache)


def test_training_and_inference_equal_pytorch(net):
    np.testing.assert_allclose(net.forward(X, training=True), TRAINING, rtol=1e-14)
    train(net, X)
    train(net, 2 * X + 1)
    np.testing.assert_allclose(net.layers[0].mean, RUNNING_MEAN, rtol=1e-14)
    np.testing.assert_allclose(net.layers[0].variance, RUNNING_VARIANCE, rtol=1e-14)
    np.testing.assert_allclose(net.forward(X), INFERENCE, rtol=1e-14)


def test_statistics_are_views_of_one_vector_and_no_parameters(net):
    assert [block.name for block in net.layout] == ["0.gain", "0.shift"]
    assert [block.name for block in net.buffer_layout] == ["0.mean", "0.variance"]
    np.testing.assert_array_equal(net.buffers, [0, 0, 1, 1])
    net.layers[0].mean = [5, 6]
    np.testing.assert_array_equal(net.buffers, [5, 6, 1, 1])


def test_looking_changes_nothing(net):
    before = net.buffers.copy()
    net.forward(X, training=True)
    net.gradient(X, X, training=True)
    net.value(X, X, training=True)
    net.trace(X, X)
    np.testing.assert_array_equal(net.buffers, before)


def test_a_batch_of_one_is_left_out_of_the_statistics(net):
    before = net.buffers.copy()
    train(net, X[:1])
    np.testing.assert_array_equal(net.buffers, before)
    np.testing.assert_array_equal(net.forward(X[:1], training=True), [[-1, 0.25]])  # x̂ = 0: the shift is left


def test_inference_treats_samples_one_by_one(net):
    train(net, X)
    one_by_one = np.vstack([net.forward(row[None]) for row in X])
    np.testing.assert_allclose(net.forward(X), one_by_one, rtol=1e-15)


def test_a_bias_below_has_no_effect_and_no_gradient():
    net = Network([Dense(3), BatchNorm(), "tanh", Dense(1)], inputs=2, dtype="float64")
    z = net.forward(X, training=True)
    grad = net.views(net.gradient(X, X[:, :1], training=True)[1])
    np.testing.assert_allclose(grad[0].b, 0, atol=1e-15)
    net.layers[0].b = [1, -2, 3]
    np.testing.assert_allclose(net.forward(X, training=True), z, rtol=1e-12)


def test_float32_stays_float32():
    net = Network([BatchNorm(np.float64(0.1), np.float64(1e-5))], inputs=2)
    train(net, X)
    assert net.forward(X).dtype == net.forward(X, training=True).dtype == net.buffers.dtype == np.float32


@pytest.mark.parametrize(
    ("argument", "value"), [("momentum", 0), ("momentum", 1.1), ("epsilon", 0), ("epsilon", -1)]
)
def test_impossible_settings_are_refused(argument, value):
    with pytest.raises(InputError, match=rf"^BatchNorm: {argument} is {value}, expected a number in \(0, "):
        BatchNorm(**{argument: value})
