"""Label smoothing, factors, schedules of dropout and weight decay: what the estimators hand on to the training."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from deltaprop import Dropout, MLPClassifier
from deltaprop.estimators import UnusedArgumentWarning
from deltaprop.functions import FlatCosine, Linear, Penalty, SigmoidCrossEntropy, SoftmaxCrossEntropy
from deltaprop.optimizers import AdamW

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)
X = scale(X)


def test_label_smoothing_reaches_the_loss_and_holds_probabilities_back():
    smooth = MLPClassifier((8,), label_smoothing=0.2, random_state=0, learning_rate_init=0.02).fit(X, Y)
    assert smooth.network_.loss == SoftmaxCrossEntropy(label_smoothing=0.2)
    assert smooth.score(X, Y) > 0.95
    assert np.median(smooth.predict_proba(X).max(axis=1)) == pytest.approx(0.8 + 0.2 / 3, abs=0.05)
    two = MLPClassifier((8,), label_smoothing=0.2, random_state=0, max_iter=2).fit(X, Y > 0)
    assert two.network_.loss == SigmoidCrossEntropy(label_smoothing=0.2)


def test_label_smoothing_has_no_effect_with_other_losses():
    with pytest.warns(
        UnusedArgumentWarning, match="label_smoothing=0.2 has no effect with the other arguments"
    ):
        MLPClassifier((8,), loss="hinge", label_smoothing=0.2, max_iter=2).fit(X, Y)


@pytest.mark.parametrize("value", [-0.1, 1.0, "much"])
def test_impossible_label_smoothing_is_refused(value):
    with pytest.raises(ValueError, match="label_smoothing"):
        MLPClassifier(label_smoothing=value).fit(X, Y)


# -- factors, and the schedule of weight decay -----------------------------------------------------------------


def fit(**arguments):
    arguments = {"max_iter": 4, "batch_size": 50, "random_state": 0} | arguments
    return MLPClassifier((8,), **arguments).fit(X, Y)


def test_l1_drives_weights_to_zero():
    options = {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.05, "max_iter": 150, "tol": 0}
    sparse, plain = (np.concatenate([w.ravel() for w in fit(l1=l1, **options).coefs_]) for l1 in (0.05, 0.0))
    assert np.mean(np.abs(sparse) < 0.01) > 0.5 > 5 * np.mean(np.abs(plain) < 0.01)
    assert fit(l1=0.05, alpha=0).network_.penalty == Penalty(0.05)
    assert fit(l1=0.05, alpha=1, n_ensemble=2).network_.penalty == Penalty(0.025, 0.01)
    with pytest.raises(ValueError, match="The 'l1' parameter"):
        fit(l1=-1.0)


def trained_directly(model, epochs=4, **options):
    """The network of `model` before its training, trained by `Network.fit`."""
    net = fit(max_iter=1, solver="sgd", learning_rate_init=1e-300, alpha=0).network_
    net.fit(X, Y, epochs=epochs, batch_size=50, seed=net.seed, **options)
    return net.theta


def test_factors_are_those_of_the_training():
    factors = {"rate_factors": {"w": "fan_in", "b": 0.1}, "decay_factors": {"w": "fan_in", "b": 0}}
    model = fit(alpha=0, weight_decay=0.1, **factors)
    expected = trained_directly(model, optimizer=AdamW(0.001, weight_decay=0.1), **factors)
    np.testing.assert_allclose(model.network_.theta, expected, rtol=1e-12)
    model = fit(rate_factors=np.zeros(model.network_.theta.size), solver="sgd")
    np.testing.assert_array_equal(model.network_.theta, trained_directly(model, epochs=0))


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("flat_cosine", FlatCosine(0.1, 12)), (Linear(0.3, 0.1, 5), Linear(0.3, 0.1, 5))],
)
def test_weight_decay_follows_a_schedule(schedule, expected):
    model = fit(alpha=0, weight_decay=0.1, weight_decay_schedule=schedule, learning_rate_init=0.1)
    expected = trained_directly(model, optimizer=AdamW(0.1, weight_decay=expected))
    np.testing.assert_allclose(model.network_.theta, expected, rtol=1e-10)


def test_factors_and_schedules_without_effect_are_named():
    with pytest.warns(UnusedArgumentWarning, match="weight_decay_schedule='cosine' has no effect"):
        fit(weight_decay_schedule="cosine")
    with pytest.warns(UnusedArgumentWarning, match="rate_factors={'b': 2} has no effect with solver='lbfgs'"):
        fit(rate_factors={"b": 2}, solver="lbfgs", batch_size="auto")


@pytest.mark.parametrize("factors", [{"b": -1}, {"bias": 1}, np.ones(3), "fan_in"])
def test_impossible_factors_are_refused(factors):
    with pytest.raises(ValueError, match="rate_factors"):
        fit(rate_factors=factors)


# -- the schedule of dropout -----------------------------------------------------------------------------------


@pytest.mark.parametrize("early_stopping", [False, True])
def test_dropout_follows_a_schedule_over_the_fit(early_stopping):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fit(dropout=0.3, dropout_schedule="flat_cosine", early_stopping=early_stopping)
    assert model.network_.config[2] == Dropout(FlatCosine(0.3, model.history_["learning_rate"].size * 3))


def test_a_schedule_of_dropout_does_not_hinder_continuing_with_other_data():
    model = fit(dropout=0.3, dropout_schedule="flat_cosine", warm_start=True)
    config = model.network_.config
    assert model.fit(X[::2], Y[::2]).network_.config == config
    assert model.partial_fit(X[:60], Y[:60]).network_.config == config
    with pytest.raises(ValueError, match="describe another network"):
        model.set_params(dropout=0.2).fit(X, Y)


def test_a_schedule_without_dropout_has_no_effect():
    with pytest.warns(UnusedArgumentWarning, match="dropout_schedule='cosine' has no effect with the other"):
        fit(dropout_schedule="cosine")


def test_early_stopping_without_patience_trains_to_the_end_and_restores_the_first_or_last_best_epoch():
    arguments = {"early_stopping": True, "n_iter_no_change": np.inf, "validation_fraction": 0.2}
    arguments |= {"max_iter": 40, "learning_rate": "cosine", "learning_rate_init": 0.02}
    kept = {}
    for best_epoch in ("first", "last"):
        model = fit(best_epoch=best_epoch, **arguments)
        assert model.n_iter_ == 40
        kept[best_epoch] = model.history_.kept_epoch
    best = np.flatnonzero(model.validation_scores_ == np.max(model.validation_scores_)) + 1
    assert len(best) > 1
    assert (kept["first"], kept["last"]) == (best[0], best[-1])
