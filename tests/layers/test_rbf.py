import numpy as np
import pytest

from deltaprop import RBF, Dense, Network
from deltaprop.errors import InputError


@pytest.fixture
def net():
    net = Network([RBF(2)], inputs=2, dtype="float64")
    net.layers[0].centre = [[0, 0], [3, 4]]
    net.layers[0].log_width = np.log([1, 5])
    return net


def test_forward_by_hand(net):
    np.testing.assert_allclose(
        net.forward([[0, 0], [3, 4]]), [[1, np.exp(-0.5)], [np.exp(-12.5), 1]], rtol=1e-14
    )


def test_a_unit_is_local(net):
    """Far from its centre a unit neither answers nor learns nor hands anything down."""
    far = [[1e3, -1e3]]
    np.testing.assert_array_equal(net.forward(far), [[0, 0]])
    grad, d_x = net.vjp(far, [[1, 1]])
    assert not grad.any()
    assert not d_x.any()


def test_one_width_away_the_answer_is_the_root_of_1_over_e(net):
    np.testing.assert_allclose(net.forward([[0, 1], [3, 9]]).diagonal(), np.exp(-0.5), rtol=1e-14)


def test_a_sample_pulls_the_near_centre_only(net):
    grad = net.views(net.vjp([[0.5, 0]], [[1, 1]])[0])[0]
    assert abs(grad.centre[0, 0]) > 2 * np.abs(grad.centre[1]).max()
    assert grad.log_width[0] > 0  # a wider unit answers more


def test_initial_widths_suit_standardized_inputs():
    net = Network([RBF(50), Dense(1)], inputs=9)
    np.testing.assert_allclose(np.exp(net.layers[0].log_width), 3, rtol=1e-6)
    a = Network([RBF(50)], inputs=9).forward(np.random.default_rng(0).normal(size=(100, 9)))
    assert 0.2 < a.mean() < 0.6
    assert a.dtype == np.float32


@pytest.mark.parametrize("units", [0, 2.0])
def test_impossible_units_are_refused(units):
    with pytest.raises(InputError, match=r"^RBF: units is .*, expected an integer in \[1, inf\)"):
        RBF(units)
