import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from drawn import batch, difference, largest, networks
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import (
    RBF,
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    InputError,
    LayerNorm,
    Network,
    Repeat,
    Residual,
    Scale,
)
from deltaprop.functions.activations import ACTIVATIONS, LeakyReLU, Tanh
from deltaprop.functions.losses import LOSSES, SquaredError
from deltaprop.functions.member_loss import MemberLoss
from deltaprop.interop import to_onnx
from deltaprop.layers import LAYERS


def run(model, x):
    """What onnxruntime computes."""
    content = model if isinstance(model, str) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    return y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=60)
@given(st.data())
def test_runtime_computes_what_the_network_computes(dtype, data):
    net = data.draw(networks(dtype))
    x = batch(net)
    z, y = run(to_onnx(net, output_map=False), x), run(to_onnx(net), x)
    assert difference(z, net.forward(x), largest(net, x)) <= 1e-6
    assert difference(y, net.loss.predict(z)) <= 1e-6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_over_the_whole_line(name, dtype):
    net = Network([name], inputs=1, dtype=dtype)
    z = np.concatenate([np.linspace(-12, 12, 2001), [0.0, -0.0, 1e-30, 1e4, -1e4]]).astype(dtype)[:, None]
    assert (
        difference(run(to_onnx(net), z) / np.maximum(abs(z), 1), net.forward(z) / np.maximum(abs(z), 1))
        <= 1e-6
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
def test_output_maps_at_large_values(loss, dtype):
    net = Network([], inputs=3, loss=loss, dtype=dtype)
    z = np.array([[-1e4, 0, 50], [50, 50, 50], [0, -0.5, -50]], dtype)
    assert difference(run(to_onnx(net), z), net.predict(z)) <= 1e-5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy", "huber", "poisson"])
def test_ensembles_return_the_mean_of_their_members(loss, dtype):
    grouped = [GroupedDense(6, 3), LayerNorm(1e-3, groups=3), "tanh", GroupedDense(2, 3, True, bias=False)]
    net = Network([Repeat(3), *grouped], 5, MemberLoss(loss, 3), dtype=dtype, seed=1)
    x = batch(net)
    assert difference(run(to_onnx(net, output_map=False), x), net.forward(x)) <= 1e-6
    y = run(to_onnx(net), x)
    assert y.shape == (7, 2)
    assert difference(y, net.predict(x)) <= 1e-6


@pytest.mark.parametrize("n", [1, 2, 300])
def test_number_of_samples_is_free(n):
    net = Network([Dense(4), Residual([RBF(4)]), Dense(2)], inputs=3)
    x = batch(net, n)
    assert run(to_onnx(net), x).shape == (n, 2)


def test_rbf_near_a_far_centre():
    """Where x² − 2xc + c² would be all rounding error."""
    net = Network([RBF(1)], inputs=2)
    net.layers[0].centre, net.layers[0].log_width = [[1000, 1000]], 0
    x = np.array([[1000.5, 1000], [1001, 1001]], np.float32)
    assert difference(run(to_onnx(net), x), np.exp([[-0.125], [-1.0]]).astype(np.float32)) <= 1e-6


def test_model_describes_itself():
    net = Network([Dense(2)], inputs=3, loss="softmax_cross_entropy", dtype="float64")
    model = net.to_onnx()
    (x,), (y,) = model.graph.input, model.graph.output
    assert (x.name, y.name) == ("x", "y")
    assert [d.dim_param or d.dim_value for d in x.type.tensor_type.shape.dim] == ["n", 3]
    assert [d.dim_param or d.dim_value for d in y.type.tensor_type.shape.dim] == ["n", 2]
    assert x.type.tensor_type.elem_type == y.type.tensor_type.elem_type == onnx.TensorProto.DOUBLE
    assert net.to_onnx(output_map=False).graph.output[0].name == "z"


def test_file_holds_the_model(tmp_path):
    net = Network([Dense(4), "gelu", Dense(2)], inputs=3, loss="sigmoid_cross_entropy")
    path, x = tmp_path / "a.onnx", batch(net)
    model = net.to_onnx(path)
    assert path.read_bytes() == model.SerializeToString()
    assert [p.name for p in tmp_path.iterdir()] == ["a.onnx"]
    assert difference(run(str(path), x), net.predict(x)) <= 1e-5


def test_file_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="could not be written"):
        Network([Dense(1)], inputs=1).to_onnx(tmp_path / "nowhere" / "a.onnx")


def test_the_network_is_left_alone():
    net = Network([Dense(4), "tanh", Dense(2)], inputs=3)
    before = net.theta.copy()
    model = net.to_onnx()
    net.theta = net.theta * 2
    assert difference(run(model, batch(net)), net.predict(batch(net))) > 0.01
    np.testing.assert_array_equal(net.theta, before * 2)


def test_settings_of_other_kinds_of_number():
    """Whole numbers and NumPy's numbers where a float is expected, and the other way round."""
    row = [Dense(np.int64(4)), BatchNorm(1, 1), LayerNorm(np.float32(1)), Dropout(0), Scale(2, np.int64(1))]
    net = Network([*row, LeakyReLU(np.float32(0.5)), RBF(np.int32(2))], inputs=np.int64(3), dtype="float32")
    assert difference(run(to_onnx(net), batch(net)), net.forward(batch(net))) <= 1e-6


class OwnLoss(SquaredError):
    def predict(self, z):
        return 2 * z


class OwnFunction(Tanh):
    def f(self, z):
        return 2 * np.tanh(z)


class OwnLayer(Dense):
    def forward(self, p, x, cache):
        return 2 * super().forward(p, x, cache)


@pytest.mark.parametrize("layer", [OwnLayer(2), Activation(OwnFunction()), Residual([OwnLayer(3)])])
def test_layers_of_the_callers_own_are_refused(layer):
    with pytest.raises(InputError, match=r"to_onnx: network contains .*, expected one of .*; replace it"):
        to_onnx(Network([layer], inputs=3))


def test_loss_of_the_callers_own():
    net = Network([Dense(2)], inputs=3, loss=OwnLoss())
    with pytest.raises(InputError, match="to_onnx: output_map is that of OwnLoss"):
        to_onnx(net)
    assert difference(run(to_onnx(net, output_map=False), batch(net)), net.forward(batch(net))) <= 1e-5


def test_every_layer_and_function_is_known():
    from deltaprop.interop import onnx as module

    assert set(module.LAYERS) == set(LAYERS)
    assert set(module.FUNCTIONS) == {type(f) for f in ACTIVATIONS.values()}


@pytest.mark.parametrize(
    ("call", "package"),
    [("net.to_torch()", "torch"), ("Network.from_torch(None)", "torch"), ("net.to_onnx()", "onnx")],
)
def test_missing_package_is_named(call, package):
    program = f"""
import sys
sys.modules[{package!r}] = None
from deltaprop import Dense, Network
net = Network([Dense(1)], inputs=1)
{call}
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    name = call.split(".")[1].split("(")[0]
    wanted = f"{name}: {package} is not installed; pip install 'deltaprop[{package}]'."
    assert result.stderr.splitlines()[-1] == f"deltaprop.errors.InputError: {wanted}"
