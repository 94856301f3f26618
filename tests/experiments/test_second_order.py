"""The experiments on second-order methods find what theory says."""

import numpy as np
import pytest

from deltaprop.curvature import Hessian
from deltaprop.experiments import Setting, experiment
from deltaprop.experiments.claims import BORNE_OUT
from deltaprop.experiments.tricks import second_order
from deltaprop.experiments.tricks.second_order import surface, tanh_network, train_until
from deltaprop.experiments.tricks.spectrum import small_digits
from deltaprop.optimizers import Adam
from deltaprop.solvers import LevenbergMarquardt


def test_the_surface_is_the_function():
    x, t = surface(50)
    assert (x.shape, t.shape) == ((50, 2), (50, 1))
    np.testing.assert_allclose(t[7, 0], np.sin(3 * x[7, 0]) * np.cos(2 * x[7, 1]) + x[7].prod())


def test_small_digits_are_means_of_four_pixels():
    from sklearn.datasets import load_digits

    x, targets = small_digits(100)
    images, wanted = load_digits().images[:100], load_digits().target[:100]
    pixel = images[:, 2:4, 4:6].mean(axis=(1, 2))
    np.testing.assert_array_equal(targets, np.eye(10)[wanted])
    np.testing.assert_allclose(x[:, 4 + 2], (pixel - pixel.mean()) / (pixel.std() + 0.1))


def test_methods_for_the_hessian():
    result = experiment("hessian").run()
    assert [verdict.outcome for verdict in result.verdicts] == [BORNE_OUT] * 4


def test_the_spectrum_is_that_of_the_hessian():
    result = experiment("spectrum").run(Setting(seeds=1))
    x, t = small_digits(300)
    net = tanh_network(16, 8, 8, 8, 10)
    values = result.measured.details["spectrum"]["initial weights", 0]
    np.testing.assert_allclose(values.sum(), np.trace(Hessian(net, x, t).dense()))
    assert (np.diff(values) <= 0).all()
    # Linear outputs under ½ ‖z − t‖²: the Hessian of the last weights is ⟨a aᵀ⟩ for each output, that of the biases 1.
    a = x
    for layer in net.layers[:-1]:
        a = np.tanh(a @ layer.w.T + layer.b) if hasattr(layer, "w") else a
    means = result.summary["mean λ"]
    np.testing.assert_allclose(means["layer 4, initial weights"], (np.square(a).mean(axis=0).sum() + 1) / 9)


@pytest.mark.parametrize("rule", [LevenbergMarquardt(), Adam(0.01)])
def test_a_race_ends_at_the_error(rule):
    x, t = surface(100)
    result = train_until(tanh_network(2, 5, 5, 1), x, t, rule, error=1e-3, limit=20)
    assert result["errors"][-1] <= 1e-3 < result["errors"][-2]
    assert result["seconds"] == result["times"][-1] < 20
    assert (np.diff(result["times"]) > 0).all()


def test_a_race_that_is_not_finished_counts_as_the_limit():
    x, t = surface(50)
    result = train_until(tanh_network(2, 3, 1), x, t, Adam(1e-6), error=1e-9, limit=0.05)
    assert result["seconds"] == 0.05
    assert result["error"] > 1e-9


def test_solvers_and_sizes_are_compared(monkeypatch):
    monkeypatch.setattr(
        second_order,
        "train_until",
        lambda net, x, t, rule, error, limit: train_until(net, x, t, rule, 0.1, 0.2),
    )
    monkeypatch.setattr("deltaprop.experiments.tricks.network_size.train_until", second_order.train_until)
    for name in ("second-order", "network-size"):
        result = experiment(name).run(Setting(seeds=1))
        assert (result.table["seconds"] > 0).all()
        assert result.figure().axes
