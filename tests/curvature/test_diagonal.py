"""LeCun's diagonal: exact where no second derivative by two units occurs, and what it leaves out elsewhere."""

import numpy as np
import oracle
import pytest

from deltaprop import RBF, BatchNorm, Dense, Dropout, Network
from deltaprop.curvature import GaussNewton, Hessian, hessian_diagonal
from deltaprop.errors import InputError
from deltaprop.functions.loss import ElementwiseLoss
from deltaprop.functions.losses import LOSSES
from deltaprop.functions.penalties import Penalty

ELEMENTWISE = [name for name, loss in LOSSES.items() if isinstance(loss, ElementwiseLoss)]


def case(layers, loss="squared_error", n=12, **options):
    rng = np.random.default_rng(8)
    net = Network(layers, inputs=3, loss=loss, penalty=Penalty(l1=0.01, l2=0.3), dtype="float64", **options)
    net.theta = rng.normal(size=net.theta.size)
    net.buffers[:] = rng.uniform(0.5, 2, net.buffers.size)
    t = rng.choice([-1.0, 1.0], (n, net.outputs)) if loss == "hinge" else rng.integers(0, 2, (n, net.outputs))
    return net, rng.normal(size=(n, 3)), t.astype(float), rng.uniform(0.2, 3, n)


@pytest.mark.parametrize("loss", ELEMENTWISE)
@pytest.mark.parametrize("function", [*oracle.ACTIVATIONS, "rbf"])
def test_exact_for_one_hidden_layer(function, loss):
    hidden = [RBF(4)] if function == "rbf" else [Dense(4), function]
    batch = case([*hidden, Dense(2)], loss)
    np.testing.assert_allclose(hessian_diagonal(*batch), np.diag(Hessian(*batch).dense()), atol=1e-13)
    gauss_newton = np.diag(GaussNewton(*batch).dense())
    np.testing.assert_allclose(hessian_diagonal(*batch, gauss_newton=True), gauss_newton, atol=1e-13)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", *ELEMENTWISE])
def test_exact_for_a_linear_unit_of_each_output(loss):
    batch = case([Dense(2)], loss)
    if loss == "softmax_cross_entropy":
        batch[2][:] = [1, 0]
    np.testing.assert_allclose(hessian_diagonal(*batch), Hessian(*batch).diagonal(), atol=1e-14)


@pytest.mark.parametrize("training", [True, False])
def test_exact_with_dropout_and_statistics_that_are_constant(training):
    layers = [Dropout(0.3), Dense(4), "tanh", Dropout(0.5), Dense(2)]
    layers = layers if training else [Dense(4), BatchNorm(), "tanh", Dense(2)]
    batch, mode = case(layers), {"training": training, "step": 4}
    np.testing.assert_allclose(
        hessian_diagonal(*batch, **mode), Hessian(*batch, **mode).diagonal(), atol=1e-13
    )


def test_what_is_left_out_in_a_deeper_network():
    """Two layers of one unit each: mixed derivatives do not occur. With two units each they do."""
    narrow = case([Dense(1), "tanh", Dense(1), "tanh", Dense(1)])
    np.testing.assert_allclose(hessian_diagonal(*narrow), Hessian(*narrow).diagonal(), atol=1e-13)
    wide = case([Dense(2), "tanh", Dense(2), "tanh", Dense(1)])
    approximate, exact = hessian_diagonal(*wide), Hessian(*wide).diagonal()
    np.testing.assert_allclose(approximate[8:], exact[8:], atol=1e-13)  # from the last hidden layer on
    assert np.abs(approximate - exact)[:8].max() > 1e-4


def test_gauss_newton_is_never_negative():
    layers = [Dense(4), "gelu", RBF(4), Dense(4), "softmax", Dense(2)]
    batch = case(layers)
    assert (hessian_diagonal(*batch, gauss_newton=True) >= 0).all()
    assert (hessian_diagonal(*batch) < 0).any()


def test_many_samples_are_taken_in_chunks(monkeypatch):
    net, x, t, weight = case([Dense(4), "tanh", Dense(2)])
    whole = hessian_diagonal(net, x, t, weight)
    monkeypatch.setattr("deltaprop.batching.CHUNK", 5)
    np.testing.assert_allclose(hessian_diagonal(net, x, t, weight), whole, rtol=1e-13)


def test_bad_arguments_are_refused():
    net, x, t, _ = case([Dense(2)])
    with pytest.raises(InputError, match=r"^hessian_diagonal: x has shape"):
        hessian_diagonal(net, x[:, :2], t)
    with pytest.raises(InputError, match=r"^hessian_diagonal: step is -1"):
        hessian_diagonal(net, x, t, step=-1)
