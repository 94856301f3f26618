"""Perceptron and Adaline: the worked cases of the textbooks, with exact numbers."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import scale

from deltaprop import Adaline, Perceptron
from deltaprop.estimators.single_layer import separable

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]


@pytest.mark.parametrize("t", [AND, OR], ids=["and", "or"])
@pytest.mark.parametrize("batch_size", [1, "auto"])
def test_the_perceptron_learns_what_a_line_separates(t, batch_size):
    model = Perceptron(batch_size=batch_size, random_state=0).fit(CORNERS, t)
    assert model.predict(CORNERS).tolist() == t
    assert model.separable_
    assert model.history_.status == "converged"
    assert model.n_iter_ < 100


def test_xor_ends_with_a_proof_that_it_cannot_be_learned():
    model = Perceptron(max_iter=50, batch_size=1, random_state=0)
    with pytest.warns(ConvergenceWarning, match="not linearly separable, as a linear program proves"):
        model.fit(CORNERS, XOR)
    assert model.separable_ is False
    by_hand = np.column_stack([CORNERS, CORNERS.prod(axis=1)])  # with x1·x2 as a third input a plane does it
    assert Perceptron(batch_size=1, random_state=0).fit(by_hand, XOR).score(by_hand, XOR) == 1


def test_too_few_epochs_are_told_from_an_impossible_task():
    with pytest.warns(ConvergenceWarning, match="did not find it; raise max_iter"):
        model = Perceptron(max_iter=1, random_state=0).fit(CORNERS, AND)
    assert model.separable_


def test_the_perceptron_moves_by_t_minus_y_times_x_for_mistakes_alone():
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    model = Perceptron(0.5, batch_size=1, shuffle=False)
    model.partial_fit(x, [0, 1], classes=[0, 1])
    # first: z = 0, y = 1, t = 0: w = (0, 0) - 0.5 (1, 2), b = -0.5; second: z = -1.5 + 1 - 0.5 = -1, y = 0, t = 1
    np.testing.assert_allclose(model.coef_, [[-0.5 + 1.5, -1.0 - 0.5]])
    np.testing.assert_allclose(model.intercept_, [-0.5 + 0.5])


def test_adalines_first_step():
    for batch_size in (1, "auto"):
        model = Adaline(0.1, targets="0/1", batch_size=batch_size).partial_fit([[1, 1]], [1], classes=[0, 1])
        np.testing.assert_allclose(model.coef_, [[0.1, 0.1]])
        np.testing.assert_allclose(model.intercept_, [0.1])
        assert model.threshold_ == 0.5


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_adaline_ends_at_the_least_squares():
    x, t = make_blobs(200, centers=2, cluster_std=3.0, random_state=0)
    model = Adaline(max_iter=5000, tol=0.0, n_iter_no_change=50, scale_inputs=False).fit(scale(x), t)
    squares = LinearRegression().fit(scale(x), 2 * t - 1)
    np.testing.assert_allclose(model.coef_[0], squares.coef_, rtol=1e-5)
    np.testing.assert_allclose(model.intercept_, squares.intercept_, rtol=1e-5, atol=1e-9)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_stable_rate_is_two_over_the_largest_eigenvalue():
    x, t = make_blobs(100, centers=2, random_state=0)
    rate = 2 * Adaline(max_iter=5).fit(x, t).learning_rate_
    bias = np.column_stack([x, np.ones(100)])
    np.testing.assert_allclose(rate, 2 / np.linalg.eigvalsh(bias.T @ bias / 100)[-1])
    below, above = (_last_loss(x, t, factor * rate) for factor in (0.99, 1.01))
    assert below < 1
    assert above > 10


def _last_loss(x, t, rate):
    model = Adaline(rate, max_iter=2000, n_iter_no_change=10_000)
    try:
        return model.fit(x, t).loss_
    except ValueError:  # it diverged for good
        return np.inf


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_adaline_learns_xor_from_the_third_input():
    by_hand = np.column_stack([CORNERS, CORNERS.prod(axis=1)])
    model = Adaline(targets="0/1", max_iter=20_000, tol=0.0, n_iter_no_change=20_000).fit(by_hand, XOR)
    np.testing.assert_allclose(model.coef_, [[1, 1, -2]], atol=1e-3)
    np.testing.assert_allclose(model.intercept_, [0], atol=1e-3)
    assert model.predict(CORNERS @ np.eye(2, 3) + np.outer(CORNERS.prod(axis=1), [0, 0, 1])).tolist() == XOR


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_threshold_can_be_tuned():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 1, 300), rng.normal(3, 0.3, 30)])[
        :, None
    ]  # few of the second class, far out
    t = np.repeat(["many", "few"], [300, 30])
    model = Adaline().fit(x, t)
    before = model.score(x, t)
    model.tune_threshold(x, t)
    assert model.score(x, t) > before
    best = max(
        np.mean((model.decision_function(x) + model.threshold_ >= edge) == (t == "many"))
        for edge in np.linspace(-2, 2, 999)
    )
    assert model.score(x, t) >= best


def test_weights_are_refused_where_they_would_cancel():
    for estimator in (Perceptron(batch_size=1), Adaline(batch_size=1)):
        with pytest.raises(ValueError, match="batch_size=1, where the weight of the only sample"):
            estimator.fit(CORNERS, AND, sample_weight=[1, 2, 3, 4])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_several_classes():
    x, t = load_iris(return_X_y=True)
    for estimator in (Perceptron(random_state=0), Adaline(random_state=0)):
        model = estimator.fit(scale(x), t)
        assert model.score(scale(x), t) > 0.6  # the middle class is no half-space
        assert model.coef_.shape == (3, 4)
        assert model.decision_function(x).shape == (150, 3)


def test_separability_of_many_points():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5))
    side = x @ rng.normal(size=5) > 0.3
    assert separable(x, side)
    side[0] = ~side[0]
    middle = x[side].mean(axis=0)
    assert not separable(np.vstack([x, middle]), np.append(side, False))
