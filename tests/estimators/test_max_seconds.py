"""A time for fit: the epochs are planned for it, and training ends with it."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from deltaprop.estimators import MLPClassifier, MLPRegressor, base
from deltaprop.recipes import epochs

X = np.random.default_rng(0).standard_normal((400, 5))
T = X[:, 0] * X[:, 1]


def planned(monkeypatch, each, seconds, **arguments):
    """The fitted estimator where an epoch takes `each` seconds by the measurement."""

    class Known(base.Pace):
        def on_poll(self, run):
            run.stop("measured", status="time_limit")

        def on_stop(self, run):
            self.per_epoch = each

    monkeypatch.setattr(base, "Pace", Known)
    return MLPRegressor(hidden_layer_sizes=(8,), max_seconds=seconds, random_state=0, **arguments).fit(X, T)


def test_as_many_epochs_as_there_is_time_for(monkeypatch):
    model = planned(monkeypatch, 5.0, 100.0, learning_rate="cosine")
    assert model.n_iter_ == 17  # 90 % of hardly less than 100 s
    assert model.history_["learning_rate"][-1] < 0.02 * 0.001  # the schedule has the planned length
    assert model.history_.status == "completed"


def test_never_more_than_max_iter_and_never_none(monkeypatch):
    assert planned(monkeypatch, 1e-6, 100.0, max_iter=3, learning_rate="cosine").n_iter_ == 3
    assert planned(monkeypatch, 1e6, 100.0, learning_rate="cosine").n_iter_ == 1


def test_a_planned_fit_is_one_of_that_many_epochs(monkeypatch):
    model = planned(monkeypatch, 10.0, 100.0, learning_rate="cosine", dropout=0.2, early_stopping=True)
    other = clone(model).set_params(max_seconds=None, max_iter=model.n_iter_).fit(X, T)
    np.testing.assert_array_equal(model.network_.theta, other.network_.theta)


def test_the_limit_ends_a_fit_that_is_slower_than_measured(monkeypatch):
    with pytest.warns(UserWarning, match="time limit"):
        model = planned(monkeypatch, 1e-9, 0.3, max_iter=10**6, n_iter_no_change=np.inf)
    assert model.history_.status == "time_limit"
    assert 0 < model.n_iter_ < 10**6
    assert np.isfinite(model.predict(X)).all()


def test_a_short_time_planned_by_the_clock():
    """How many epochs these are, and whether the limit must end them, is up to the machine's load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier.recommended(max_seconds=1, random_state=0).fit(X, T > 0)
    assert model.history_.status in ("completed", "time_limit")
    assert 1 <= model.n_iter_ <= epochs(320)
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("seconds", [0, -1, "a minute"])
def test_it_must_be_positive(seconds):
    with pytest.raises(ValueError, match="max_seconds"):
        MLPRegressor(max_seconds=seconds).fit(X, T)


def test_epochs_are_chosen_by_the_number_of_samples():
    model = MLPRegressor(
        hidden_layer_sizes=(4,), max_iter="auto", learning_rate="cosine", random_state=0
    ).fit(X, T)
    assert model.n_iter_ == epochs(400) == 128
    assert epochs(20_000) == 64
    assert epochs(10**7) == 32


def test_a_limit_does_not_outlive_its_fit(monkeypatch):
    model = planned(monkeypatch, 10.0, 100.0, learning_rate="cosine")
    assert model.n_iter_ < 20
    assert model.set_params(max_seconds=None).fit(X, T).n_iter_ > 100


def test_at_least_one_epoch():
    model = MLPRegressor.recommended(max_seconds=1e-3, random_state=0).fit(X, T)
    assert model.n_iter_ == 1
