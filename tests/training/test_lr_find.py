"""The learning-rate range test: what it finds, how it says so, and that it leaves no trace."""

import numpy as np
import pytest

from deltaprop import Dense, Network, lr_find
from deltaprop.errors import InputError
from deltaprop.training.lr_find import judge

RATES = np.geomspace(1e-7, 10, 100)


def problem(seed=0, n=400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    return x, np.sin(x[:, 0]) + x[:, 1] * x[:, 2]


def network(seed=0, dtype="float32"):
    return Network([Dense(32), "tanh", Dense(1)], inputs=5, seed=seed, dtype=dtype)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop", "gradient_descent"])
def test_the_rate_found_trains_and_ten_thousand_times_less_does_not(optimizer):
    from dataclasses import replace

    from deltaprop.optimizers import OPTIMIZERS

    x, t = problem()
    rate = lr_find(network(), x, t, optimizer=optimizer, batch_size=40).rate
    losses = {}
    for factor in (1, 1e-4):
        rule = replace(OPTIMIZERS[optimizer], learning_rate=factor * rate)
        history = network().fit(x, t, optimizer=rule, epochs=30, batch_size=40)
        losses[factor] = history["train_loss"][-1]
    assert losses[1] < 0.8 * losses[1e-4]


def test_noisy_batches_do_not_mislead():
    """Where noise hides the fall, the result says so; otherwise the order of magnitude is right."""
    found = [lr_find(network(seed), *problem(), optimizer="sgd", batch_size=40) for seed in range(8)]
    rates = [search.rate for search in found if search.trust == "good"]
    assert len(rates) >= 6
    assert 3e-3 < min(rates) <= max(rates) < 0.3


def test_nothing_changes_and_the_method_is_the_function():
    x, t = problem()
    net, twin = network(), network()
    by_method, by_function = net.lr_find(x, t), lr_find(net, x, t)
    assert by_method.rate == by_function.rate == float(by_function)
    np.testing.assert_array_equal(net.theta, twin.theta)
    net.fit(x, t, epochs=2), twin.fit(x, t, epochs=2)
    np.testing.assert_array_equal(net.theta, twin.theta)


def test_both_engines_find_the_same():
    x, t = problem()
    one, two = (
        lr_find(network(dtype="float64"), x, t, engine=engine, steps=50) for engine in ("numpy", "auto")
    )
    np.testing.assert_allclose(one.losses[:30], two.losses[:30], rtol=1e-9)


def test_a_curve_with_a_valley():
    losses = 1 - 0.9 / (1 + (1e-3 / RATES) ** 2) + (RATES / 0.3) ** 2
    search = judge(RATES, losses)
    assert search.trust == "good"
    assert 1e-4 < search.rate < 1e-1


@pytest.mark.parametrize(
    ("losses", "trust", "words"),
    [
        (np.ones(100), "none", "hardly fell"),
        (1 + 0.1 * np.random.default_rng(0).normal(size=100), "none", "hardly fell"),
        (np.linspace(1, 2, 100), "none", "hardly fell"),
        (np.array([]), "none", "scale inputs and targets"),
        (np.array([1.0, 2.0]), "none", "scale inputs and targets"),
        (1 / (1 + RATES / 0.1), "fair", "still falling"),
    ],
)
def test_a_number_in_any_case_and_what_it_is_worth(losses, trust, words):
    search = judge(RATES[: len(losses)], losses)
    assert np.isfinite(search.rate)
    assert search.rate > 0
    assert search.trust == trust
    assert words in search.message
    assert words in repr(search)


def test_targets_that_are_noise_and_inputs_that_are_huge():
    rng = np.random.default_rng(0)
    noise = lr_find(network(), rng.normal(size=(200, 5)), rng.normal(size=200))
    huge = lr_find(network(), 1e30 * rng.normal(size=(200, 5)), 1e30 * rng.normal(size=200))
    assert noise.rate > 0
    assert huge.rate > 0
    assert huge.trust == "none"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"low": 0}, "low is 0"), ({"low": 1, "high": 0.1}, "high is 0.1"), ({"steps": 3}, "steps is 3")],
)
def test_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        lr_find(network(), *problem(n=20), **arguments)


def test_the_plot_shows_the_losses_and_the_suggested_rate():
    search = lr_find(network(), *problem(), optimizer="sgd")
    ax = search.plot()
    losses, smoothed, suggested = ax.lines
    np.testing.assert_array_equal(losses.get_xydata(), np.column_stack([search.rates, search.losses]))
    np.testing.assert_array_equal(smoothed.get_ydata(), search.smoothed)
    assert list(suggested.get_xdata()) == [search.rate] * 2
    assert ax.get_xscale() == "log"
