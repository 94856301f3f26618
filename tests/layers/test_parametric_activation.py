import numpy as np
import pytest

from deltaprop import Activation, Dense, Network, ParametricActivation
from deltaprop.errors import InputError
from deltaprop.functions.activations import ACTIVATIONS

Z = np.linspace(-4, 4, 40)[:, None]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_at_first_it_is_the_activation(name):
    parametric, plain = (
        Network([kind(name)], 1, dtype="float64") for kind in (ParametricActivation, Activation)
    )
    np.testing.assert_allclose(parametric.forward(Z), plain.forward(Z), rtol=1e-14, atol=1e-15)


def test_with_slope_0_the_unit_is_linear():
    net = Network([ParametricActivation("mish")], 1, dtype="float64")
    net.layers[0].slope = 0
    np.testing.assert_array_equal(net.forward(Z), Z)
    np.testing.assert_array_equal(net.vjp(Z, np.ones_like(Z))[1], np.ones_like(Z))


def test_of_relu_is_the_parametric_relu():
    net = Network([ParametricActivation("relu")], 1, dtype="float64")
    net.layers[0].slope = 0.75
    np.testing.assert_allclose(net.forward(Z), np.where(Z > 0, Z, 0.25 * Z), rtol=1e-15)


def test_the_layer_before_is_initialized_for_it():
    parametric, plain = (Network([Dense(50), f], 50) for f in (ParametricActivation("relu"), "relu"))
    np.testing.assert_array_equal(parametric.layers[0].w, plain.layers[0].w)


def test_the_trace_shows_its_slope():
    net = Network([Dense(2), ParametricActivation("relu"), Dense(1)], 2, dtype="float64")
    net.layers[1].slope = 0.75
    first = net.trace([[1.0, -2.0]], [[0.0]]).layers[0]
    np.testing.assert_array_equal(first.f_prime, np.where(first.z > 0, 1, 0.25))
    np.testing.assert_array_equal(first.delta, first.d_a * first.f_prime)


def test_an_unknown_function_is_refused():
    with pytest.raises(
        InputError, match="ParametricActivation: function is 'swish', expected one of identity"
    ):
        ParametricActivation("swish")
