import copy
import doctest
import io
from collections import OrderedDict

import numpy as np
import pytest
import torch
from drawn import batch, difference, largest, networks
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

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
    Softmax,
)
from deltaprop.functions.activations import ACTIVATIONS, LeakyReLU, Tanh
from deltaprop.functions.losses import LOSSES, SquaredError
from deltaprop.functions.penalties import Penalty
from deltaprop.interop import from_torch, to_torch
from deltaprop.interop import pytorch as module
from deltaprop.interop import pytorch_modules as own
from deltaprop.layers import LAYERS

TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


def run(model, x):
    with torch.no_grad():
        return model(torch.from_numpy(x)).numpy()


# -- there ----


@pytest.mark.parametrize("dtype", TOLERANCE)
@settings(max_examples=60)
@given(st.data())
def test_model_computes_what_the_network_computes(dtype, data):
    net = data.draw(networks(dtype))
    x = batch(net)
    z, y = run(to_torch(net), x), run(to_torch(net, output_map=True), x)
    assert difference(z, net.forward(x), largest(net, x)) <= TOLERANCE[dtype]
    assert difference(y, net.loss.predict(z)) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_over_the_whole_line(name, dtype):
    net = Network([name], inputs=1, dtype=dtype)
    z = np.concatenate([np.linspace(-12, 12, 2001), [0.0, -0.0, 1e-30, 1e4, -1e4]]).astype(dtype)[:, None]
    scale = np.maximum(abs(z), 1)
    assert difference(run(to_torch(net), z) / scale, net.forward(z) / scale) <= TOLERANCE[dtype]


@pytest.mark.parametrize("loss", LOSSES)
def test_output_maps_at_large_values(loss):
    net = Network([], inputs=3, loss=loss)
    z = np.array([[-1e4, 0, 50], [50, 50, 50], [0, -0.5, -50]], np.float32)
    assert difference(run(to_torch(net, output_map=True), z), net.predict(z)) <= 1e-6


def test_a_network_of_the_usual_size():
    net = Network(
        [Dense(256), "relu", Dense(128), "relu", Dense(10)], inputs=784, loss="softmax_cross_entropy"
    )
    x = np.random.default_rng(0).uniform(0, 1, (500, 784)).astype(np.float32)
    assert difference(run(to_torch(net), x), net.forward(x)) <= 1e-6
    assert difference(run(to_torch(net, output_map=True), x), net.predict(x)) <= 1e-6


@settings(max_examples=60)
@given(networks("float64"))
def test_gradients_are_pytorchs(net):
    """PyTorch derives by itself what the package derives by hand."""
    x = batch(net)
    model, d_z = to_torch(net), np.random.default_rng(1).standard_normal((len(x), net.outputs))
    x_torch = torch.from_numpy(x).requires_grad_()
    (model(x_torch) * torch.from_numpy(d_z)).sum().backward()
    grad, d_x = net.vjp(x, d_z)
    theirs = [np.zeros(1), *(p.grad.numpy().ravel() for p in model.parameters())]
    assert difference(np.concatenate(theirs), np.append(0, grad)) <= 1e-10
    assert difference(x_torch.grad.numpy(), d_x) <= 1e-10


def test_training_goes_on_alike():
    """A step of gradient descent in training mode, running statistics included."""
    net = Network(
        [Dense(5), BatchNorm(momentum=0.3), "tanh", LayerNorm(), Dense(2)], inputs=3, dtype="float64"
    )
    x, t = batch(net), np.ones((7, 2))
    model = to_torch(net).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    (0.5 * (model(torch.from_numpy(x)) - 1).square().sum(dim=1)).mean().backward()
    optimizer.step()
    grad = np.empty_like(net.theta)
    _, cache = net.backpropagate(x, t, None, grad)
    net.update_running_stats(cache)
    net.theta = net.theta - 0.1 * grad
    np.testing.assert_allclose(net.forward(x), run(model.eval(), x), rtol=1e-12)


def test_model_is_ready_to_use():
    net = Network([Dense(4, bias=False), "gelu", Dropout(0.25), BatchNorm(0.2, 1e-3), Dense(2)], inputs=3)
    model = net.to_torch()
    assert repr(model).splitlines()[1:-1] == [
        "  (0): Linear(in_features=3, out_features=4, bias=False)",
        "  (1): GELU(approximate='none')",
        "  (2): Dropout(p=0.25, inplace=False)",
        "  (3): BatchNorm1d(4, eps=0.001, momentum=0.2, affine=True, bias=True, track_running_stats=True)",
        "  (4): Linear(in_features=4, out_features=2, bias=True)",
    ]
    assert not any(m.training for m in model.modules())
    assert all(p.requires_grad and p.device.type == "cpu" for p in model.parameters())
    assert sum(p.numel() for p in model.parameters()) == net.theta.size


def test_everything_is_copied():
    net = Network([Dense(2), BatchNorm()], inputs=3)
    model, theta, x = net.to_torch(), net.theta.copy(), batch(net)
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.add_(1)
    np.testing.assert_array_equal(net.theta, theta)
    back = Network.from_torch(model)
    z = run(model, x)
    back.theta = back.theta * 0
    np.testing.assert_array_equal(run(model, x), z)


