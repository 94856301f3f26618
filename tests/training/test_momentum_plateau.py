"""The momentum that rises once the loss has settled."""

import numpy as np
import pytest

from deltaprop import BatchNorm, Dense, InputError, MLPClassifier, Network
from deltaprop.engines import Engine
from deltaprop.optimizers import SGD, Momentum, Nesterov
from deltaprop.training import Callback, MomentumOnPlateau, checkpoint, fit, loop

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3))
T = (X[:, 0] + 0.5 * RNG.normal(size=50) > 0).astype(int)
SOON = MomentumOnPlateau(0.95, 0.3, patience=2, min_improvement=0.03)


def network():
    return Network(
        [Dense(6), BatchNorm(), "tanh", Dense(2)], 3, "softmax_cross_entropy", seed=1, dtype="float64"
    )


def trained(rule=SOON, net=None, **options):
    net = net or network()
    options = {"batch_size": 8, "epochs": 20, "optimizer": Momentum(0.02)} | options
    return net, fit(net, X, T, momentum_plateau=rule, **options)


def settled(losses, rule):
    """The number of epochs after which the loss has settled."""
    waited = 0
    for epoch in range(1, len(losses)):
        best = min(losses[:epoch])
        waited = 0 if losses[epoch] < best - rule.min_improvement * best else waited + 1
        if waited >= rule.patience:
            return epoch + 1
    return None


@pytest.mark.parametrize("kind", [Momentum, Nesterov])
@pytest.mark.parametrize("engine", ["native", "numpy"])
@pytest.mark.parametrize("blocks", [True, False])
def test_each_part_is_a_fit_with_its_own_momentum(monkeypatch, kind, engine, blocks):
    if not blocks:
        monkeypatch.setattr(Engine, "block_samples", 1)
    net, history = trained(engine=engine, optimizer=kind(0.02))
    rises = settled(history["train_loss"], SOON)
    assert 3 <= rises <= 17
    other = network()
    options = {"engine": engine, "keep_state": True}
    first = trained(None, other, optimizer=kind(0.02, momentum=0.3), epochs=rises, **options)[1]
    last = trained(None, other, optimizer=kind(0.02, momentum=0.95), resume=first.state, **options)[1]
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history["train_loss"], last["train_loss"], rtol=1e-9)


def test_engines_agree():
    a, b = (trained(engine=engine, validation=0.2)[0] for engine in ("native", "numpy"))
    np.testing.assert_allclose(a.theta, b.theta, atol=1e-10)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", [10, 60, 121])
def test_a_fit_killed_in_the_middle_of_an_epoch_ends_as_the_whole_one(tmp_path, monkeypatch, moment):
    whole, history = trained()
    every = checkpoint.Checkpoint(tmp_path / "a.ckpt", every_seconds=0)
    written, write = [], checkpoint.write

    def last(path, snapshot):
        write(path, snapshot)
        written.append(snapshot)
        if len(written) == moment:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(loop, "POLL_INTERVAL", 0.0)
        patched.setattr(checkpoint, "write", last)
        with pytest.raises(Killed):
            trained(checkpoint=every)
    facts = written[-1].facts
    assert facts["position"] > 0
    assert facts["momentum"] == (0.3 if facts["epoch"] < settled(history["train_loss"], SOON) else 0.95)
    np.testing.assert_array_equal(trained(checkpoint=every, resume=True)[0].theta, whole.theta)


@pytest.mark.parametrize("momentum", [1.0, -0.1, float("nan"), "0.9"])
def test_a_momentum_that_no_fit_has_is_refused(momentum):
    state = trained(epochs=2, keep_state=True)[1].state
    state.facts["momentum"] = momentum
    with pytest.raises(InputError, match="fit: resume has momentum = "):
        trained(resume=state)


class Watch(Callback):
    def on_epoch(self, run):
        self.seen.append((run.momentum, run.engine.optimizer.momentum))


def test_a_callback_sees_the_momentum_and_the_objects_stay_as_they_were():
    watch, rule = Watch(), Momentum(0.02)
    watch.seen = []
    trained(MomentumOnPlateau(patience=1, min_improvement=0.99), optimizer=rule, epochs=4, callbacks=[watch])
    assert watch.seen == [(0.5, 0.5), (0.9, 0.5), (0.9, 0.9), (0.9, 0.9)]
    assert rule == Momentum(0.02)


def test_a_number_is_the_patience():
    np.testing.assert_array_equal(trained(3)[0].theta, trained(MomentumOnPlateau())[0].theta)
    with pytest.raises(InputError, match="fit: momentum_plateau is 0"):
        trained(0)


@pytest.mark.parametrize("optimizer", [SGD(0.1), "adam", "lm"])
def test_an_optimizer_without_momentum_is_refused(optimizer):
    net = network()
    with pytest.raises(
        InputError, match=r"expected one with a momentum; use momentum or nesterov|is given with"
    ):
        trained(net=net, optimizer=optimizer)
    np.testing.assert_array_equal(net.theta, network().theta)


@pytest.mark.parametrize(
    "options", [{"momentum": 1}, {"initial": -0.1}, {"patience": 0}, {"min_improvement": -1}], ids=str
)
def test_numbers_out_of_range(options):
    with pytest.raises(InputError, match=r"^MomentumOnPlateau: "):
        MomentumOnPlateau(**options)


# -- of the estimators ----


def test_an_estimator_keeps_the_momentum_across_calls():
    options = {
        "hidden_layer_sizes": 4,
        "solver": "sgd",
        "learning_rate_init": 0.05,
        "random_state": 0,
        "alpha": 0,
    }
    options |= {
        "momentum_plateau": MomentumOnPlateau(patience=1, min_improvement=0.9),
        "n_iter_no_change": 99,
    }
    whole = MLPClassifier(**options, max_iter=6)
    parts = MLPClassifier(**options, max_iter=3, warm_start=True)
    for model in (whole, parts, parts):
        with pytest.warns(Warning, match="hasn't converged"):
            model.fit(X, T)
    np.testing.assert_array_equal(parts.network_.theta, whole.network_.theta)
    parts.set_params(momentum_plateau=None)
    with pytest.warns(Warning, match="hasn't converged"):
        parts.fit(X, T)
    assert parts._earlier.facts["momentum"] is None
    with pytest.raises(ValueError, match="partial_fit does not support momentum_plateau"):
        MLPClassifier(**options).partial_fit(X, T, classes=[0, 1])
    with pytest.raises(ValueError, match="the optimizer is Adam, expected one with a momentum"):
        MLPClassifier(momentum_plateau=2).fit(X, T)


def test_members_share_the_momentum():
    options = {"hidden_layer_sizes": 4, "solver": "sgd", "random_state": 0, "max_iter": 5}
    with pytest.warns(Warning, match="hasn't converged"):
        model = MLPClassifier(**options, n_ensemble=2, momentum_plateau=SOON).fit(X, T)
    assert model._earlier.facts["momentum"] in (0.3, 0.95)
