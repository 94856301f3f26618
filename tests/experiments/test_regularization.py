"""What the experiments on over-fitting measure."""

import numpy as np
import pytest

from deltaprop.data import load
from deltaprop.experiments import Problem, Setting, experiment
from deltaprop.experiments.claims import BORNE_OUT
from deltaprop.experiments.practice import bias_variance, regularization
from deltaprop.functions import Penalty
from deltaprop.layers import Dense

IRIS = Problem.of(load("iris"))


def test_the_test_loss_leaves_the_penalty_out():
    plain, penalized = (
        IRIS.network(Dense(4), "tanh", penalty=penalty) for penalty in (None, Penalty(l2=1.0))
    )
    assert regularization.test_loss(penalized, IRIS) == pytest.approx(plain.value(IRIS.x_test, IRIS.t_test))
    assert penalized.value(IRIS.x_test, IRIS.t_test) > plain.value(IRIS.x_test, IRIS.t_test)


def test_a_fifth_of_the_targets_is_exchanged(monkeypatch):
    monkeypatch.setattr(regularization, "SAMPLES", 5000)
    many = Problem(**vars(IRIS) | {"x": np.arange(5000.0)[:, None], "t": np.arange(5000) % 10})
    x, t = regularization.noisy(many, np.random.default_rng(0))
    assert np.mean(t != x[:, 0] % 10) == pytest.approx(
        0.2 * 0.9, abs=0.02
    )  # one in ten gets its own class again


def test_bias_and_variance_are_those_of_networks_of_known_error(monkeypatch):
    """Networks that predict f + 1 ± 2: the squared bias is 1, the variance 4 (of many sets)."""

    def known(seed):
        offset = 1 + 2 * np.random.default_rng(seed).choice([-1, 1])
        return np.tile(
            bias_variance.function(bias_variance.GRID).ravel() + offset, (len(bias_variance.TIMES), 1)
        )

    monkeypatch.setattr(bias_variance, "predictions", known)
    table = bias_variance.measure(Setting(full=True)).table
    assert table["bias²"].mean() == pytest.approx(1, abs=0.5)
    assert table["variance"].mean() == pytest.approx(4, abs=0.3)


def test_radial_basis_functions(monkeypatch):
    verdicts = experiment("rbf").run(Setting(seeds=2)).verdicts
    assert [verdict.outcome for verdict in verdicts] == [BORNE_OUT, BORNE_OUT]
