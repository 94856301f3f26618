"""Repeat and GroupedDense."""

import numpy as np
import pytest

from deltaprop import Dense, GroupedDense, InputError, LayerNorm, Network, Repeat


def test_each_group_is_a_dense_layer():
    x = np.random.default_rng(0).normal(size=(4, 6))
    net = Network([GroupedDense(2, groups=3)], inputs=6, dtype="float64", seed=1)
    net.layers[0].b = np.arange(6)
    for g in range(3):
        own = Network([Dense(2)], inputs=2, dtype="float64")
        own.layers[0].w, own.layers[0].b = net.layers[0].w[g], [2 * g, 2 * g + 1]
        np.testing.assert_allclose(net.forward(x)[:, 2 * g : 2 * g + 2], own.forward(x[:, 2 * g : 2 * g + 2]))


def test_groups_begin_with_different_weights_of_the_scale_of_one_group():
    net = Network([Repeat(8), GroupedDense(100, 8), "relu"], inputs=50)
    w = net.layers[1].w
    assert len(np.unique(w[:, 0, 0])) == 8
    np.testing.assert_allclose(w.std(axis=(1, 2)), np.sqrt(2 / 50), rtol=0.05)


def test_shared_weights_have_biases_of_each_group():
    net = Network([GroupedDense(2, groups=3, shared=True)], inputs=6)
    assert net.layers[0].w.shape == (2, 2)
    assert net.layers[0].b.shape == (6,)


def test_layer_norm_of_groups_is_that_of_each():
    x = np.random.default_rng(0).normal(size=(5, 6))
    net = Network([LayerNorm(groups=2)], inputs=6, dtype="float64")
    own = Network([LayerNorm()], inputs=3, dtype="float64")
    np.testing.assert_allclose(net.forward(x), np.hstack([own.forward(x[:, :3]), own.forward(x[:, 3:])]))


@pytest.mark.parametrize("layer", [GroupedDense(2, groups=4), LayerNorm(groups=4)])
def test_inputs_that_do_not_divide_into_groups_are_refused(layer):
    with pytest.raises(InputError, match="groups is 4, expected a divisor of the"):
        Network([layer], inputs=6)


def test_arguments_are_checked():
    with pytest.raises(InputError, match="GroupedDense: shared is 1, expected True or False"):
        GroupedDense(2, 3, shared=1)
    with pytest.raises(InputError, match="GroupedDense: bias_init is given"):
        GroupedDense(2, 3, bias=False, bias_init="zeros")
    with pytest.raises(InputError, match="Repeat: members is 0"):
        Repeat(0)
