"""Several epochs in one call of the engine end as one after the other does."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from deltaprop import BatchNorm, Dense, Dropout, MLPClassifier, Network
from deltaprop.optimizers import Adam, Momentum
from deltaprop.training import Callback, ReduceOnPlateau, fit, loop

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 3))
T = (X.sum(axis=1) > 0).astype(int)


class Watcher(Callback):
    """Sees every epoch, and so lets no two be done at one go unless it says that the history is enough."""

    def __init__(self, history_only, stop=None, fail=None, slow=None):
        self.history_only, self.stop, self.fail, self.slow = history_only, stop, fail, slow
        self.seen = []

    def on_epoch(self, run):
        self.seen.append((run.epoch, run.step, run.learning_rate, run.history.last["train_loss"]))
        if run.epoch == self.stop:
            run.stop("enough")
        if run.epoch == self.slow:
            run.rate_scale /= 2
        if run.epoch == self.fail:
            raise RuntimeError("no more")


def network(**options):
    layers = [Dense(5), BatchNorm(), "relu", Dropout(0.2), Dense(2)]
    return Network(layers, inputs=3, loss="softmax_cross_entropy", seed=1, **options)


def trained(callback, engine, epochs=20, **options):
    net = network()
    history = fit(net, X, T, epochs=epochs, batch_size=8, engine=engine, callbacks=[callback], **options)
    return net, history


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("events", [{}, {"stop": 7}, {"slow": 5}, {"slow": 3, "stop": 11}])
def test_a_block_ends_as_its_epochs_one_by_one(engine, events):
    one_by_one, at_one_go = Watcher(False, **events), Watcher(True, **events)
    rule = {"optimizer": Adam(0.01), "clip_norm": 1.0}
    expected, expected_history = trained(one_by_one, engine, **rule)
    net, history = trained(at_one_go, engine, **rule)
    assert net.theta.tobytes() == expected.theta.tobytes()
    assert net.buffers.tobytes() == expected.buffers.tobytes()
    assert at_one_go.seen == one_by_one.seen
    assert (history.status, len(history)) == (expected_history.status, len(expected_history))
    seconds = history.columns.index("seconds")
    np.testing.assert_array_equal(
        np.delete(history.table(), seconds, axis=1), np.delete(expected_history.table(), seconds, axis=1)
    )
    assert (history["seconds"] > 0).all()


def test_the_blocks_are_made(monkeypatch):
    counts = []
    block = loop.Loop._epoch_block
    monkeypatch.setattr(
        loop.Loop, "_epoch_block", lambda self, n, *a: (counts.append(n), block(self, n, *a))[1]
    )
    trained(Watcher(True), "numpy")
    assert max(counts) > 1
    counts.clear()
    trained(Watcher(False), "numpy")
    trained(ReduceOnPlateau(patience=3), "numpy", validation=0.2)
    assert not counts


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_a_callback_that_raises_leaves_the_weights_of_its_epoch(engine):
    nets = [network(), network()]
    for net, history_only in zip(nets, (False, True), strict=True):
        with pytest.raises(RuntimeError, match="no more"):
            fit(net, X, T, epochs=9, batch_size=8, engine=engine, callbacks=[Watcher(history_only, fail=4)])
    expected, ours = nets
    assert ours.theta.tobytes() == expected.theta.tobytes()


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("rate", [1e4, 1e30])
def test_divergence_in_a_block_is_told_as_it_is_elsewhere(engine, rate):
    results = []
    for history_only in (False, True):
        net = Network([Dense(5), "relu", Dense(1)], inputs=3, loss="squared_error")
        watcher = Watcher(history_only)
        history = fit(
            net, X, T, optimizer=Momentum(rate), epochs=30, batch_size=8, engine=engine, callbacks=[watcher]
        )
        results.append((history.status, history.message, len(history), net.theta.tobytes(), watcher.seen))
    assert results[0] == results[1]
    assert results[0][0] == "diverged"


def test_a_snapshot_behind_blocks_continues_as_if_nothing_had_been():
    whole, parts = network(), network()
    fit(whole, X, T, epochs=30, batch_size=8, optimizer="adam")
    history = fit(parts, X, T, epochs=13, batch_size=8, optimizer="adam", keep_state=True)
    fit(parts, X, T, epochs=30, batch_size=8, optimizer="adam", resume=history.state)
    assert parts.theta.tobytes() == whole.theta.tobytes()


class Shrink(Callback):
    """Sets the weights before the first step."""

    def on_start(self, run):
        run.network.theta *= 0.1


def test_weights_that_a_callback_sets_at_the_start_are_where_training_begins():
    nets = [network(), network()]
    for net, history_only in zip(nets, (False, True), strict=True):
        fit(net, X, T, epochs=20, batch_size=8, callbacks=[Shrink(), Watcher(history_only, stop=3)])
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()


class Norms(ReduceOnPlateau):
    """Looks at the weights, though the class it is made from does not."""

    def on_epoch(self, run):
        super().on_epoch(run)
        run.norms = [*getattr(run, "norms", []), float(np.linalg.norm(run.network.theta))]
        assert len(set(run.norms)) == len(run.norms)


def test_a_callback_that_does_not_say_otherwise_sees_the_weights_of_every_epoch():
    fit(network(), X, T, epochs=9, batch_size=8, callbacks=[Norms(monitor="train_loss")])
    plain, seen = Callback(), []
    plain.on_epoch = lambda run: seen.append(run.network.theta.copy())
    fit(network(), X, T, epochs=9, batch_size=8, callbacks=[plain])
    assert len({theta.tobytes() for theta in seen}) == 9


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_epochs_without_a_look_at_the_layers_have_their_seconds_too(engine):
    model = MLPClassifier((4,), max_iter=30, random_state=0, n_iter_no_change=99, engine=engine)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, T)
    assert (model.history_["seconds"] > 0).all()
