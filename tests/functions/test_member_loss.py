"""The loss of an ensemble: the mean of the members' losses, and predictions that are the mean of theirs."""

import numpy as np
import pytest
from both_engines import data

from deltaprop import Dense, InputError, Network
from deltaprop.functions import MemberLoss
from deltaprop.functions.losses import LOSSES

K, D, N = 4, 3, 6


def example(name):
    t = data(name, D, N)[1]
    z = np.random.default_rng(1).normal(size=(N, K * D))
    return LOSSES[name], MemberLoss(name, K), z, LOSSES[name].rows(t, D, z.dtype)


@pytest.mark.parametrize("name", LOSSES)
def test_it_is_the_mean_of_the_members_losses(name):
    single, loss, z, t = example(name)
    parts = np.split(z, K, axis=1)
    np.testing.assert_allclose(loss.value(z, t), np.mean([single.value(p, t) for p in parts], axis=0))
    np.testing.assert_allclose(loss.delta(z, t), np.hstack([single.delta(p, t) for p in parts]) / K)
    curved = [single.curvature(p, t, p) for p in parts]
    np.testing.assert_allclose(loss.curvature(z, t, z), np.hstack(curved) / K)
    diagonal = [single.curvature_diagonal(p, t) for p in parts]
    np.testing.assert_allclose(loss.curvature_diagonal(z, t), np.hstack(diagonal) / K)
    factor = loss.curvature_factor(z, t)
    product = (factor @ factor.transpose(0, 2, 1) @ z[:, :, None])[:, :, 0]
    np.testing.assert_allclose(product, loss.curvature(z, t, z), atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_predictions_are_averaged(name):
    single, loss, z, _ = example(name)
    mean = np.mean([single.predict(p) for p in np.split(z, K, axis=1)], axis=0)
    np.testing.assert_allclose(loss.predict(z), mean)
    if name != "perceptron":  # a share of votes is not a prediction of the step
        np.testing.assert_allclose(single.predict(loss.average(z)), mean)
    assert loss.average(z.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", ["softmax_cross_entropy", "sigmoid_cross_entropy", "poisson"])
def test_averages_of_large_outputs_are_finite(name):
    single, loss = LOSSES[name], MemberLoss(name, 2)
    z = np.array([[900.0, -900.0, 500.0, 0.0], [-300.0, 300.0, -400.0, -500.0]])
    average = loss.average(z)
    assert np.isfinite(average).all()
    if name != "poisson":
        np.testing.assert_allclose(single.predict(average), loss.predict(z), atol=1e-12)


def test_weights_of_members_choose_who_predicts():
    loss = MemberLoss("softmax_cross_entropy", 2)
    z = np.array([[3.0, 0.0, 0.0, 9.0], [3.0, 0.0, 0.0, 9.0]])
    weight = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert loss.score(z, np.array([0, 1]), weight) == 1
    assert loss.score(z, np.array([1, 0]), weight) == 0
    assert loss.labels(z).tolist() == [1, 1]


def test_outputs_must_divide_between_the_members():
    with pytest.raises(InputError, match="7 outputs, expected a multiple of the loss's members, 3"):
        Network([Dense(7)], 2, MemberLoss("squared_error", 3))
    with pytest.raises(InputError, match="loss is a MemberLoss"):
        MemberLoss(MemberLoss("hinge", 2), 2)
    net = Network([Dense(4)], 2, MemberLoss("squared_error", 2))
    for shape in ((5,), (3, 3)):
        with pytest.raises(InputError, match=r"expected \(3,\) or \(3, 2\)"):
            net.value(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(shape))


def test_an_ensemble_is_saved_and_copied(tmp_path):
    net = Network([Dense(4)], 2, MemberLoss("huber", 2))
    net.save(tmp_path / "net.safetensors")
    for other in (Network.load(tmp_path / "net.safetensors"), net.copy()):
        assert other.loss == net.loss
        np.testing.assert_array_equal(other.predict(np.eye(2)), net.predict(np.eye(2)))