def test_random_numbers_of_pytorch_do_not_move():
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    Network([Dense(4), BatchNorm(), RBF(3), LayerNorm(), Dense(1)], inputs=3).to_torch()
    assert torch.equal(torch.rand(3), wanted)


def test_model_can_be_saved_and_copied():
    net = Network([Dense(4), "scaled_tanh", Residual([RBF(3), Dense(4)]), "step", Dense(2)], inputs=3)
    model, x = net.to_torch(), batch(net)
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for other in (torch.load(file, weights_only=False), copy.deepcopy(model)):
        np.testing.assert_array_equal(run(other, x), run(model, x))
    state = model.state_dict()
    fresh = Network(net.config, 3, seed=5).to_torch()
    fresh.load_state_dict(state)
    np.testing.assert_array_equal(run(fresh, x), run(model, x))


def test_new_modules_begin_as_the_layers_do():
    torch.manual_seed(0)
    rbf = own.RBFModule(4, 1000)
    assert abs(rbf.centre.mean().item()) < 0.1
    assert rbf.log_width.detach().numpy() == pytest.approx(np.log(2))


def test_settings_of_other_kinds_of_number():
    """Whole numbers and NumPy's numbers where a float is expected, and the other way round."""
    row = [Dense(np.int64(4)), BatchNorm(1, 1), LayerNorm(np.float32(1)), Dropout(0), Scale(2, np.int64(1))]
    net = Network([*row, LeakyReLU(np.float32(0.5)), RBF(np.int32(2))], inputs=np.int64(3), dtype="float32")
    assert difference(run(to_torch(net), batch(net)), net.forward(batch(net))) <= 1e-6


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
    with pytest.raises(InputError, match=r"to_torch: network contains .*, expected one of .*; replace it"):
        to_torch(Network([layer], inputs=3))


def test_loss_of_the_callers_own():
    net = Network([Dense(2)], inputs=3, loss=OwnLoss())
    with pytest.raises(InputError, match="to_torch: output_map is that of OwnLoss"):
        to_torch(net, output_map=True)
    assert difference(run(to_torch(net), batch(net)), net.forward(batch(net))) <= 1e-6


def test_every_layer_and_function_is_known():
    assert set(module.COUNTERPARTS) == {*LAYERS, *map(type, ACTIVATIONS.values())} - {Activation}


# -- and back ----


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_groups_of_columns_there_and_back(dtype):
    grouped = [GroupedDense(6, 3), LayerNorm(1e-3, groups=3), "tanh", GroupedDense(2, 3, True, bias=False)]
    net = Network([Repeat(3), *grouped], 5, dtype=dtype, seed=1)
    model = to_torch(net)
    assert difference(run(model, batch(net)), net.forward(batch(net))) <= 1e-6
    other = from_torch(model, net.inputs)
    assert [repr(layer) for layer in other.config] == [repr(layer) for layer in net.config]
    np.testing.assert_array_equal(other.theta, net.theta)


@pytest.mark.parametrize("dtype", TOLERANCE)
@settings(max_examples=60)
@given(st.data())
def test_there_and_back(dtype, data):
    net = data.draw(networks(dtype))
    other = from_torch(to_torch(net), net.inputs, net.loss, output_map=False, seed=net.seed)
    assert [repr(layer) for layer in other.config] == [repr(layer) for layer in net.config]
    assert (other.loss, other.seed, other.inputs) == (net.loss, net.seed, net.inputs)
    assert other.dtype == (net.dtype if net.theta.size else "float32")
    np.testing.assert_array_equal(other.theta, net.theta)
    np.testing.assert_array_equal(other.buffers, net.buffers)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "sigmoid_cross_entropy", "perceptron", "poisson"])
def test_output_map_goes_back_to_the_loss(loss):
    net = Network([Dense(4), "tanh", Dense(2)], inputs=3, loss=loss)
    other = from_torch(to_torch(net, output_map=True), loss=loss, output_map=True)
    np.testing.assert_array_equal(other.predict(batch(net)), net.predict(batch(net)))


def test_a_pytorch_model():
    torch.manual_seed(0)
    relu = nn.ReLU()  # one module at two places, as people write it
    model = nn.Sequential(
        OrderedDict(
            body=nn.Sequential(nn.Linear(5, 8), relu, nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(0.1))),
            more=nn.Sequential(nn.Linear(8, 8, bias=False), relu, nn.LayerNorm(8, elementwise_affine=False)),
            bare=nn.BatchNorm1d(8, affine=False),
            head=nn.Linear(8, 3),
            map=nn.Softmax(dim=-1),
        )
    )
    for _ in range(3):  # running statistics other than 0 and 1
        model(torch.randn(20, 5))
    model.eval()
    net = Network.from_torch(
        model, loss="softmax_cross_entropy", output_map=True, penalty=Penalty(l2=0.1), seed=3
    )
    assert (net.inputs, net.outputs, net.seed, net.penalty) == (5, 3, 3, Penalty(l2=0.1))
    x = batch(net)
    assert difference(net.predict(x), run(model, x)) <= 1e-6


