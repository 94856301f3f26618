"""Batches that grow: the sizes, and fits with them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import BatchNorm, Dense, Dropout, InputError, MLPClassifier, Network
from deltaprop.functions import Cosine
from deltaprop.optimizers import Momentum
from deltaprop.training import GrowingBatchSize, checkpoint, fit, loop

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3))
T = (X[:, 0] + 0.5 * RNG.normal(size=50) > 0).astype(int)
SIZES = GrowingBatchSize(4, factor=1.7, every=2, largest=30)
GROWN = [4, 4, 7, 7, 12, 12, 20, 20, 30, 30]  # 4 · 1.7^k: 4, 6.8, 11.56, 19.65, 33.4


@settings(max_examples=50)
@given(
    first=st.integers(1, 50),
    factor=st.integers(1, 4),
    every=st.integers(1, 5),
    largest=st.none() | st.integers(50, 300),
    samples=st.integers(1, 200),
    epochs=st.integers(0, 30),
)
def test_sizes_and_steps_are_those_of_exact_arithmetic(first, factor, every, largest, samples, epochs):
    sizes = GrowingBatchSize(first, factor / 2 + 0.5, every, largest)
    limit = min(samples, largest or samples)
    exact = [min(limit, round(first * Fraction(factor + 1, 2) ** (k // every))) for k in range(epochs + 1)]
    assert [sizes.size(k, samples) for k in range(epochs + 1)] == exact
    assert sizes.steps(samples, epochs) == sum(-(-samples // size) for size in exact[:epochs])
    for k in range(epochs):
        alike = min(sizes.unchanged(k, samples), epochs - k)
        assert alike >= 1
        assert set(exact[k : k + alike]) == {exact[k]}


def test_the_largest_size_is_kept_for_ever():
    sizes = GrowingBatchSize(8, factor=10.0)
    assert sizes.size(10**9, 1000) == 1000
    assert sizes.steps(1000, 10**9) == 125 + 13 + 2 + 10**9 - 3


def network():
    return Network(
        [Dense(6), BatchNorm(), "relu", Dropout(0.2), Dense(2)],
        3,
        "softmax_cross_entropy",
        seed=1,
        dtype="float64",
    )


def trained(batch_size, net=None, **options):
    net = net or network()
    optimizer = Momentum(Cosine(0.05, SIZES.steps(50, 10)))
    return net, fit(net, X, T, **{"batch_size": batch_size, "epochs": 10, "optimizer": optimizer} | options)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_each_epoch_is_one_with_its_own_batch_size(engine):
    net, history = trained(SIZES, engine=engine)
    other, state = network(), False
    for epoch, size in enumerate(GROWN):
        last = trained(size, other, engine=engine, epochs=epoch + 1, resume=state, keep_state=True)[1]
        state = last.state
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history["train_loss"], last["train_loss"], rtol=1e-9)
    assert last.last["learning_rate"] < 1e-3 * 0.05  # the schedule ended with the last step


def test_engines_agree():
    a, b = (trained(SIZES, engine=engine, validation=0.2)[0] for engine in ("native", "numpy"))
    np.testing.assert_allclose(a.theta, b.theta, atol=1e-11)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", [3, 40, 51])
def test_a_fit_killed_in_the_middle_of_an_epoch_ends_as_the_whole_one(tmp_path, monkeypatch, moment):
    whole = trained(SIZES)[0]
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
            trained(SIZES, checkpoint=every)
    assert written[-1].facts["position"] > 0
    np.testing.assert_array_equal(trained(SIZES, checkpoint=every, resume=True)[0].theta, whole.theta)
    with pytest.raises(InputError, match="batch_size = GrowingBatchSize"):
        trained(4, checkpoint=every, resume=True)


@pytest.mark.parametrize(
    "options",
    [
        {"first": 0},
        {"first": 2.5},
        {"first": 4, "factor": 0.9},
        {"first": 4, "factor": np.inf},
        {"first": 4, "every": 0},
        {"first": 4, "largest": 3},
    ],
    ids=str,
)
def test_numbers_out_of_range(options):
    with pytest.raises(InputError, match=r"^GrowingBatchSize: "):
        GrowingBatchSize(**options)


@pytest.mark.parametrize("optimizer", ["gradient_descent", "lm"])
def test_rules_that_take_all_samples_refuse_it(optimizer):
    with pytest.raises(InputError, match=r"batch_size is GrowingBatchSize.* which takes all samples"):
        trained(SIZES, optimizer=optimizer)


# -- of the estimators ----


def test_schedules_of_an_estimator_span_all_steps():
    options = {"hidden_layer_sizes": 4, "batch_size": SIZES, "random_state": 0, "max_iter": 10, "alpha": 0}
    model = MLPClassifier(**options, learning_rate="linear", tol=0, n_iter_no_change=20).fit(X, T)
    before_last = 1 - np.cumsum([-(-50 // size) for size in GROWN]) / SIZES.steps(50, 10)
    np.testing.assert_allclose(
        model.history_["learning_rate"], 0.001 * (before_last + 1 / SIZES.steps(50, 10)), rtol=1e-6
    )
    assert model.lr_find(X, T).rate > 0


def test_the_penalty_of_an_estimator_is_that_of_the_mean_epoch():
    options = {
        "hidden_layer_sizes": 4,
        "random_state": 0,
        "max_iter": 4,
        "n_iter_no_change": 20,
        "alpha": 0.1,
    }
    penalties = []
    for size in (GrowingBatchSize(5, factor=2, every=2), 5, 10):
        with pytest.warns(Warning, match="hasn't converged"):
            penalties.append(MLPClassifier(**options, batch_size=size).fit(X, T).network_.penalty.l2)
    assert penalties[0] == pytest.approx((penalties[1] + penalties[2]) / 2)


def test_what_an_estimator_refuses():
    with pytest.raises(ValueError, match="learning_rate='invscaling' with GrowingBatchSize"):
        MLPClassifier(solver="sgd", learning_rate="invscaling", batch_size=SIZES).fit(X, T)


def test_members_take_the_batches_of_one_network():
    options = {"hidden_layer_sizes": 4, "batch_size": SIZES, "random_state": 0, "max_iter": 4}
    with pytest.warns(Warning, match="hasn't converged"):
        model = MLPClassifier(**options, n_ensemble=2).fit(X, T)
    assert model._earlier.facts["step"] == SIZES.steps(50, 4)
