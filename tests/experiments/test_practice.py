"""The experiments on training practice: their numbers against formulas, small runs, verdicts that turn round."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import rosen, rosen_der, rosen_hess
from scipy.stats import norm

from deltaprop import Dense, Network
from deltaprop.data import load
from deltaprop.experiments import EXPERIMENTS, Problem, Setting
from deltaprop.experiments.claims import BORNE_OUT, REFUTED
from deltaprop.experiments.measuring import lowest_loss, with_best_rate
from deltaprop.experiments.practice import deep, initialization, surfaces
from deltaprop.optimizers import SGD

WINE = Problem.of(load("wine"))


def swapped(table, one, other):
    """The table with the numbers of two arms exchanged."""
    return table.assign(arm=table["arm"].replace({one: other, other: one}))


def test_variances_follow_the_mean_field():
    """Of wide layers: q ← E[tanh²(√q z)], z normal, with Xavier's weights; q ← q/2 for ReLU's mean square."""
    network = Network(
        [p for _ in range(4) for p in (Dense(600, init="xavier_normal"), "tanh")] + [Dense(1)], 600
    )
    found = initialization.variances(network, np.random.default_rng(0).standard_normal((200, 600)))
    q, wanted = 1.0, []
    for _ in range(4):
        q = quad(lambda z, q=q: np.tanh(np.sqrt(q) * z) ** 2 * norm.pdf(z), -8, 8)[0]
        wanted.append(q)
    np.testing.assert_allclose(found, wanted, rtol=0.1)


def test_initial_weights():
    result = EXPERIMENTS["initialization"].run(Setting(seeds=2))
    outcomes = [verdict.outcome for verdict in result.verdicts]
    assert outcomes[0] == outcomes[2] == outcomes[3] == BORNE_OUT
    assert outcomes[4] == REFUTED  # tanh is not linear for inputs of deviation 1
    turned = swapped(swapped(result.table, "tanh, Xavier", "tanh, He"), "ReLU, He", "ReLU, Xavier")
    assert BORNE_OUT not in {claim.judge(turned).outcome for claim in result.experiment.claims[:4]}


def test_first_gradient_by_differences():
    network = WINE.network(*deep.blocks(2, "xavier_normal", "tanh"))
    w, x, t = network.layers[0].w, WINE.x[: deep.SAMPLES], WINE.t[: deep.SAMPLES]
    columns = np.empty_like(w)
    for place in np.ndindex(w.shape):
        value = w[place]
        w[place] = value + 1e-6
        above = network.value(x, t)
        w[place] = value - 1e-6
        columns[place] = (above - network.value(x, t)) / 2e-6
        w[place] = value
    assert deep.first_gradient(network, WINE) == pytest.approx(np.linalg.norm(columns), rel=1e-6)


def test_vanishing_gradient():
    result = EXPERIMENTS["vanishing-gradient"].run(Setting(seeds=2))
    assert {verdict.outcome for verdict in result.verdicts[:3]} == {BORNE_OUT}
    assert result.verdicts[0].low > 1e4
    turned = swapped(result.table, "sigmoid, Xavier", "ReLU, He")
    assert result.experiment.claims[0].judge(turned).outcome == REFUTED


@pytest.mark.parametrize("surface", [surfaces.RAVINE, surfaces.ROSENBROCK])
def test_derivatives_of_a_surface(surface):
    theta, step = np.array([0.3, -0.7]), 1e-6 * np.eye(2)
    slopes = [(surface.value(*(theta + d)) - surface.value(*(theta - d))) / 2e-6 for d in step]
    bends = [(surface.gradient(theta + d) - surface.gradient(theta - d)) / 2e-6 for d in step]
    np.testing.assert_allclose(surface.gradient(theta), slopes, rtol=1e-6)
    np.testing.assert_allclose(surface.hessian(theta), bends, rtol=1e-6)
    assert surface.value(*np.array(surface.minimum)) == 0


def test_rosenbrock_is_scipy_s():
    theta, surface = np.array([-0.4, 1.7]), surfaces.ROSENBROCK
    assert surface.value(*theta) == pytest.approx(rosen(theta))
    np.testing.assert_allclose(surface.gradient(theta), rosen_der(theta))
    np.testing.assert_allclose(surface.hessian(theta), rosen_hess(theta))


def test_descent_in_a_ravine_is_geometric_and_zigzags():
    path = surfaces.descend(SGD(0.015), surfaces.RAVINE, np.array([2.0, 1.0]), limit=20)
    k = np.arange(len(path))
    np.testing.assert_allclose(path, np.column_stack([2 * 0.985**k, (-0.5) ** k]), rtol=1e-12)
    assert surfaces.reversals(surfaces.RAVINE, path) == 1
    straight = surfaces.descend(SGD(0.005), surfaces.RAVINE, np.array([2.0, 1.0]), limit=20)
    assert surfaces.reversals(surfaces.RAVINE, straight) == 0


def test_ravine():
    result = EXPERIMENTS["ravine"].run(Setting(seeds=2))
    momentum = result.verdicts[0]
    assert momentum.outcome == BORNE_OUT
    turned = swapped(result.table, "momentum", "gradient descent")
    assert result.experiment.claims[0].judge(turned).outcome == REFUTED


def test_best_rates():
    curves = {0.1: [3.0, 2.0, 0.9], 0.2: [3.0, 0.9, 0.5], 0.4: [3.0, 0.8, 0.6], 1.0: [9.0]}
    run = {rate: np.array(losses) for rate, losses in curves.items()}.__getitem__
    assert with_best_rate(run, list(curves), 1.0)[:2] == (2, 0.4)
    assert with_best_rate(run, list(curves), 0.1)[:2] == (4, 0.2)
    assert lowest_loss(run, list(curves))[:2] == (0.5, 0.2)


@pytest.mark.parametrize("name", ["schedules", "large-batches", "exploding-gradient", "remedies"])
def test_on_a_table_of_one_s_own(name):
    """A short run on other data: every claim gets numbers, and the figure its axes' names."""
    result = EXPERIMENTS[name].run(Setting(seeds=1, problem=WINE.first(60)))
    assert not result.table.drop(columns="arm").isna().to_numpy().any()
    assert len(result.verdicts) == len(result.experiment.claims)
    assert all(ax.get_xlabel() for ax in result.figure().axes)


def test_where_every_rate_diverges_there_is_a_curve_without_a_loss():
    loss, _, losses = lowest_loss(lambda rate: np.array([]), (0.1, 0.2))
    assert loss == np.inf
    assert len(losses) == 1
