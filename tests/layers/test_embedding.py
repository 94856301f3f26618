import numpy as np
import pytest

from deltaprop import Dense, Embedding, Network
from deltaprop.engines.evaluator import Evaluator
from deltaprop.errors import InputError


@pytest.fixture
def net():
    net = Network([Embedding([2, 3], size=2)], inputs=3, dtype="float64")
    net.layers[0].table = np.arange(1, 11).reshape(5, 2)
    return net


X = np.array([[0.5, 1, 2], [-0.5, 0, -1], [7, -1, 3], [8, 2, 0]])
Z = [[0.5, 3, 4, 9, 10], [-0.5, 1, 2, 0, 0], [7, 0, 0, 0, 0], [8, 0, 0, 5, 6]]


def test_codes_become_rows_and_others_zeros(net):
    np.testing.assert_array_equal(net.forward(X), Z)
    np.testing.assert_array_equal(Evaluator(net).forward(X), Z)


def test_a_row_learns_from_the_samples_that_have_it(net):
    x, d_z = X[[0, 0, 1]], np.arange(15.0).reshape(3, 5)
    for evaluator in (net.evaluator, Evaluator(net)):
        grad, d_x = evaluator.vjp(x, d_z)
        np.testing.assert_array_equal(grad.reshape(5, 2), [[11, 12], [7, 9], [0, 0], [0, 0], [11, 13]])
        np.testing.assert_array_equal(d_x, [[0, 0, 0], [5, 0, 0], [10, 0, 0]])


def test_ten_thousand_categories():
    net = Network([Embedding((10_000,)), Dense(1)], inputs=1)
    codes = np.arange(10_000)[:, None]
    assert net.forward(codes).shape == (10_000, 1)
    assert 0.12 < net.layers[0].table.var() < 0.13


@pytest.mark.parametrize("categories", [(), 3, "ab", None, (2, 0), (2.5,), (True,), ("a",)])
def test_impossible_categories_are_refused(categories):
    with pytest.raises(InputError, match=r"Embedding: categories"):
        Embedding(categories)


def test_more_codes_than_inputs_are_refused():
    with pytest.raises(
        InputError, match="Embedding: categories has 2 numbers, expected at most the 1 inputs"
    ):
        Network([Embedding((2, 2))], inputs=1)
