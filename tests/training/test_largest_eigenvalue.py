"""λ_max while a network trains, beside the exact one after each epoch."""

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.curvature import Hessian, eigenvalues
from deltaprop.errors import InputError
from deltaprop.training import Callback, LargestEigenvalue

rng = np.random.default_rng(0)
X = rng.normal(size=(400, 3)) * [1, 2, 3]
T = np.tanh(X.sum(axis=1, keepdims=True))


class Exact(Callback):
    def __init__(self):
        self.values = []

    def on_epoch(self, run):
        self.values.append(eigenvalues(Hessian(run.network, X, T)).values[0])


def fit(*callbacks, epochs=6, **options):
    net = Network([Dense(6), "tanh", Dense(1)], inputs=3, seed=3, dtype=options.pop("dtype", "float64"))
    net.fit(X, T, epochs=epochs, callbacks=callbacks, progress=False, **options)
    return net


@pytest.mark.parametrize(("alpha", "dtype"), [(None, "float64"), (None, "float32"), (1e-4, "float64")])
def test_close_to_the_exact_one_after_each_epoch(alpha, dtype):
    watch, exact = LargestEigenvalue(alpha=alpha), Exact()
    fit(watch, exact, dtype=dtype)
    assert watch.epochs == [1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(watch.values, exact.values, rtol=0.15)
    np.testing.assert_allclose(watch.max_rates, 2 / np.array(watch.values))
    np.testing.assert_allclose(watch.best_rates, 1 / np.array(watch.values))


def test_whole_batches_and_many_updates_give_the_eigenvalue_itself():
    watch, exact = LargestEigenvalue(updates=200, batch_size=1000, rate=0.5), Exact()
    fit(watch, exact, epochs=2)
    np.testing.assert_allclose(watch.values, exact.values, rtol=1e-6)


@pytest.mark.parametrize("alpha", [None, 0.01])
def test_training_is_not_changed(alpha):
    np.testing.assert_array_equal(fit(LargestEigenvalue(alpha=alpha)).theta, fit().theta)


def test_sample_weights_count():
    weight = np.where(np.arange(400) < 50, 1.0, 0.0)
    watch = LargestEigenvalue(updates=100, batch_size=400, rate=0.5)
    net = fit(watch, epochs=1, sample_weight=weight)
    exact, without = (eigenvalues(Hessian(net, X, T, w)).values[0] for w in (weight, None))
    assert watch.values[0] == pytest.approx(exact, rel=1e-4)
    assert abs(exact / without - 1) > 0.01


def test_a_resumed_fit_goes_on_where_it_was(tmp_path):
    whole, first, second = LargestEigenvalue(), LargestEigenvalue(), LargestEigenvalue()
    fit(whole)
    fit(first, epochs=3, checkpoint=tmp_path / "a")
    fit(second, checkpoint=tmp_path / "a", resume=True)
    assert second.epochs == whole.epochs
    assert second.values == whole.values


def test_without_curvature_the_estimate_is_0():
    net, watch = (
        Network([Dense(1)], inputs=3, loss="absolute_error", dtype="float64"),
        LargestEigenvalue(rate=1),
    )
    net.fit(X, T, epochs=2, callbacks=[watch], progress=False)
    assert watch.values == [0, 0]
    assert watch.max_rates == [np.inf, np.inf]


def test_the_plot_shows_the_values():
    watch = LargestEigenvalue()
    fit(watch)
    x, y = watch.plot().lines[0].get_data()
    assert list(x) == watch.epochs
    assert list(y) == watch.values


@pytest.mark.parametrize("options", [{"updates": 0}, {"batch_size": 0}, {"rate": 2.0}, {"alpha": 0.0}])
def test_bad_arguments_are_refused(options):
    with pytest.raises(InputError, match=f"^LargestEigenvalue: {next(iter(options))} is"):
        LargestEigenvalue(**options)
