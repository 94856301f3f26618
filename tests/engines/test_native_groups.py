"""Groups of columns in the native engine, each a chain of layers of its own, against the NumPy engine."""

from functools import partial

import numpy as np
import pytest
import scipy.sparse
from both_engines import assert_equal_engines, data

from deltaprop import (
    RBF,
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    LayerNorm,
    Network,
    Repeat,
    Residual,
    Scale,
    Softmax,
)
from deltaprop.engines.evaluator import Evaluator
from deltaprop.engines.native_evaluator import NativeEvaluator
from deltaprop.functions import MemberLoss
from deltaprop.functions.losses import LOSSES
from deltaprop.functions.penalties import Penalty
from deltaprop.optimizers import Adam, Momentum

K = 3
WITHIN = {"rtol": 1e-8, "atol": 1e-9}
NETWORKS = {
    "independent": [Repeat(K), GroupedDense(7, K), "tanh", GroupedDense(3, K)],
    "whole panels": [Repeat(K), GroupedDense(32, K), "relu", GroupedDense(16, K), "tanh", GroupedDense(3, K)],
    "shared": [Repeat(K), GroupedDense(7, K, True), "gelu", GroupedDense(3, K, True)],
    "shared, whole panels": [
        *(Repeat(K), GroupedDense(32, K, True), "gelu"),
        *(GroupedDense(32, K, True, bias=False), "tanh", GroupedDense(3, K)),
    ],
    "after a layer": [
        *(Dense(6), "tanh", Repeat(K), GroupedDense(5, K, bias=False)),
        *("tanh", Dropout(0.3), GroupedDense(3, K)),
    ],
    "divided": [Dense(6), "tanh", GroupedDense(5, K), LayerNorm(1e-2, K), GroupedDense(3, K, True)],
    "normalized": [
        *(Repeat(K), GroupedDense(6, K, bias=False), BatchNorm(0.2, 1e-2), "gelu"),
        *(GroupedDense(4, K), LayerNorm(1e-2, K), "tanh", GroupedDense(3, K)),
    ],
    "residual": [
        *(Repeat(K), GroupedDense(6, K)),
        *(Residual([GroupedDense(5, K), "tanh", GroupedDense(6, K)]), "tanh", GroupedDense(3, K)),
    ],
    "residual of all": [
        *(Repeat(K), GroupedDense(6, K), Residual([Dense(5), "tanh", Dense(18)]), GroupedDense(3, K)),
    ],
    "within a residual": [
        *(Dense(6), Residual([Repeat(2), GroupedDense(4, 2), "tanh", GroupedDense(3, 2)]), Dense(9)),
    ],
    "collected": [Repeat(K), GroupedDense(6, K), Softmax(), Scale(0.5, 0.1), GroupedDense(3, K)],
    "another number": [Repeat(2), GroupedDense(6, 2), "tanh", Repeat(K), GroupedDense(3, K)],
    "scaled inputs": [Scale(0.5, 0.1), Repeat(K), GroupedDense(6, K), "tanh", GroupedDense(3, K)],
    "activation first": [Repeat(K), "tanh", GroupedDense(6, K), "tanh", GroupedDense(3, K)],
    "distances": [Repeat(K), GroupedDense(6, K), RBF(5), "tanh", Dense(9)],
}


