import numpy as np
import pytest

from deltaprop import Network, PeriodicEmbedding
from deltaprop.errors import InputError


@pytest.fixture
def net():
    net = Network([PeriodicEmbedding(1, frequencies=2, units=1)], inputs=2, dtype="float64")
    p = net.layers[0]
    p.frequency, p.phase, p.u, p.c = [[1, 0.5]], [[0, np.pi / 2]], [[[2, 3]]], [[10]]
    return net


def test_by_hand(net):
    """2 cos(2πx) + 3 cos(πx + π/2) + 10, between x and the other input."""
    np.testing.assert_allclose(
        net.forward([[0, 7], [0.5, 8], [0.25, 9]]),
        [[0, 12, 7], [0.5, 5, 8], [0.25, 10 - 3 * 0.5**0.5, 9]],
        atol=1e-14,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_core_keeps_its_digits_over_many_periods(dtype):
    net = Network([PeriodicEmbedding(1, frequencies=1, units=1)], inputs=1, dtype=dtype)
    p = net.layers[0]
    p.frequency, p.phase, p.u, p.c = 1, 0, 1, 0
    x = np.linspace(-300, 300, 10_001).astype(dtype)[:, None]
    z = net.forward(x)[:, 1]
    tolerance = 4 * np.finfo(dtype).eps
    np.testing.assert_allclose(z, np.cos(2 * np.pi * (x[:, 0].astype(np.longdouble) % 1)), atol=tolerance)


def test_huge_numbers_stay_within_one():
    net = Network([PeriodicEmbedding(1, frequencies=1, units=1)], inputs=1)
    p = net.layers[0]
    p.frequency, p.phase, p.u, p.c = 1, 0, 1, 0
    z = net.forward(np.float32([[1e8], [-1e15], [1e30]]))[:, 1]
    assert (np.abs(z) <= 1).all()


def test_initial_parameters():
    p = Network([PeriodicEmbedding(200, sigma=0.5)], inputs=200).layers[0]
    assert 0.45 < p.frequency.std() < 0.55
    assert 3 < np.abs(p.phase).max() <= np.float32(np.pi)
    assert 0.24 < np.abs(p.u).max() <= 0.25
    assert 0.24 < np.abs(p.c).max() <= 0.25


def test_more_columns_than_inputs_are_refused():
    with pytest.raises(InputError, match="PeriodicEmbedding: columns is 3, expected at most the 2 inputs"):
        Network([PeriodicEmbedding(3)], inputs=2)
