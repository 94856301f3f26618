"""Recipes do what their names say, in Python and at the command line."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from deltaprop import Dense
from deltaprop.commands import defaults
from deltaprop.commands.settings import Settings
from deltaprop.data import load
from deltaprop.estimators import MLPClassifier, MLPRegressor
from deltaprop.recipes import MNIST_98, RECIPES


@pytest.mark.mnist
def test_mnist_98():
    data = load("mnist")
    x, x_test = ((np.asarray(v, np.float32) / 255 - 0.1307) / 0.3081 for v in (data.x, data.x_test))
    assert MNIST_98.fit(x, data.t, seed=0).score(x_test, data.t_test) >= 0.98


@pytest.mark.parametrize("name", RECIPES)
def test_the_command_line_builds_the_same(name):
    settings = defaults.complete(Settings().given(**RECIPES[name].options), "classification", 600, 4, True)
    net = defaults.network(settings, inputs=4, outputs=3, samples=600)
    assert [l.units for l in net.config if isinstance(l, Dense)] == [*RECIPES[name].layers, 3]
    rate = defaults.optimizer(settings, samples=600).learning_rate
    assert rate.peak == RECIPES[name].peak
    assert rate.steps == RECIPES[name].epochs * 5


@pytest.mark.parametrize(
    "given",
    [
        {"dropout": 0.0},
        {"weight_decay": 0},
        {"early_stopping": False},
        {"loss": "hinge"},
        {"solver": "lbfgs", "early_stopping": False},
        {"solver": "sgd"},
    ],
)
def test_what_an_argument_turns_off_is_left_out(given):
    """No warning of arguments without effect, which are errors in the tests."""
    x = np.random.default_rng(0).standard_normal((60, 3))
    model = MLPClassifier.recommended(**given, max_iter=2, hidden_layer_sizes=(4,), random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert model.fit(x, x[:, 0] > 0).predict(x).shape == (60,)


def test_counts_are_not_standardized():
    x = np.random.default_rng(0).standard_normal((60, 3))
    model = MLPRegressor.recommended(loss="poisson", max_iter=2, hidden_layer_sizes=(4,), random_state=0)
    assert (model.fit(x, np.arange(60)).predict(x) >= 0).all()
