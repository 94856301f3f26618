"""Initial weights from data: unit variance of what reaches each unit, boundaries through the data."""

import numpy as np
import pytest
import scipy.sparse

from deltaprop import (
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    InputError,
    MLPClassifier,
    MLPRegressor,
    Network,
    Repeat,
    Residual,
)
from deltaprop.functions import ThroughData, UnitVariance

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X = np.random.default_rng(0).normal(3, [1, 20, 0.1, 5], (300, 4))
DATA = {"init": "unit_variance", "bias_init": "through_data"}


def network(*layers):
    net = Network(layers, 4, seed=2, dtype="float64")
    net.initialize_from_data(X)
    return net


@pytest.mark.parametrize(
    "layers",
    [
        (Dense(9, **DATA),),
        (Dense(9, **DATA), "relu", Dense(6, **DATA)),
        (Dense(9, **DATA), "tanh", Dropout(0.5), Residual([Dense(9, **DATA), "relu"]), Dense(6, **DATA)),
        (Repeat(2), GroupedDense(5, 2, **DATA)),
        (Repeat(2), GroupedDense(5, 2, **DATA), "relu", GroupedDense(3, 2, **DATA)),
    ],
)
def test_every_unit_varies_by_one_and_has_its_boundary_within_the_data(layers):
    z = network(*layers).forward(X)
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-9)
    assert (z.min(axis=0) < 0).all()
    assert (z.max(axis=0) > 0).all()


def test_weights_keep_their_direction_and_the_seed_decides():
    drawn = Network([Dense(9, **DATA)], 4, seed=2, dtype="float64").layers[0].w
    w = network(Dense(9, **DATA)).layers[0].w
    ratio = w / drawn
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(4, 1), rtol=1e-12)
    np.testing.assert_array_equal(w, network(Dense(9, **DATA)).layers[0].w)


def test_batch_normalization_takes_the_statistics_of_the_data():
    net = network(Dense(9), BatchNorm(), "tanh", Dense(6, **DATA))
    z = X @ net.layers[0].w.T
    a = np.tanh((z - z.mean(axis=0)) / z.std(axis=0))
    np.testing.assert_allclose((a @ net.layers[3].w.T).std(axis=0), 1, rtol=1e-3)


def test_a_boundary_is_a_uniform_mixture_of_five_samples():
    """The mean of such mixtures is that of the data, their variance 5 E[s²] = 5 · 2 / (5 · 6) of it: a third."""
    z = np.random.default_rng(1).normal(2, 3, (500, 20_000)).astype(np.float32)
    b = ThroughData().biases(z, np.random.default_rng(2))
    assert -b.mean() == pytest.approx(2, abs=0.1)
    assert b.var() == pytest.approx(3**2 / 3, rel=0.05)


def test_units_that_do_not_vary_keep_their_weights():
    w = np.ones((2, 3))
    np.testing.assert_array_equal(UnitVariance().scaled(w, np.full((5, 3), 7.0)), w)


def test_no_samples_are_refused_and_sparse_ones_taken():
    net = Network([Dense(3, **DATA)], 4)
    with pytest.raises(InputError, match=r"^Network: x has no samples"):
        net.initialize_from_data(np.zeros((0, 4)))
    net.initialize_from_data(scipy.sparse.csr_matrix(X))
    np.testing.assert_allclose(net.forward(X).std(axis=0), 1, rtol=1e-3)


def test_the_estimators_begin_with_them():
    model = MLPClassifier((9,), init="data", random_state=0, max_iter=2, scale_inputs=True, alpha=0)
    model.set_params(solver="sgd", learning_rate="cosine", learning_rate_init=1e-12)
    model.fit(X, X[:, 0] > 3)
    z = (X - X.mean(axis=0)) / X.std(axis=0) @ model.coefs_[0]
    np.testing.assert_allclose(z.std(axis=0), 1, rtol=1e-6)
    assert (model.intercepts_[0] != 0).all()


def test_predictions_are_limited_to_the_range_of_the_training_targets():
    y = np.stack([X[:, 1], -X[:, 1]], axis=1)
    arguments = {"solver": "lbfgs", "random_state": 0, "scale_inputs": True, "scale_targets": True}
    free, clamped = (
        MLPRegressor(hidden_layer_sizes=(5,), clamp_outputs=on, **arguments).fit(X, y) for on in (False, True)
    )
    far = 10 * X
    low, high = y.min(axis=0), y.max(axis=0)
    assert (free.predict(far) > high).any()
    np.testing.assert_array_equal(clamped.predict(far), np.clip(free.predict(far), low, high))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6])
def test_inputs_that_do_not_vary_leave_weights_of_ordinary_size(value):
    net = Network([Dense(8, init="unit_variance"), "relu", Dense(1, init="unit_variance")], inputs=5, seed=0)
    net.initialize_from_data(np.full((300, 5), value, np.float32))
    assert 0.1 < np.abs(net.theta).max() < 3  # not divided by the spread of rounding errors
