"""Ctrl-C: the first one ends the fit cleanly, the second raises."""

import signal
import threading

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.training import Callback, EarlyStopping, fit, loop

X = np.random.default_rng(0).normal(size=(64, 2))
T = X[:, :1]


def network():
    return Network([Dense(3), "tanh", Dense(1)], inputs=2, seed=3)


class Press(Callback):
    """Presses Ctrl-C after so many steps, so many times."""

    def __init__(self, step, times=1):
        self.step, self.times = step, times

    def on_start(self, run):
        self.left = self.times

    def on_poll(self, run):
        if run.step >= self.step and self.left:
            for _ in range(self.left):
                signal.raise_signal(signal.SIGINT)
            self.left = 0


@pytest.fixture(autouse=True)
def look_after_every_step(monkeypatch):
    monkeypatch.setattr(loop, "POLL_INTERVAL", 0.0)
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


def test_the_first_ends_the_fit_and_keeps_what_was_learned():
    class Last(Callback):
        def on_stop(self, run):
            self.theta, self.step, self.epoch = run.network.theta.copy(), run.step, run.epoch

    last, net = Last(), network()
    history = fit(net, X, T, epochs=50, batch_size=4, callbacks=[Press(40), last])
    assert (history.status, len(history)) == ("interrupted", 2)
    assert 40 <= last.step < 48
    assert history.message.startswith("Interrupted by Ctrl-C in epoch 3 of 50 after step ")
    assert net.theta.tobytes() == last.theta.tobytes() != network().theta.tobytes()


def test_the_best_weights_are_restored_if_asked_for():
    kept = []

    class Best(Callback):
        def on_epoch(self, run):
            kept.append(run.network.theta.copy())

    net = network()
    arguments = {"epochs": 50, "batch_size": 4, "validation": 0.25, "early_stopping": EarlyStopping(9)}
    history = fit(net, X, T, callbacks=[Best(), Press(40)], **arguments)
    assert history.status == "interrupted"
    assert net.theta.tobytes() == kept[history.best_epoch - 1].tobytes()


def test_an_interrupted_fit_resumes_to_the_end_of_the_whole_one(tmp_path):
    whole, net = network(), network()
    expected = fit(whole, X, T, epochs=4, batch_size=4)
    arguments = {"epochs": 4, "batch_size": 4, "checkpoint": tmp_path / "a"}
    assert "Continue with resume=True" in fit(net, X, T, callbacks=[Press(40)], **arguments).message
    again = network()
    history = fit(again, X, T, resume=True, **arguments)
    assert again.theta.tobytes() == whole.theta.tobytes()
    np.testing.assert_array_equal(history["train_loss"], expected["train_loss"])


def test_the_second_raises_and_leaves_the_last_good_epoch():
    net, good = network(), network()
    with pytest.raises(KeyboardInterrupt):
        fit(net, X, T, epochs=50, batch_size=4, callbacks=[Press(40, times=2)])
    fit(good, X, T, epochs=2, batch_size=4)
    assert net.theta.tobytes() == good.theta.tobytes()


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert fit(network(), X, T, epochs=2, callbacks=[Press(1)]).status == "completed"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_fit_without_touching_signals():
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(fit(network(), X, T, epochs=3).status))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == ["completed"] * 3
