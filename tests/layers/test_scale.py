import numpy as np
import pytest

from deltaprop import Network, Scale
from deltaprop.errors import InputError


@pytest.mark.parametrize("number", [float, np.float64, np.float32])
def test_bytes_become_numbers_of_the_networks_own_type(number):
    net = Network([Scale(number(0.5), number(-1))], inputs=3)
    z = net.forward(np.array([[0, 2, 255]], np.uint8))
    np.testing.assert_array_equal(z, [[-1, 0, 126.5]])
    assert z.dtype == net.vjp([[0, 0, 0]], [[1, 1, 1]])[1].dtype == np.float32


def test_nothing_is_learned():
    assert Network([Scale(0.5)], inputs=3).theta.shape == (0,)


@pytest.mark.parametrize(("argument", "value"), [("factor", np.nan), ("offset", np.inf), ("factor", "1/255")])
def test_impossible_numbers_are_refused(argument, value):
    with pytest.raises(InputError, match=rf"^Scale: {argument} is .*, expected a number"):
        Scale(**{argument: value})
