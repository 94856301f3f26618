"""Early stopping, plateau, and callbacks of one's own."""

import numpy as np
import pytest

from deltaprop import Dense, InputError, Network
from deltaprop.optimizers import SGD
from deltaprop.training import Callback, EarlyStopping, ReduceOnPlateau, fit

X = np.random.default_rng(0).normal(size=(40, 2))
T = X[:, :1] - X[:, 1:]


def network():
    return Network([Dense(3), "tanh", Dense(1)], inputs=2, dtype="float64", seed=2)


class Play(Callback):
    """Puts values of its own into the newest row, before the callbacks after it see them; remembers the weights."""

    def __init__(self, values, column="validation_loss"):
        self.values, self.column, self.thetas, self.rates = values, column, [], []

    def on_epoch(self, run):
        run.history._rows[-1][run.history.columns.index(self.column)] = self.values[run.epoch - 1]
        self.thetas.append(run.network.theta.copy())
        self.rates.append(run.rate_scale)


def play(values, watcher, column="validation_loss", **options):
    net, script = network(), Play(values, column)
    options = {"epochs": len(values), "validation": 0.25, "callbacks": [script, watcher]} | options
    history = fit(net, X, T, **options)
    return net, history, script


NAN = np.nan


@pytest.mark.parametrize(
    ("values", "options", "epochs", "best"),
    [
        ([5, 4, 3, 3, 3, 3, 3], {"patience": 2}, 5, 3),
        ([5, 4, 3, 3, 3, 3, 3], {"patience": 1}, 4, 3),
        ([5, 6, 4, 6, 3, 6, 7], {"patience": 2}, 7, 5),
        ([5, 4.9, 4.8, 4.7, 4.6, 1, 1], {"patience": 3, "min_improvement": 0.5}, 4, 4),
        ([NAN, 4, NAN, NAN, 1], {"patience": 2}, 4, 2),
        ([NAN, NAN, NAN], {"patience": 3}, 3, None),
        ([5, 4, 3], {"patience": 9}, 3, 3),
    ],
)
def test_early_stopping_waits_and_goes_back(values, options, epochs, best):
    net, history, script = play(values, EarlyStopping(**options))
    assert len(history) == epochs
    assert history.best_epoch == best
    stopped = epochs < len(values) or values[-1] != values[-1] or values[-2:] == [6, 7]
    assert history.status == ("early_stopped" if stopped else "completed")
    final = script.thetas[-1 if best is None else best - 1]
    assert net.theta.tobytes() == final.tobytes()
    if best is not None:
        assert f"The weights of epoch {best} are restored." in history.message


def test_early_stopping_may_keep_the_last_weights():
    net, history, script = play([1, 2, 3], EarlyStopping(2, restore_best=False))
    assert (len(history), history.status) == (3, "early_stopped")
    assert net.theta.tobytes() == script.thetas[-1].tobytes()


def test_of_a_score_larger_is_better():
    watcher = EarlyStopping(2, monitor="validation_score")
    net, history, script = play([0.1, 0.9, 0.5, 0.8, 0.95], watcher, "validation_score")
    assert (len(history), history.best_epoch) == (4, 2)
    assert "has not improved on 0.9 for 2 epochs" in history.message
    assert net.theta.tobytes() == script.thetas[1].tobytes()


def test_the_training_loss_may_be_monitored_without_validation_data():
    watcher = EarlyStopping(1, monitor="train_loss")
    _, history, _ = play([3, 2, 2, 1], watcher, "train_loss", validation=None)
    assert (len(history), history.monitor) == (3, "train_loss")


def test_a_number_is_the_patience():
    history = fit(network(), X, T, optimizer=SGD(0.0), epochs=9, validation=0.25, early_stopping=3)
    assert len(history) == 4
    assert history.status == "early_stopped"


def test_one_description_serves_several_fits():
    watcher = EarlyStopping(2)
    first = fit(network(), X, T, optimizer=SGD(0.0), epochs=9, validation=0.25, early_stopping=watcher)
    second = fit(network(), X, T, optimizer=SGD(0.0), epochs=9, validation=0.25, early_stopping=watcher)
    assert len(first) == len(second) == 3
    assert watcher.waited == 0