def weights(of, n=48):
    shape = {"none": None, "samples": (n,), "members": (n, K)}[of]
    return None if shape is None else np.random.default_rng(1).uniform(0, 2, shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layers", NETWORKS)
def test_groups_are_trained_alike(layers, dtype):
    for threads, weight, loss in (
        (1, "none", "softmax_cross_entropy"),
        (2, "samples", "squared_error"),
        (3, "members", "softmax_cross_entropy"),
    ):
        x, t = data(loss, 3)
        options = {"threads": threads, "weight": weights(weight), "steps": 20}
        make = partial(Network, NETWORKS[layers], 5, MemberLoss(loss, K), Penalty(1e-4, 1e-3), dtype=dtype)
        assert_equal_engines(make, x, t, Adam(1e-3, epsilon=1e-2), **options)
        assert_equal_engines(make, x, t, Momentum(1e-3), clip_norm=0.1, **options)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_of_members(loss):
    x, t = data(loss, 3)
    make = partial(Network, NETWORKS["independent"], 5, MemberLoss(loss, K), dtype="float64")
    assert_equal_engines(make, x, t, Momentum(1e-3), weight=weights("members"))
    net = make()
    for n in (1, 5, 48):
        ours, reference = NativeEvaluator(net), Evaluator(net)
        np.testing.assert_allclose(
            ours.forward(x[:n], mapped=True), reference.forward(x[:n], mapped=True), rtol=1e-10, atol=1e-12
        )


def test_sparse_inputs_of_groups():
    x, t = data("squared_error", 3, inputs=80)
    x[np.random.default_rng(2).random(x.shape) < 0.8] = 0
    make = partial(Network, NETWORKS["independent"], 80, MemberLoss("squared_error", K), dtype="float64")
    for inputs in (x, scipy.sparse.csr_array(x)):
        assert_equal_engines(make, inputs, t, Momentum(1e-3))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("layers", NETWORKS)
def test_derivatives_of_groups(layers, training):
    x, t = data("softmax_cross_entropy", 3)
    net = Network(NETWORKS[layers], 5, MemberLoss("softmax_cross_entropy", K), dtype="float64")
    rng = np.random.default_rng(3)
    net.theta += rng.normal(0, 0.1, net.theta.size)
    v, d_x, d_z = rng.normal(size=net.theta.size), rng.normal(size=x.shape), rng.normal(size=(48, 9))
    t, weight = net.encode(t), weights("members")
    reference, ours = Evaluator(net), NativeEvaluator(net, threads=2)
    pairs = [
        [
            *evaluator.gradient(x, t, weight, training),
            evaluator.hvp(x, t, v, weight, training),
            evaluator.gauss_newton_vp(x, t, v, weight, training),
            evaluator.jvp(x, v, d_x, training),
            evaluator.jvp(x, v, None, training),
            *evaluator.vjp(x, d_z, training),
            evaluator.sample_gradients(x, t),
            np.tril(evaluator.normal_matrix(x, d_z[:, None])),
            evaluator.dead_and_saturated(x),
        ]
        for evaluator in (reference, ours)
    ]
    for expected, got in zip(*pairs, strict=True):
        np.testing.assert_allclose(got, expected, **WITHIN)


def test_the_members_of_an_ensemble_are_networks_of_their_own():
    """k networks trained side by side end with the weights of k networks trained one after the other."""
    x, t = data("softmax_cross_entropy", 3)
    layers = [Dense(20), "relu", Dense(20), "tanh", Dense(3)]
    members = [Network(layers, 5, "softmax_cross_entropy", seed=s, dtype="float64") for s in range(K)]
    grouped = [Repeat(K), GroupedDense(20, K), "relu", GroupedDense(20, K), "tanh", GroupedDense(3, K)]
    ensemble = Network(grouped, 5, MemberLoss("softmax_cross_entropy", K), dtype="float64")
    for m, net in enumerate(members):
        for ours, own in zip(ensemble.layers[1::2], net.layers[::2], strict=True):
            ours.w[m] = own.w
            ours.b[m * len(own.b) : (m + 1) * len(own.b)] = own.b
    expected = np.mean([net.predict(x) for net in members], axis=0)
    np.testing.assert_allclose(ensemble.predict(x), expected, rtol=1e-12)
    weight = np.random.default_rng(0).integers(0, 2, (48, K)).astype(float)
    options = {"epochs": 10, "batch_size": None, "shuffle": False, "engine": "native"}
    ensemble.fit(x, t, sample_weight=weight, optimizer=Momentum(0.05 * weight.sum()), **options)
    for m, net in enumerate(members):  # E is Σ weight · e / Σ weight over all members
        net.fit(x, t, sample_weight=weight[:, m], optimizer=Momentum(0.05 * weight[:, m].sum()), **options)
    for m, net in enumerate(members):
        for ours, own in zip(ensemble.layers[1::2], net.layers[::2], strict=True):
            np.testing.assert_allclose(ours.w[m], own.w, rtol=1e-9, atol=1e-12)
    expected = np.mean([net.predict(x) for net in members], axis=0)
    np.testing.assert_allclose(ensemble.predict(x), expected, rtol=1e-9)
