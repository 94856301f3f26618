"""A limit on the time of a fit, with a clock that the test sets."""

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.errors import InputError
from deltaprop.training import Callback, TimeLimit, fit, time_limit
from deltaprop.training.time_limit import Pace, epochs_in

X = np.random.default_rng(0).standard_normal((600, 3))
T = X[:, 0] - X[:, 1] * X[:, 2]


def network():
    return Network([Dense(8), "tanh", Dense(1)], inputs=3, seed=1)


class Clock:
    """Advances by a second at each reading."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1.0
        return self.now


def test_the_fit_ends_at_the_limit_with_what_it_has_learned(monkeypatch):
    monkeypatch.setattr(time_limit.time, "monotonic", Clock().monotonic)
    net = network()
    before = net.mean_loss(net.forward(X), net.encode(T))
    history = fit(net, X, T, epochs=10_000, callbacks=[TimeLimit(3)], progress=False)
    assert history.status == "time_limit"
    assert "time limit of 3 s" in history.message
    assert 0 < len(history) < 10_000
    assert net.mean_loss(net.forward(X), net.encode(T)) < before


def test_a_fit_that_ends_in_time_is_not_touched():
    plain, limited = network(), network()
    fit(plain, X, T, epochs=3, progress=False)
    history = fit(limited, X, T, epochs=3, callbacks=[TimeLimit(1000)], progress=False)
    assert history.status == "completed"
    np.testing.assert_array_equal(plain.theta, limited.theta)


def test_it_stops_within_an_epoch(monkeypatch):
    """Polled between chunks of steps: an epoch of a large table may last longer than the limit."""
    monkeypatch.setattr(time_limit.time, "monotonic", Clock().monotonic)
    net, seen = network(), []

    class Watch(Callback):
        def on_stop(self, run):
            seen.append((run.epoch, run.position))

    x = np.broadcast_to(X[:1], (40_000, 3))
    history = fit(
        net, x, np.zeros(len(x)), batch_size=8, epochs=9, callbacks=[TimeLimit(2), Watch()], engine="numpy"
    )
    assert history.status == "time_limit"
    ((epoch, position),) = seen
    assert epoch == 1  # the first one is finished in any case
    assert 0 < position < len(x)


@pytest.mark.parametrize("rule", ["adam", "lm"])
def test_the_pace_is_the_time_over_the_epochs(monkeypatch, rule):
    """The clock advances by a second at each reading: at the start, at each poll, and at the end."""
    clock = Clock()
    monkeypatch.setattr(time_limit.time, "monotonic", clock.monotonic)
    pace = Pace(10**6)
    history = fit(network(), X, T, optimizer=rule, epochs=3, callbacks=[pace], progress=False)
    assert pace.per_epoch == pytest.approx((clock.now - 1) / len(history))


def test_the_pace_is_measured_within_an_epoch(monkeypatch):
    monkeypatch.setattr(time_limit.time, "monotonic", Clock().monotonic)
    x, pace = np.broadcast_to(X[:1], (40_000, 3)), Pace(1)
    history = fit(network(), x, np.zeros(len(x)), batch_size=8, epochs=9, callbacks=[pace], engine="numpy")
    assert len(history) == 0
    assert pace.per_epoch > 2  # two readings for less than an epoch


@pytest.mark.parametrize(("each", "planned"), [(10.0, 9), (1e-9, 50), (1e9, 1)])
def test_epochs_are_planned_with_a_reserve(each, planned):
    pace = Pace(1.0)
    pace.per_epoch = each
    assert epochs_in(100.0, pace, 50) == planned


def test_processes_that_share_the_fit_plan_the_same_number():
    pace = Pace(1e-9)
    fit(network(), X, T, epochs=1, callbacks=[pace], engine="numpy", progress=False)
    pace.per_epoch = 10.0
    assert epochs_in(100.0, pace, 50) == 9
    pace.engine.agree = lambda epochs: epochs - 2
    assert epochs_in(100.0, pace, 50) == 7


@pytest.mark.parametrize("seconds", [0, -1, np.nan, "60"])
def test_seconds_must_be_positive(seconds):
    with pytest.raises(InputError, match="TimeLimit: seconds"):
        TimeLimit(seconds)
