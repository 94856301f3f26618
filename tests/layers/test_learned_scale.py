import numpy as np
import pytest

from deltaprop import Dense, LearnedScale, Network
from deltaprop.errors import InputError


def test_by_hand():
    net = Network([LearnedScale()], inputs=2, dtype="float64")
    np.testing.assert_array_equal(net.forward([[3, -4]]), [[3, -4]])
    net.layers[0].factor = [2, 0.5]
    np.testing.assert_array_equal(net.forward([[3, -4]]), [[6, -2]])
    grad, d_x = net.vjp([[3, -4], [1, 1]], [[1, 1], [1, 10]])
    np.testing.assert_array_equal(grad, [4, 6])
    np.testing.assert_array_equal(d_x, [[2, 0.5], [2, 5]])


def test_signs_are_both_and_the_same_for_a_seed():
    factor = Network([LearnedScale("signs")], inputs=100).layers[0].factor
    assert set(factor) == {-1, 1}
    np.testing.assert_array_equal(factor, Network([LearnedScale("signs")], inputs=100).layers[0].factor)


def test_the_layer_before_is_initialized_for_the_activation_after_it():
    plain, scaled = (Network([Dense(50), *between, "relu"], 50) for between in ([], [LearnedScale()]))
    np.testing.assert_array_equal(plain.layers[0].w, scaled.layers[0].w)


@pytest.mark.parametrize("init", ["twos", None, 1])
def test_an_unknown_init_is_refused(init):
    with pytest.raises(InputError, match=r"LearnedScale: init is .*, expected 'ones' or 'signs'"):
        LearnedScale(init)
