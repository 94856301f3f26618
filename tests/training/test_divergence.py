"""When training goes wrong: the last good weights stay, and the message says what happened where."""

import re

import numpy as np
import pytest

from deltaprop import Dense, Network
from deltaprop.engines import NumpyEngine
from deltaprop.optimizers import SGD
from deltaprop.training import Callback, EarlyStopping, fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
T = X[:, :1] * 3


def network(seed=0, **options):
    return Network([Dense(4), "relu", Dense(1)], inputs=2, dtype="float64", seed=seed, **options)


class Keep(Callback):
    """The weights before the fit and after each epoch."""

    def on_start(self, run):
        self.thetas = [run.network.theta.copy()]

    def on_epoch(self, run):
        self.thetas.append(run.network.theta.copy())


def kept_epoch(history):
    """The epoch whose weights are kept, as the message says."""
    epoch = int(re.search(r"The weights of epoch (\d+), the last good ones, are kept\.$", history.message)[1])
    assert epoch == history.kept_epoch
    return epoch


def test_a_huge_rate_diverges_and_the_last_good_weights_are_kept():
    net, keep = network(), Keep()
    history = fit(net, X, T, optimizer=SGD(50.0), epochs=40, batch_size=8, callbacks=[keep])
    assert history.status == "diverged"
    assert net.theta.tobytes() == keep.thetas[kept_epoch(history)].tobytes()
    assert np.isfinite(net.theta).all()
    assert net.value(X, T) <= 1e4 * max(network().value(X, T), 1)
    for words in (
        "Diverged in epoch",
        "The learning rate was 50",
        "(clip_norm)",
        "the last good ones, are kept",
    ):
        assert words in history.message
    assert history.state is None


def test_growth_without_nan_is_divergence_too():
    net = Network([Dense(1)], inputs=2, dtype="float64")
    history = fit(net, X, T, optimizer=SGD(2.2), epochs=500, batch_size=None)
    losses = history["train_loss"]
    assert history.status == "diverged"
    assert np.isfinite(losses).all()
    assert losses[-1] > 1e4 * losses[0] >= losses[-2]
    assert "in the first epoch it was" in history.message


@pytest.mark.parametrize("rate", [2.2, 3.0, 30.0, 1e3, 1e12, 1e30])
@pytest.mark.parametrize("history_only", [True, False])
def test_the_weights_kept_of_a_full_batch_fit_are_measured_good(rate, history_only):
    """Each epoch's loss is taken before its only step, so that the newest weights have not been measured."""
    net = Network([Dense(1)], inputs=2, dtype="float64")
    before = net.value(X, T)
    keep = Keep()
    keep.history_only = history_only and rate == 2.2  # many epochs: in blocks, which end as one by one
    history = fit(net, X, T, optimizer=SGD(rate), epochs=500, batch_size=None, callbacks=[keep])
    assert history.status == "diverged"
    assert net.value(X, T) <= 1e4 * max(before, 1)
    epoch = kept_epoch(history)
    assert epoch <= len(history)
    if not keep.history_only:
        assert net.theta.tobytes() == keep.thetas[epoch].tobytes()


def test_blocks_of_epochs_keep_the_same_weights_of_a_diverged_full_batch_fit():
    nets, messages = [], []
    for history_only in (True, False):
        net, watching = Network([Dense(1)], inputs=2, dtype="float64"), Callback()
        watching.on_epoch = lambda run: None
        watching.history_only = history_only
        messages.append(
            fit(net, X, T, optimizer=SGD(2.2), epochs=500, batch_size=None, callbacks=[watching]).message
        )
        nets.append(net)
    assert messages[0] == messages[1]
    assert nets[0].theta.tobytes() == nets[1].theta.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loss_that_is_not_finite_before_any_step_is_not_blamed_on_the_rate(dtype):
    net = Network([Dense(4), "relu", Dense(1)], inputs=2, dtype=dtype)
    before = net.theta.copy()
    history = fit(net, X * (1e30 if dtype == "float32" else 1e200), T, epochs=3)
    assert history.status == "diverged"
    assert "scale the inputs and the targets" in history.message
    assert "rate" not in history.message
    assert history.message.endswith("The weights of epoch 0 are kept.")
    assert net.theta.tobytes() == before.tobytes()


def test_a_small_loss_that_grows_a_little_is_not_divergence():
    net = Network([Dense(1)], inputs=2, dtype="float64")
    net.layers[0].w, net.layers[0].b = [[3, 0]], [0]  # already perfect: the first loss is 0
    history = fit(net, X, T + RNG.normal(size=(40, 1)) * 1e-3, optimizer=SGD(0.5), epochs=20)
    assert history.status == "completed"


class Break(NumpyEngine):
    """After its second step, puts a NaN where the test says."""

    def run(self, order, step, rate_scale, sums):
        for done in range(-(-len(order) // self.batch_size)):
            batch = order[done * self.batch_size : (done + 1) * self.batch_size]
            super().run(batch, step + done, rate_scale, sums)
            if not np.isfinite(sums.loss):
                return done + 1
            if step + done == 1:
                self.spoil(self.network)
        return done + 1


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ("0.w", "the weights 0.w of layer 0 are not finite"),
        ("2.b", "the weights 2.b of layer 2 are not finite"),
    ],
)
def test_the_first_weight_that_is_not_finite_is_named(weight, words):
    class Spoil(Break):
        def spoil(self, network):
            block = next(b for b in network.layout if b.name == weight)
            block.of(network.theta)[..., -1] = np.inf

    net = network()
    before = net.theta.copy()
    history = fit(net, X, T, batch_size=8, epochs=3, engine=Spoil)
    assert history.message.startswith(f"Diverged in epoch 1 at step 2 of the fit: {words}.")
    assert len(history) == 0
    assert net.theta.tobytes() == before.tobytes()


def test_weights_broken_by_the_very_last_step_are_noticed():
    class Spoil(Break):
        def spoil(self, network):
            network.theta[0] = np.nan

    history = fit(network(), X, T, batch_size=20, epochs=1, engine=Spoil)
    assert history.message.startswith("Diverged in epoch 1 at step 1 of the fit: the weights 0.w")


def test_values_that_overflow_are_traced_to_their_layer():
    net = Network([Dense(2), Dense(1)], inputs=2, dtype="float32")
    net.layers[0].w, net.layers[1].w = np.full((2, 2), 1e30), np.full((1, 2), 1e30)
    history = fit(net, np.ones((4, 2)), np.ones(4), epochs=1)
    assert "the outputs of layer 1, Dense(units=1), are not finite" in history.message.replace(
        ", init=None, bias=True", ""
    )
    history = fit(network(), X, T * 1e200, epochs=1)
    assert "the loss is not finite" in history.message


def test_the_best_weights_come_back_where_they_were_asked_for():
    net, keep = network(), Keep()
    rates = SGD(0.01)

    class Jump(Callback):
        def on_epoch(self, run):
            if run.epoch == 3:
                keep.theta = run.network.theta.copy()
                run.rate_scale = 1e9

    history = fit(
        net,
        X,
        T,
        optimizer=rates,
        epochs=9,
        validation=0.25,
        early_stopping=EarlyStopping(5),
        callbacks=[Jump()],
        seed=1,
    )
    assert history.status == "diverged"
    assert history.best_epoch == 3
    assert net.theta.tobytes() == keep.theta.tobytes()
