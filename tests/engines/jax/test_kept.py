"""What a compiled program must not keep: settings, objects and states that differ the next time."""

import re
from dataclasses import dataclass

import numpy as np
import pytest

from deltaprop import Dense, InputError, Network
from deltaprop.engines.jax import JaxEngine
from deltaprop.functions import Penalty, StepDecay
from deltaprop.functions.losses import SquaredError
from deltaprop.layers import Dropout, Layer
from deltaprop.optimizers import SGD
from deltaprop.training import Callback

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 5))
T = np.sin(X[:, :1])


def theta(engine, layer, loss="squared_error", optimizer="sgd", seed=1, **options):
    net = Network([Dense(6), layer, Dense(1)], inputs=5, loss=loss, seed=seed, dtype="float64")
    net.fit(X, T, engine=engine, optimizer=optimizer, epochs=3, progress=False, **options)
    return net.theta


def check_as_numpy(*arguments, **options):
    found, expected = (theta(engine, *arguments, **options) for engine in ("jax", "numpy"))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


class Asymmetric(SquaredError):
    """Errors above count more; objects with different numbers compare equal."""

    def __init__(self, above):
        object.__setattr__(self, "above", above)

    def _weight(self, d):
        return np.where(d > 0, self.above, 1.0)

    def value(self, z, t):
        return (self._weight(z - t) * np.square(z - t) / 2).sum(axis=1)

    def delta(self, z, t):
        return self._weight(z - t) * (z - t)


class Times(Layer):
    """z = x ⊙ f"""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, p, x, cache):
        return x * self.factor

    def backward(self, p, cache, d_z, grad):
        return d_z * self.factor


def test_objects_that_compare_equal_are_told_apart():
    for above in (1.0, 20.0):
        check_as_numpy("tanh", Asymmetric(above))


def test_a_layer_changed_between_fits_and_one_with_an_array():
    layer = Times(0.5)
    check_as_numpy(layer)
    layer.factor = 2.0
    check_as_numpy(layer)
    for factor in (0.5, 2.0):
        check_as_numpy(Times(np.full(6, factor)))


def test_predictions_are_those_of_the_network_itself():
    found = []
    for factor in (1.0, 4.0):
        net = Network([Dense(6), Times(factor), Dense(1)], 5, seed=1)
        found.append(net.predict(X, engine="jax"))
        np.testing.assert_allclose(found[-1], net.predict(X), rtol=1e-5, atol=1e-6)
    assert not np.allclose(*found)


class Dropping(Layer):
    """A layer that drops by another one, which the network does not know."""

    def forward(self, p, x, cache):
        return Dropout(0.5).forward(p, x, cache)

    def backward(self, p, cache, d_z, grad):
        return d_z * cache.mask


def test_the_seed_of_masks_drawn_within_a_layer():
    for seed in (1, 2):
        check_as_numpy(Dropping(), seed=seed)


class Faded(Layer):
    """z = x · rate(k)"""

    rate = StepDecay(1.0, 0.5, 4)

    def __init__(self):
        self.schedule = self.rate

    def forward(self, p, x, cache):
        cache.f = self.schedule.rate(cache.step) if cache.training else 1.0
        return x * cache.f

    def backward(self, p, cache, d_z, grad):
        return d_z * cache.f


def test_schedules_of_a_layer_of_ones_own():
    check_as_numpy(Faded())


@dataclass(frozen=True)
class Warm(SGD):
    """The first steps are small: compares the number of the step with a number."""

    def update(self, theta, grad, state, alpha, k):
        theta -= np.where(k < 5, 0.1, 1.0) * alpha * grad


def test_an_optimizer_that_compares_the_number_of_the_step():
    check_as_numpy("tanh", optimizer=Warm(0.1))


class Noise(Layer):
    def forward(self, p, x, cache):
        return x + 0.1 * np.random.default_rng().normal(size=x.shape)

    def backward(self, p, cache, d_z, grad):
        return d_z


class Counting(Layer):
    def __init__(self):
        self.passes = 0

    def forward(self, p, x, cache):
        self.passes += 1
        return x * self.passes

    def backward(self, p, cache, d_z, grad):
        return d_z * self.passes


@pytest.mark.parametrize(
    ("layer", "words"), [(Noise(), "other numbers each time"), (Counting(), "Counting changes its own")]
)
def test_random_numbers_and_states_of_layers_are_refused(layer, words):
    before = dict(vars(layer))
    with pytest.raises(InputError, match=re.escape(words)):
        theta("jax", layer)
    assert vars(layer) == before


class Changing(Callback):
    """After the first epoch, another loss or penalty."""

    def __init__(self, **attributes):
        self.attributes = attributes

    def on_epoch(self, run):
        for name, value in self.attributes.items():
            setattr(run.network, name, value)


@pytest.mark.parametrize("attributes", [{"penalty": Penalty(l2=1.0)}, {"loss": "absolute_error"}])
def test_what_a_callback_changes_in_the_network_counts(attributes):
    check_as_numpy("tanh", callbacks=[Changing(**attributes)])


def test_samples_of_another_byte_order():
    net, other = (Network([Dense(1)], inputs=5, seed=1) for _ in range(2))
    net.fit(X.astype(">f4"), T, engine="jax", epochs=2)
    other.fit(X.astype("f4"), T, engine="numpy", epochs=2)
    np.testing.assert_allclose(net.theta, other.theta, rtol=0, atol=1e-6)


def test_an_error_of_the_devices_leaves_the_weights_of_the_last_epoch(monkeypatch):
    net = Network([Dense(1)], inputs=5, seed=1)
    kept, calls = [], []

    class Keeping(Callback):
        def on_epoch(self, run):
            kept.append(run.network.theta.copy())

    run = JaxEngine.run

    def failing(self, *arguments):
        run(self, *arguments)
        calls.append(None)
        if len(calls) == 3:
            raise RuntimeError("the device is gone")
        return 3

    monkeypatch.setattr(JaxEngine, "run", failing)
    with pytest.raises(RuntimeError, match="the device is gone"):
        net.fit(X, T, engine="jax", epochs=4, callbacks=[Keeping()], batch_size=32)
    np.testing.assert_array_equal(net.theta, kept[-1])
