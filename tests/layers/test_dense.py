import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, Dropout, LayerNorm, Network, Residual
from deltaprop.errors import InputError
from deltaprop.functions.initializers import Constant, GlorotUniform, Initializer, Normal, Zeros

D_IN, D_OUT = 300, 400
HE, GLOROT, LECUN = 2 / D_IN, 2 / (D_IN + D_OUT), 1 / D_IN


@pytest.mark.parametrize(
    ("following", "variance"),
    [
        (["relu"], HE),
        (["leaky_relu"], HE / (1 + 0.01**2)),
        (["gelu"], HE),
        (["tanh"], GLOROT),
        (["sigmoid"], GLOROT),
        (["scaled_tanh"], LECUN),
        (["softmax"], GLOROT),
        ([], GLOROT),
        ([Dense(2), "relu"], GLOROT),
        ([BatchNorm(), Dropout(0.5), LayerNorm(), "relu"], HE),
    ],
)
def test_initial_weights_suit_the_activation_that_follows(following, variance):
    net = Network([Dense(D_OUT), *following], inputs=D_IN)
    assert np.var(net.layers[0].w) == pytest.approx(variance, rel=0.02)
    assert abs(np.mean(net.layers[0].w)) < 4 * np.sqrt(variance / (D_IN * D_OUT))
    assert not net.layers[0].b.any()


def test_inside_a_residual_layer_too():
    net = Network([Residual([Dense(D_OUT), "relu", Dense(D_IN)]), "relu"], inputs=D_IN)
    first, _, last = net.layers[0].inside
    assert np.var(first.w) == pytest.approx(HE, rel=0.02)
    assert np.var(last.w) == pytest.approx(GLOROT, rel=0.02)


@pytest.mark.parametrize(
    ("init", "std"), [("zeros", 0), (Zeros(), 0), (Normal(0.3), 0.3), ("lecun_normal", LECUN**0.5)]
)
def test_init_by_name_or_object_comes_first(init, std):
    net = Network([Dense(D_OUT, init=init), "relu"], inputs=D_IN)
    assert np.std(net.layers[0].w) == pytest.approx(std, rel=0.02)


def test_forward_by_hand():
    net = Network([Dense(2)], inputs=3, dtype="float64")
    net.layers[0].w = [[1, 2, 3], [-1, 0, 1]]
    net.layers[0].b = [10, 20]
    np.testing.assert_array_equal(net.forward([[1, 1, 1], [0, 0, 2]]), [[16, 20], [16, 22]])


def test_without_bias():
    net = Network([Dense(2, bias=False)], inputs=3)
    assert [block.name for block in net.layout] == ["0.w"]
    np.testing.assert_array_equal(net.forward(np.zeros((1, 3))), [[0, 0]])
    assert repr(net.config[0]) == "Dense(units=2, bias=False)"
    with pytest.raises(AttributeError, match=r"Dense has no 'b'; it has w"):
        _ = net.layers[0].b


@pytest.mark.parametrize("units", [0, -1, 1.5, "3", None, True])
def test_impossible_units_are_refused(units):
    with pytest.raises(
        InputError, match=r"^Dense: units is .*, expected an integer in \[1, inf\); change units\.$"
    ):
        Dense(units)


def test_unknown_init_is_refused():
    with pytest.raises(InputError, match=r"is 'bayes', expected one of .*glorot_uniform"):
        Dense(3, init="bayes")


def test_biases_are_drawn_as_a_column_of_weights():
    net = Network([Dense(D_OUT, bias_init=GlorotUniform())], inputs=D_IN)
    limit = (6 / (D_IN + D_OUT)) ** 0.5
    b = net.layers[0].b
    assert -limit <= b.min() < -0.9 * limit
    assert 0.9 * limit < b.max() <= limit
    plain = Network([Dense(D_OUT)], inputs=D_IN)
    np.testing.assert_array_equal(net.layers[0].w, plain.layers[0].w)  # the same draw of w
    assert repr(Dense(2, bias_init="zeros")) == "Dense(units=2, bias_init=Zeros())"
    with pytest.raises(InputError, match="Dense: bias_init is given"):
        Dense(2, bias=False, bias_init=Constant(1.0))


def test_initializers_are_kept_in_files_if_they_are_plain_and_left_out_otherwise(tmp_path):
    class Hadamard(Initializer):
        """No dataclass."""

        def sample(self, rng, shape, dtype=np.float32):
            return np.ones(shape, dtype)

    for init, kept in ((Normal(0.5), Normal(0.5)), (Hadamard(), None)):
        net = Network([Dense(3, init=init, bias_init=Constant(0.5))], inputs=2)
        net.save(tmp_path / "model")
        loaded = Network.load(tmp_path / "model")
        assert loaded.config == (Dense(3, init=kept, bias_init=Constant(0.5)),)
        np.testing.assert_array_equal(loaded.theta, net.theta)
