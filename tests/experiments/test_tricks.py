"""Races count what they say; the tricks run on data of one's own, and swapped arms turn the verdicts round."""

import sys
from dataclasses import dataclass

import numpy as np
import pytest

from deltaprop.data import load
from deltaprop.errors import InputError
from deltaprop.experiments import Problem, Setting, experiment, racing
from deltaprop.experiments.claims import BORNE_OUT, REFUTED
from deltaprop.experiments.racing import Entry, race
from deltaprop.experiments.tricks import (
    EXPERIMENTS,
    emphasizing,
    initial_weights,
    inputs,
    rbf_dimension,
)

RACES = [
    "stochastic",
    "shuffling",
    "inputs",
    "sigmoids",
    "initial-weights",
    "layer-rates",
    "oscillation-rates",
    "momentum",
    "eigenvalue-rate",
    "diagonal-lm",
    "rbf",
]


@pytest.fixture(scope="module")
def classes():
    return Problem.of(load("iris"))


@pytest.fixture(scope="module")
def numbers():
    return Problem.of(load("diabetes"))


@dataclass(frozen=True)
class Decay(Entry):
    """The loss falls by a factor exp(−speed · rate) in each epoch, and diverges at a rate above 1."""

    speed: float = 1.0

    def run(self, seed, rate, epochs):
        return np.exp(-(self.speed * rate if rate <= 1 else -1) * np.arange(epochs + 1.0))


def test_a_race_counts_the_epochs_of_the_best_rate(classes):
    entries = {"slow": Decay(classes, speed=0.1), "fast": Decay(classes, speed=0.4)}
    raced = race(Setting(seeds=1), entries, rates=(0.5, 1.0, 2.0), epochs=(20, 20), pairs=[("fast", "slow")])
    goal = classes.baseline - 0.99 * (classes.baseline - np.exp(-2.0))
    table = raced.table.set_index("arm")
    np.testing.assert_allclose(table["epochs"], [-np.log(goal) / 0.1, -np.log(goal) / 0.4], rtol=0.01)
    np.testing.assert_array_equal(table["epochs"], table["epochs, fast and slow"])
    assert list(table["rate"]) == [1, 1]


def test_losses_are_those_of_the_network_after_each_epoch(classes):
    entry = Entry(classes)
    losses = racing.losses_after(
        net := entry.network(0), classes.x, classes.t, optimizer="gradient_descent", epochs=6
    )
    assert losses[0] == entry.network(0).value(classes.x, classes.t)
    assert losses[-1] >= net.value(classes.x, classes.t)  # the median of the last epochs
    assert (np.diff(losses) <= 0).all()


@pytest.mark.parametrize("name", RACES)
@pytest.mark.parametrize("data", ["classes", "numbers"])
def test_races_run_on_data_of_ones_own(name, data, request, monkeypatch):
    monkeypatch.setattr(racing, "SEEN", 0)  # ten epochs
    monkeypatch.setattr(sys.modules[EXPERIMENTS[name].measure.__module__], "RATES", (0.1, 0.03))
    problem = request.getfixturevalue(data)
    setting = Setting(seeds=1, problem=problem)
    if name == "shuffling" and data == "numbers":
        with pytest.raises(InputError, match="shuffling: the target is a number, expected classes"):
            experiment(name).run(setting)
        return
    result = experiment(name).run(setting)
    assert EXPERIMENTS[name].own_data
    assert np.isfinite(result.table["epochs"]).all()
    assert result.figure().axes


@pytest.mark.parametrize("name", ["annealing", "emphasizing", "targets", "stable-rate"])
def test_others_run_on_data_of_ones_own(name, classes, numbers):
    result = experiment(name).run(Setting(seeds=1, problem=classes))
    assert len(result.verdicts) == len(EXPERIMENTS[name].claims)
    assert result.figure().axes
    if name == "targets":
        with pytest.raises(InputError, match="targets: the target is a number, expected classes"):
            experiment(name).run(Setting(seeds=1, problem=numbers))


def swapped(arms, one, other):
    return arms | {one: arms[other], other: arms[one]}


def outcomes(name, setting, swap, monkeypatch, module):
    """The outcome of the first claim, as it is and with two arms swapped."""
    before = experiment(name).run(setting).verdicts[0].outcome
    monkeypatch.setattr(module, "ARMS", swapped(module.ARMS, *swap))
    return before, experiment(name).run(setting).verdicts[0].outcome


@pytest.mark.parametrize(
    ("name", "module", "rates", "swap"),
    [
        ("initial-weights", initial_weights, (0.3, 0.1), ("1/√m", "too large")),
        ("inputs", inputs, (0.3, 0.1), ("raw", "scaled")),
        ("rbf-dimension", rbf_dimension, (0.03,), ("RBF units, 2 inputs", "sigmoid units, 2 inputs")),
    ],
)
def test_swapped_arms_turn_the_verdict_round(name, module, rates, swap, classes, monkeypatch):
    monkeypatch.setattr(racing, "SEEN", 2000)
    monkeypatch.setattr(module, "RATES", rates)
    setting = Setting(seeds=3, problem=classes)
    assert outcomes(name, setting, swap, monkeypatch, module) == (BORNE_OUT, REFUTED)


def test_outliers_are_wrong_labels_and_far_numbers(classes, numbers):
    spoilt = emphasizing.with_outliers(classes, 0)
    assert np.sum(spoilt.t != classes.t) == round(0.1 * len(classes.t))
    assert spoilt.t.max() < classes.outputs
    far = np.abs(emphasizing.with_outliers(numbers, 0).t - numbers.t)
    np.testing.assert_allclose(far[far > 0], 5)


def test_arms_of_inputs_are_what_they_say(numbers):
    x = numbers.raw().x
    assert np.abs(inputs.raw(x)).max() == 1
    np.testing.assert_allclose(inputs.centred(x).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(inputs.covariance(inputs.decorrelated(x)), np.eye(10), atol=1e-9)
    assert inputs.condition(np.diag([4.0, 2.0, 0.0])) == 2
