"""Bayesian regularization against scikit-learn's Bayesian ridge, MacKay's formulas, and data whose noise is known."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.linear_model import BayesianRidge

from deltaprop import RBF, Dense, MLPClassifier, MLPRegressor, Network, Penalty
from deltaprop.errors import InputError
from deltaprop.solvers import BayesianLevenbergMarquardt

RNG = np.random.default_rng(0)


def fitted(net, x, t, epochs=300, **options):
    rule = BayesianLevenbergMarquardt(**options)
    return net.fit(x, t, optimizer=rule, epochs=epochs, progress=False)


def test_a_linear_network_is_bayesian_ridge_regression():
    x, t = load_diabetes(return_X_y=True)
    x, t = x / x.std(axis=0), (t - t.mean()) / t.std()
    ridge = BayesianRidge(alpha_1=0, alpha_2=0, lambda_1=0, lambda_2=0, tol=1e-10).fit(x, t)
    net = Network([Dense(1)], 10, dtype="float64")
    history = fitted(net, x, t, evidence_tolerance=1e-9)
    assert history.status == "converged"
    np.testing.assert_allclose(net.layers[0].w[0], ridge.coef_, atol=1e-3)
    l2 = ridge.lambda_ / (ridge.alpha_ * len(x))
    assert net.penalty.l2[0] == pytest.approx(l2, rel=0.01)  # there the constant is no parameter


def test_the_fixed_point_is_that_of_mackays_formulas():
    x, t = make_friedman1(200, noise=1.0, random_state=0)
    x, t = (x - x.mean(axis=0)) / x.std(axis=0), (t - t.mean()) / t.std()
    net = Network([Dense(4), "tanh", Dense(1)], 10, dtype="float64")
    history = fitted(net, x, t, epochs=400, evidence_tolerance=1e-7)
    assert history.status == "converged"
    jacobian = net.sample_gradients(x, net.predict(x) - 1)  # delta = 1
    weights = [block.slice for block in net.layout if block.parameter == "w"]
    decay = np.zeros(net.theta.size)
    for part, l2 in zip(weights, net.penalty.l2, strict=True):
        decay[part] = l2
    matrix = jacobian.T @ jacobian / len(x)
    inverse = np.linalg.inv(matrix + np.diag(decay))
    gamma = [part.stop - part.start - (decay * inverse.diagonal())[part].sum() for part in weights]
    effective = sum(gamma) + net.theta.size - sum(part.stop - part.start for part in weights)
    beta = (len(x) - effective) / ((net.predict(x)[:, 0] - t) ** 2).sum()
    alpha = [g / (net.theta[part] @ net.theta[part]) for g, part in zip(gamma, weights, strict=True)]
    assert history.last["effective_parameters"] == pytest.approx(effective, rel=1e-3)
    expected = np.maximum(np.array(alpha) / (beta * len(x)), 1e-9 * matrix.diagonal().max())
    np.testing.assert_allclose(net.penalty.l2, expected, rtol=1e-2)
    np.testing.assert_allclose(history["l2"][-1], net.penalty.l2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_much_too_large_learns_the_function_and_not_the_noise(dtype):
    x = RNG.uniform(-1, 1, (80, 1))
    t = np.sin(3 * x) + 0.3 * RNG.normal(size=x.shape)
    net = Network([Dense(40), "tanh", Dense(1)], 1, dtype=dtype)
    history = fitted(net, x, t)
    grid = np.linspace(-1, 1, 200)[:, np.newaxis]
    assert np.sqrt(np.mean((net.predict(grid) - np.sin(3 * grid)) ** 2)) < 0.15  # half of the noise
    assert history.last["effective_parameters"] < 60 < net.theta.size
    assert history.status == "converged"


def test_classes_and_several_outputs():
    x = RNG.normal(size=(150, 3))
    labels = (x[:, 0] + 0.5 * RNG.normal(size=150) > 0) + (x[:, 1] > 0)
    net = Network([Dense(5), "tanh", Dense(3)], 3, "softmax_cross_entropy", dtype="float64")
    assert fitted(net, x, labels).status == "converged"
    assert net.score(x, labels) > 0.7
    net = Network([Dense(5), "tanh", Dense(2)], 3, dtype="float64")
    fitted(net, x, np.column_stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]]))
    assert net.score(x, np.column_stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2]])) > 0.95


def test_a_sample_of_weight_two_counts_as_two():
    x, t, counts = RNG.normal(size=(50, 2)), RNG.normal(size=(50, 1)), RNG.integers(1, 4, 50)
    nets = [Network([Dense(3), "tanh", Dense(1)], 2, dtype="float64") for _ in range(2)]
    nets[0].fit(x, t, sample_weight=counts, optimizer="bayesian_lm", epochs=10, progress=False)
    repeated = np.repeat(x, counts, axis=0), np.repeat(t, counts, axis=0)
    nets[1].fit(*repeated, optimizer="bayesian_lm", epochs=10, progress=False)
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-6)


def test_it_is_resumed_exactly(tmp_path):
    x, t = make_friedman1(100, noise=1.0, random_state=0)

    def run(epochs, **options):
        net = Network([Dense(4), "tanh", Dense(1)], 10, dtype="float64", penalty=Penalty(l2=0.1))
        net.fit(x, t, optimizer="bayesian_lm", epochs=epochs, progress=False, **options)
        return net

    file = {"checkpoint": tmp_path / "fit.ckpt", "resume": True}
    whole = run(9)
    run(4, **file)
    for _ in range(2):  # the second has nothing left to do
        parts = run(9, **file)
        np.testing.assert_array_equal(whole.theta, parts.theta)
        assert whole.penalty == parts.penalty


def test_zero_residuals_and_nothing_to_learn():
    x = RNG.normal(size=(30, 2))
    for t in (np.zeros((30, 1)), x[:, :1]):
        net = Network([Dense(3), "tanh", Dense(1)], 2, dtype="float64")
        history = fitted(net, x, t)
        assert history.status in ("converged", "completed")
        assert np.isfinite(net.theta).all()
        assert np.mean((net.predict(x) - t) ** 2) < 1e-3


def test_targets_that_are_not_scaled_are_named(caplog):
    x = RNG.normal(size=(30, 2))
    fitted(Network([Dense(3), "tanh", Dense(1)], 2, dtype="float64"), x, 1e4 * x[:, :1], epochs=2)
    assert "the root mean square of the targets is" in caplog.text


def test_a_network_without_weights_is_refused():
    with pytest.raises(InputError, match="the network has no weights"):
        fitted(Network([RBF(1)], 2), np.ones((3, 2)), np.ones((3, 1)))


def test_the_estimators():
    x, t = make_friedman1(200, noise=1.0, random_state=0)
    model = MLPRegressor(hidden_layer_sizes=(8,), activation="tanh", solver="bayesian_lm", random_state=0)
    assert model.fit(x[:150], t[:150]).score(x[150:], t[150:]) > 0.85
    assert model.history_.status == "converged"
    assert model.input_scaler_ is not None
    assert model.target_scaler_ is not None
    assert len(model.network_.penalty.l2) == 2
    again = MLPClassifier(
        hidden_layer_sizes=(4,), activation="tanh", solver=BayesianLevenbergMarquardt(), random_state=0
    )
    assert again.fit(x, t > np.median(t)).score(x, t > np.median(t)) > 0.85
