import numpy as np
import scipy.special

from deltaprop import Network

X = np.array([[1.0, 2.0, -1.0], [0.0, 0.0, 0.0], [1e4, -1e4, 1e4]])


def test_rows_are_probabilities():
    net = Network(["softmax"], inputs=3, dtype="float64")
    np.testing.assert_allclose(net.forward(X), scipy.special.softmax(X, axis=1), rtol=1e-14)


def test_shifting_a_row_changes_nothing():
    net = Network(["softmax"], inputs=3, dtype="float64")
    np.testing.assert_allclose(net.forward(X[:2] + 7.5), net.forward(X[:2]), rtol=1e-14)
    np.testing.assert_allclose(net.jvp(X, [], np.ones_like(X)), 0, atol=1e-15)


def test_extreme_inputs_in_float32_stay_finite():
    net = Network(["softmax"], inputs=3)
    np.testing.assert_array_equal(net.forward(X[2:]), [[0.5, 0, 0.5]])
    grad, d_x = net.vjp(X[2:], [[1, 2, 3]])
    np.testing.assert_array_equal(d_x, [[-0.5, 0, 0.5]])
    assert grad.shape == (0,)