@pytest.mark.parametrize(
    ("values", "options", "scales"),
    [
        ([5, 5, 5, 5, 5], {"factor": 0.5, "patience": 2}, [1, 1, 0.5, 0.5, 0.25]),
        ([5, 4, 3, 2, 1], {"factor": 0.5, "patience": 1}, [1, 1, 1, 1, 1]),
        ([5, 5, 5, 5, 5], {"factor": 0.1, "patience": 1, "min_rate": 0.02}, [1, 0.2, 0.2, 0.2, 0.2]),
        ([5, 4.9, 4.8], {"factor": 0.1, "patience": 1, "min_improvement": 1}, [1, 0.1, 0.01]),
    ],
)
def test_the_plateau_scales_the_rate(values, options, scales):
    script = Play(values)
    last = Play(values)
    history = fit(
        network(), X, T, optimizer=SGD(0.1), epochs=len(values), validation=0.25,
        callbacks=[script, ReduceOnPlateau(**options), last],
    )  # fmt: skip
    np.testing.assert_allclose(last.rates, scales, rtol=1e-12)
    np.testing.assert_allclose(history["learning_rate"], 0.1 * np.array([1, *scales[:-1]]), rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (EarlyStopping, {"patience": 0}),
        (EarlyStopping, {"patience": 1, "min_improvement": -1}),
        (ReduceOnPlateau, {"factor": 1.0}),
        (ReduceOnPlateau, {"factor": 0.0}),
        (ReduceOnPlateau, {"patience": 1.5}),
        (ReduceOnPlateau, {"min_rate": -1}),
    ],
)
def test_bad_descriptions_are_refused(kind, options):
    with pytest.raises(InputError, match=f"^{kind.__name__}: "):
        kind(**options)


def test_two_that_restore_are_refused():
    with pytest.raises(InputError, match="early_stopping is given twice"):
        fit(network(), X, T, validation=0.25, early_stopping=2, callbacks=[EarlyStopping(3)])


class Log(Callback):
    def __init__(self, stop_at=None, raise_at=None, spoil=False):
        self.stop_at, self.raise_at, self.spoil, self.calls = stop_at, raise_at, spoil, []

    def on_start(self, run):
        self.calls.append("start")

    def on_epoch(self, run):
        self.calls.append(run.epoch)
        self.theta = run.network.theta.copy()
        if run.epoch == self.stop_at:
            run.stop("that will do")
        if run.epoch == self.raise_at:
            if self.spoil:
                run.network.theta[:] = np.nan
            raise RuntimeError("no more")

    def on_stop(self, run):
        self.calls.append(run.status)


def test_a_callback_may_stop_the_fit():
    log = Log(stop_at=2)
    history = fit(network(), X, T, epochs=5, callbacks=[log])
    assert log.calls == ["start", 1, 2, "stopped_by_callback"]
    assert (len(history), history.status, history.message) == (2, "stopped_by_callback", "that will do")


@pytest.mark.parametrize("spoil", [False, True])
def test_a_callback_that_raises_leaves_the_weights_of_the_last_good_epoch(spoil):
    log, net = Log(raise_at=3, spoil=spoil), network()
    with pytest.raises(RuntimeError, match="no more"):
        fit(net, X, T, epochs=5, callbacks=[log])
    assert log.calls == ["start", 1, 2, 3, "failed"]
    good = network()
    fit(good, X, T, epochs=3)
    assert net.theta.tobytes() == good.theta.tobytes() == log.theta.tobytes()
    fit(net, X, T, epochs=1)


def test_a_callback_may_change_the_weights():
    class Halve(Callback):
        def on_epoch(self, run):
            run.network.theta[:] *= 0.5

    net, plain = network(), network()
    fit(net, X, T, optimizer=SGD(0.0), epochs=3, callbacks=[Halve()])
    np.testing.assert_allclose(net.theta, plain.theta / 8, rtol=1e-15)


@pytest.mark.parametrize(("best_epoch", "kept"), [("first", 2), ("last", 4)])
def test_of_equally_good_epochs_the_first_or_the_last_is_restored(best_epoch, kept):
    scores = iter([0.5, 0.9, 0.8, 0.9, 0.7])
    x, t = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    net = Network([Dense(2)], 2, "softmax_cross_entropy")
    stopping = EarlyStopping(99, "validation_score", best_epoch=best_epoch)
    history = net.fit(
        x, t, epochs=5, validation=(x, t), early_stopping=stopping, score=lambda *_: next(scores)
    )
    assert history.kept_epoch == kept


def test_the_best_epoch_is_the_first_or_the_last():
    with pytest.raises(InputError, match=r"^EarlyStopping: best_epoch is 'any', expected first or last"):
        EarlyStopping(5, best_epoch="any")
