import numpy as np
import oracle
import pytest

from deltaprop import Activation, Network
from deltaprop.errors import InputError
from deltaprop.functions.activations import ACTIVATIONS, LeakyReLU, Tanh

Z = np.linspace(-4, 4, 41)[:, None]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_layer_applies_its_function_to_every_entry(name):
    got = Network([name], inputs=1, dtype="float64").forward(Z)
    np.testing.assert_allclose(got, oracle.ACTIVATIONS[name](Z), rtol=1e-14, atol=1e-15)


def test_by_name_and_by_object_are_the_same():
    assert Activation("tanh") == Activation(Tanh())
    assert Network([Tanh(), "tanh", Activation("tanh")], inputs=2).config == (Activation("tanh"),) * 3


def test_an_object_keeps_its_own_slope():
    net = Network([LeakyReLU(0.5)], inputs=1)
    np.testing.assert_array_equal(net.forward([[-2], [2]]), [[-1], [2]])
    assert net.config[0].function == LeakyReLU(0.5)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32(name):
    net = Network([name], inputs=1)
    assert net.forward(Z).dtype == net.vjp(Z, Z)[1].dtype == net.jvp(Z, [], Z).dtype == np.float32


def test_unknown_function_is_refused():
    with pytest.raises(
        InputError, match=r"^Activation: function is 'swish', expected one of identity, step, "
    ):
        Activation("swish")
    with pytest.raises(
        InputError, match=r"^Network: layers contain 'swish', expected layers or names among identity"
    ):
        Network(["swish"], inputs=1)
