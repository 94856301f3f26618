"""The same numbers as scikit-learn's networks, step by step, where both see the same samples in the same order."""

import numpy as np
import pytest
from sklearn import neural_network as theirs
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.preprocessing import scale

from deltaprop import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::deltaprop.estimators.UnusedArgumentWarning"
)
X, Y = load_iris(return_X_y=True)
X = scale(X)
# Adam's epsilon stands beside the corrected root here, as in PyTorch, and beside the uncorrected one there.
SAME = {"random_state": 3, "shuffle": False, "hidden_layer_sizes": (7, 5), "tol": 0.0, "epsilon": 1e-20}


def both(ours, arguments, x, t, **fit):
    mine = ours(**SAME | arguments).fit(x, t, **fit)
    other = getattr(theirs, ours.__name__)(**SAME | arguments).fit(x, t, **fit)
    return mine, other


def assert_equal(mine, other, tolerance=1e-9):
    for a, b in zip((*mine.coefs_, *mine.intercepts_), (*other.coefs_, *other.intercepts_), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(mine, name) == getattr(other, name), name
    np.testing.assert_allclose(mine.loss_curve_, other.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(mine.loss_, other.loss_)
    np.testing.assert_allclose(mine.best_loss_, other.best_loss_)


@pytest.mark.parametrize(
    "arguments",
    [
        {"solver": "adam"},
        {"solver": "adam", "beta_1": 0.5, "beta_2": 0.9, "learning_rate_init": 0.01},
        {"solver": "sgd", "learning_rate_init": 0.1},
        {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5, "alpha": 1.0},
        {
            "solver": "sgd",
            "momentum": 0.0,
            "learning_rate": "invscaling",
            "power_t": 0.3,
            "learning_rate_init": 0.5,
        },
        {
            "solver": "sgd",
            "learning_rate": "adaptive",
            "tol": 0.1,
            "n_iter_no_change": 2,
            "learning_rate_init": 0.2,
        },
        {"activation": "logistic"},
        {"activation": "tanh", "batch_size": 1},
        {"activation": "identity", "tol": 0.05, "n_iter_no_change": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_the_weights_of_a_classifier(arguments, weighted):
    """150 samples in batches of 50, so that the penalty's share is the same in every batch."""
    weight = None if not weighted else np.tile([1.0, 2.0, 3.0, 0.5, 1.0], 30)
    if weighted and arguments.get("batch_size") == 1:
        weight = np.full(150, 2.0)  # in a batch of one sample a weight cancels but for the penalty's share
    mine, other = both(
        MLPClassifier, {"batch_size": 50, "max_iter": 30} | arguments, X, Y, sample_weight=weight
    )
    if not weighted:
        assert_equal(mine, other)
    for a, b in zip(mine.coefs_, other.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mine.predict_proba(X), other.predict_proba(X), rtol=1e-8)


def test_the_first_weights_are_scikit_learns_own():
    mine, other = both(
        MLPRegressor, {"max_iter": 1, "learning_rate_init": 1e-300, "solver": "sgd", "alpha": 0}, X, Y
    )
    assert_equal(mine, other, tolerance=0)


@pytest.mark.parametrize("activation", ["relu", "logistic", "tanh", "identity"])
@pytest.mark.parametrize("random_state", [5, "shared"])
def test_the_first_weights_of_every_activation(activation, random_state):
    still = {
        "max_iter": 1,
        "learning_rate_init": 1e-300,
        "solver": "sgd",
        "alpha": 0,
        "activation": activation,
    }
    states = [np.random.RandomState(7) if random_state == "shared" else random_state for _ in range(2)]
    mine, other = (
        c((4, 3), random_state=s, **still).fit(X, Y)
        for c, s in zip((MLPClassifier, theirs.MLPClassifier), states, strict=True)
    )
    assert_equal(mine, other, tolerance=0)
    alias = {"logistic": "sigmoid"}.get(activation, activation)
    listed = MLPClassifier((4, 3), random_state=5, **still | {"activation": [alias, alias]}).fit(X, Y)
    np.testing.assert_array_equal(
        listed.network_.theta, MLPClassifier((4, 3), random_state=5, **still).fit(X, Y).network_.theta
    )


def test_the_same_arguments_give_scikit_learns_scores():
    """solver="sgd" with a falling rate: He's larger weights diverge where scikit-learn's do not."""
    x, t = load_diabetes(return_X_y=True)
    arguments = {"solver": "sgd", "learning_rate": "invscaling", "max_iter": 100}
    scores = [
        np.mean([c(random_state=s, **arguments).fit(scale(x), t).score(scale(x), t) for s in range(3)])
        for c in (MLPRegressor, theirs.MLPRegressor)
    ]
    assert abs(scores[0] - scores[1]) < 0.05


def test_a_last_batch_that_is_smaller_feels_the_penalty_of_the_mean():
    """scikit-learn divides the penalty by each batch's own size; here it is the same in all steps of an epoch."""
    mine, other = both(MLPClassifier, {"batch_size": 40, "max_iter": 30, "solver": "sgd", "alpha": 0.1}, X, Y)
    without, _ = both(MLPClassifier, {"batch_size": 40, "max_iter": 30, "solver": "sgd", "alpha": 0.0}, X, Y)
    apart = [np.abs(other.coefs_[0] - one.coefs_[0]).max() for one in (mine, without)]
    assert apart[0] < 0.05 * apart[1]


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_the_weights_of_a_regressor(loss):
    x, t = load_diabetes(return_X_y=True)
    mine, other = both(MLPRegressor, {"loss": loss, "max_iter": 20, "batch_size": 221}, scale(x), t / 100)
    assert_equal(mine, other)
    np.testing.assert_allclose(mine.predict(x), other.predict(x), rtol=1e-8)


def test_several_outputs_share_the_gradient_but_not_the_way_of_counting_the_loss():
    """scikit-learn shows the mean over the outputs and descends the sum; here both are the sum."""
    t = np.column_stack([X[:, 0], X[:, 1] ** 2, X[:, 2]])
    mine, other = both(MLPRegressor, {"max_iter": 20, "alpha": 0.0, "n_iter_no_change": 99}, X, t)
    np.testing.assert_allclose(mine.coefs_[0], other.coefs_[0], rtol=1e-8)
    np.testing.assert_allclose(mine.loss_curve_, 3 * np.array(other.loss_curve_), rtol=1e-9)


def test_multilabel_and_binary():
    x, t = make_multilabel_classification(n_samples=60, random_state=0)
    for targets in (t, t[:, 0]):
        mine, other = both(MLPClassifier, {"max_iter": 20, "batch_size": 60}, x, targets)
        assert_equal(mine, other)
        np.testing.assert_array_equal(mine.predict(x), other.predict(x))
        np.testing.assert_allclose(mine.predict_log_proba(x), other.predict_log_proba(x), rtol=1e-7)


def test_lbfgs_reaches_the_minimum_that_scikit_learns_reaches():
    """A convex problem: no hidden layer to speak of, so that the minimum is one point."""
    arguments = {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-6, "max_iter": 500}
    mine, other = both(MLPClassifier, arguments, X, Y)
    np.testing.assert_allclose(mine.loss_, other.loss_, rtol=1e-7)
    np.testing.assert_allclose(mine.predict_proba(X), other.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("max_fun", range(10, 34))
def test_lbfgs_ends_at_the_same_evaluation(max_fun):
    mine, other = both(MLPClassifier, {"solver": "lbfgs", "max_fun": max_fun}, X, Y)
    assert mine.n_iter_ == other.n_iter_
    np.testing.assert_allclose(mine.loss_, other.loss_, rtol=1e-6)


def test_early_stopping_leaves_the_same_kind_of_attributes():
    mine, other = both(MLPClassifier, {"early_stopping": True, "max_iter": 15, "shuffle": True}, X, Y)
    assert mine.best_loss_ is other.best_loss_ is None
    assert len(mine.validation_scores_) == mine.n_iter_ == len(other.validation_scores_)
    assert mine.best_validation_score_ == max(mine.validation_scores_)
    assert mine.t_ == other.t_
