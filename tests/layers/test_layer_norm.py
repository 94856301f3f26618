"""Numbers are PyTorch 2.13's, from

l = torch.nn.LayerNorm(3, dtype=torch.float64)
l.weight.data, l.bias.data = torch.tensor([[2., 0.5, -1.], [-1., 0.25, 0.]], dtype=torch.float64)
l(torch.tensor([[1., -2., 0.5], [3., 3., 3.], [0., 4., -100.]], dtype=torch.float64))
"""

import numpy as np
import pytest

from deltaprop import LayerNorm, Network
from deltaprop.errors import InputError

X = np.array([[1, -2, 0.5], [3, 3, 3], [0, 4, -100]])
Z = [
    [0.7779966160845007, -0.4484986706046251, -0.5079990331670002],
    [-1.0, 0.25, 0.0],
    [0.33025758626332347, 0.6241349461365597, 1.413398685404781],
]


@pytest.fixture
def net():
    net = Network([LayerNorm()], inputs=3, dtype="float64")
    net.layers[0].gain, net.layers[0].shift = [2, 0.5, -1], [-1, 0.25, 0]
    return net


def test_equals_pytorch_in_training_and_inference(net):
    np.testing.assert_allclose(net.forward(X), Z, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(net.forward(X, training=True), Z, rtol=1e-13, atol=1e-15)
    assert net.buffers.size == 0


def test_no_sample_sees_another(net):
    np.testing.assert_allclose(net.forward(X), np.vstack([net.forward(row[None]) for row in X]), rtol=1e-15)


def test_shifting_and_scaling_a_sample_changes_little(net):
    wide = 100 * X[:1]  # against which ε does not count
    np.testing.assert_allclose(net.forward(3 * wide + 7), net.forward(wide), rtol=1e-6)


def test_one_unit_leaves_the_shift():
    net = Network([LayerNorm()], inputs=1)
    np.testing.assert_array_equal(net.forward([[5], [-3]]), [[0], [0]])


def test_impossible_epsilon_is_refused():
    with pytest.raises(
        InputError, match=r"^LayerNorm: epsilon is 0, expected a number in \(0, inf\); change epsilon"
    ):
        LayerNorm(0)