def test_layer_norm_without_shift():
    model = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4, bias=False))
    net = from_torch(model)
    assert difference(net.forward(batch(net)), run(model, batch(net))) <= 1e-6


def test_inputs_where_no_module_says():
    model = nn.Sequential(nn.Tanh(), nn.Softmax(dim=1))
    with pytest.raises(InputError, match="from_torch: inputs is None, expected a number"):
        from_torch(model)
    assert from_torch(model, inputs=3).inputs == 3


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (nn.Conv1d(1, 1, 1), r"model\[1\] is a Conv1d, expected one of Linear, .*; replace or remove it"),
        (nn.Sequential(nn.ReLU(), nn.CELU()), r"model\[1\]\[1\] is a CELU"),
        (own.ResidualModule(nn.Sequential(nn.CELU())), r"model\[1\]\.inside\[0\] is a CELU"),
        (nn.LazyLinear(2), r"model\[1\] is a LazyLinear"),
        (nn.GELU("tanh"), "expected the exact form"),
        (nn.Softmax(dim=0), "expected dim=1"),
        (nn.Softmax(dim=None), "expected dim=1"),
        (nn.BatchNorm1d(3, track_running_stats=False), "expected running statistics"),
        (nn.BatchNorm1d(3, momentum=None), "expected running statistics"),
        (nn.LayerNorm((2, 3)), "expected one dimension"),
        (nn.LayerNorm(3, eps=0.0), "LayerNorm: epsilon is 0.0"),
        (nn.Dropout(1.0), "Dropout: rate is 1.0"),
        (nn.LeakyReLU(-0.1), "LeakyReLU: alpha is -0.1"),
        (nn.Linear(4, 2), r"model\[1\].weight has shape \(2, 4\), expected \(2, 3\)"),
        (nn.BatchNorm1d(1), r"model\[1\].weight has shape \(1,\), expected \(3,\)"),
        (nn.Linear(3, 2, dtype=torch.float64), "model has float32 and float64, expected float32 or float64"),
        (nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)), "is a ParametrizedLinear"),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(3, 2)), "is a ParametrizedLinear"),
        (own.ResidualModule(nn.Linear(3, 2)), "Residual: layers give 2 outputs"),
    ],
)
def test_what_no_layer_of_ours_is_gets_refused(bad, message):
    with pytest.raises(InputError, match=message):
        from_torch(nn.Sequential(nn.Linear(3, 3), bad))


class OwnSequential(nn.Sequential):
    def forward(self, x):
        return 2 * super().forward(x)


@pytest.mark.parametrize("model", [nn.Linear(2, 2), OwnSequential(nn.Linear(2, 2)), [nn.Linear(2, 2)], None])
def test_models_of_other_kinds_are_refused(model):
    with pytest.raises(
        InputError, match=f"model is a {type(model).__name__}, expected a torch.nn.Sequential"
    ):
        from_torch(model)


def test_half_precision_is_refused():
    with pytest.raises(InputError, match="model has float16"):
        from_torch(nn.Sequential(nn.Linear(3, 3)).half())


def test_hooks_are_refused():
    model = nn.Sequential(nn.Linear(3, 3))
    handle = model[0].register_forward_hook(lambda module, x, z: 2 * z)
    with pytest.raises(InputError, match=r"model\[0\] has hooks"):
        from_torch(model)
    handle.remove()
    from_torch(model)


def test_weights_that_are_not_finite_are_refused():
    model = nn.Sequential(nn.Linear(2, 2))
    with torch.no_grad():
        model[0].weight[1, 0] = torch.nan
    with pytest.raises(InputError, match=r"model\[0\].weight has nan at \[1, 0\]"):
        from_torch(model)


def test_softmax_is_never_applied_twice_unsaid():
    model = nn.Sequential(nn.Linear(3, 2), nn.Softmax(dim=1))
    with pytest.raises(InputError, match="output_map is None and the model ends in Softmax"):
        from_torch(model, loss="softmax_cross_entropy")
    assert from_torch(model, loss="squared_error").config[-1] == Softmax()
    assert len(from_torch(model, loss="softmax_cross_entropy", output_map=True).config) == 1
    assert len(from_torch(model, loss="softmax_cross_entropy", output_map=False).config) == 2


@pytest.mark.parametrize(
    ("loss", "wanted"),
    [("sigmoid_cross_entropy", "expected Sigmoid"), ("squared_error", "expected no module at all")],
)
def test_output_map_that_is_not_there(loss, wanted):
    with pytest.raises(InputError, match=f"output_map is True but the model ends in Linear, {wanted}"):
        from_torch(nn.Sequential(nn.Linear(3, 2)), loss=loss, output_map=True)


# -- the documentation ----


def test_examples_of_the_module():
    assert doctest.testmod(module).failed == 0
