"""Samplers: what an epoch shows, and a fit with each of them."""

from collections import Counter
from itertools import groupby

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import BatchNorm, Dense, InputError, MLPClassifier, MLPRegressor, Network
from deltaprop.functions import MemberLoss
from deltaprop.optimizers import Momentum
from deltaprop.seeds import order_key
from deltaprop.training import Curriculum, Emphasizing, Stratified, checkpoint, fit, loop
from deltaprop.training.samplers import SAMPLERS, Pool

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
T = np.repeat([0, 1, 2], [30, 20, 10])
DIFFICULTY = RNG.random(60)
LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=80).map(np.array)


def order_of(sampler, t, seed=0, epoch=0, losses=None):
    t = np.asarray(t)
    pool = Pool(np.arange(len(t)), order_key(seed), t, losses)
    return sampler.orders(pool, epoch, 1)[0]


def sampler_named(name):
    return Curriculum(DIFFICULTY, 0.5, 3) if name == "curriculum" else SAMPLERS[name]


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_order_depends_on_seed_and_epoch_alone(name):
    sampler, rows = sampler_named(name), np.flatnonzero(T < 2)
    pool = Pool(rows, order_key(1), T, RNG.random(len(rows)))
    together = sampler.orders(pool, 3, 4)
    assert together.shape == (4, len(rows))
    assert together.dtype == np.int64
    assert set(together.ravel()) <= set(rows)
    for epoch in (5, 3, 6, 4):
        np.testing.assert_array_equal(sampler.orders(pool, epoch, 1)[0], together[epoch - 3])
    if name != "fixed":
        assert len({tuple(order) for order in together}) == 4
        other = sampler.orders(Pool(rows, order_key(2), T, pool.losses), 3, 1)[0]
        assert other.tolist() != together[0].tolist()


@settings(max_examples=30)
@given(labels=LABELS, seed=st.integers(0, 99), name=st.sampled_from(["stratified", "alternating"]))
def test_orders_by_class_are_permutations(labels, seed, name):
    order = order_of(SAMPLERS[name], labels, seed)
    assert sorted(order) == list(range(len(labels)))


@settings(max_examples=30)
@given(labels=LABELS, seed=st.integers(0, 99))
def test_alternating_repeats_a_class_as_rarely_as_possible(labels, seed):
    shown = labels[order_of(SAMPLERS["alternating"], labels, seed)]
    largest = max(Counter(labels.tolist()).values())
    others = len(labels) - largest
    pairs = int((shown[1:] == shown[:-1]).sum())
    assert pairs == max(0, largest - others - 1)
    if largest > others:  # the repeats are spread evenly
        runs = [len(list(run)) for label, run in groupby(shown) if list(labels).count(label) == largest]
        assert max(runs) - min(runs) <= 1


def test_alternating_mixes_classes_and_samples():
    t = np.arange(300) % 3
    orders = [order_of(SAMPLERS["alternating"], t, epoch=e) for e in range(40)]
    places = np.argsort(orders, axis=1)
    assert abs(places.mean(axis=0) - 149.5).max() < 5 * 87 / 40**0.5  # of a uniform place, 5 standard errors
    assert len({tuple(t[order]) for order in orders}) == 40


@settings(max_examples=30)
@given(sizes=st.lists(st.integers(1, 200), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_stratified_spreads_each_class_over_the_epoch(sizes, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shown = labels[order_of(Stratified(), labels, seed)]
    n, k = len(labels), len(sizes)
    for label, size in enumerate(sizes):
        seen = np.cumsum(shown == label)
        assert abs(seen - np.arange(1, n + 1) * size / n).max() <= 1 + k * size / n


def test_emphasizing_shows_each_sample_as_often_as_its_loss_asks_for():
    losses = RNG.exponential(size=50)
    sampler = Emphasizing(share=0.7, guard=None)
    expected = 0.3 + 0.7 * 50 * losses / losses.sum()
    pool = Pool(np.arange(50), order_key(0), np.zeros(50), losses)
    counts = [np.bincount(order, minlength=50) for order in sampler.orders(pool, 1, 400)]
    assert np.all(np.abs(np.array(counts) - expected) < 1)  # rounded up or down
    np.testing.assert_allclose(np.mean(counts, axis=0), expected, atol=5 * 0.5 / 400**0.5)


def test_emphasizing_begins_with_every_sample_once_and_survives_any_loss():
    for losses in (np.ones(997), np.zeros(997)):
        assert sorted(order_of(Emphasizing(), np.zeros(997), losses=losses)) == list(range(997))
    odd = np.array([1.0, np.inf, np.nan, -3.0, 2.0])
    order = order_of(Emphasizing(guard=None), np.zeros(5), losses=odd)
    assert len(order) == 5
    assert set(order) <= set(range(5))


def test_the_guard_leaves_out_outliers_only():
    losses = np.append(RNG.exponential(size=200), [60.0, 80.0])
    pools = [Pool(np.arange(202), order_key(0), np.zeros(202), losses) for _ in range(2)]
    guarded, free = (
        np.bincount(Emphasizing(guard=guard).orders(pool, 1, 50).ravel(), minlength=202) / 50
        for pool, guard in zip(pools, (3.0, None), strict=True)
    )
    assert guarded[200:].max() < 0.8  # only in the part that is chosen without regard to the loss
    assert free[200:].min() > 5
    q1, q3 = np.percentile(losses, [25, 75])
    kept = losses <= q3 + 3 * (q3 - q1)
    assert np.corrcoef(guarded[kept], losses[kept])[0, 1] > 0.95


def test_a_curriculum_widens_from_the_easiest_samples():
    sampler = Curriculum(DIFFICULTY, start=0.25, epochs=3)
    hardest = np.argsort(DIFFICULTY)
    for epoch, shown in enumerate([15, 30, 45, 60, 60]):
        order = order_of(sampler, T, epoch=epoch)
        counts = np.bincount(order, minlength=60)
        assert set(order) == set(hardest[:shown])
        assert np.ptp(counts[hardest[:shown]]) <= 1


# -- in a fit ----


def network(loss="softmax_cross_entropy", outputs=3, dtype="float64"):
    return Network([Dense(6), BatchNorm(), "tanh", Dense(outputs)], 3, loss, seed=1, dtype=dtype)


def trained(x=X, t=T, net=None, **options):
    net = net or network()
    options = {"epochs": 5, "batch_size": 8, "optimizer": Momentum(0.05)} | options
    history = fit(net, x, t, **options)
    return net, history


def test_the_default_is_shuffled_and_shuffle_false_is_fixed():
    for switch, name in ((True, "shuffled"), (False, "fixed")):
        a, b = trained(shuffle=switch)[0], trained(sampler=name)[0]
        np.testing.assert_array_equal(a.theta, b.theta)


@pytest.mark.parametrize("name", SAMPLERS)
def test_engines_agree_and_samples_of_weight_0_take_no_part(name):
    weight = RNG.integers(0, 3, 60)
    options = {"sampler": sampler_named(name), "sample_weight": weight, "validation": 0.2}
    a, b = (trained(engine=engine, **options)[0] for engine in ("native", "numpy"))
    np.testing.assert_allclose(a.theta, b.theta, atol=1e-11)
    other = X.copy()
    other[weight == 0] = 1e6
    np.testing.assert_array_equal(trained(x=other, engine="native", **options)[0].theta, a.theta)
    sparse = trained(x=scipy.sparse.csr_matrix(X), engine="native", **options)[0]
    np.testing.assert_allclose(sparse.theta, a.theta, atol=1e-11)


def test_emphasizing_uses_the_losses_after_each_epoch():
    """Against a loop of single epochs, each with an order made here from the losses of the network as it stands."""
    net, _ = trained(sampler="emphasizing", epochs=3)
    other = network()
    losses, state = np.ones(60), False
    for epoch in range(3):
        order = order_of(Emphasizing(), T, seed=1, epoch=epoch, losses=losses)
        options = {"epochs": epoch + 1, "sampler": "fixed", "resume": state, "keep_state": True}
        state = trained(X[order], T[order], net=other, **options)[1].state
        losses = other.loss.value(other.forward(X), np.eye(3)[T])
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-9)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("moment", [3, 20])
def test_a_fit_killed_in_the_middle_of_an_epoch_ends_as_the_whole_one(tmp_path, monkeypatch, name, moment):
    options = {"sampler": sampler_named(name), "batch_size": 7}
    whole = trained(**options)[0]
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
            trained(**options, checkpoint=every)
    assert written[-1].facts["position"] > 0
    again = trained(**options, checkpoint=every, resume=True)[0]
    np.testing.assert_array_equal(again.theta, whole.theta)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sampler": "random"}, "fit: sampler is 'random', expected one of fixed, shuffled"),
        ({"sampler": 3}, "fit: sampler is 3"),
        ({"sampler": "stratified", "shuffle": False}, "fit: shuffle is False with a sampler"),
        ({"sampler": "curriculum"}, "Curriculum with no difficulty, expected \\(60,\\)"),
        ({"sampler": Curriculum(np.ones(59))}, "a difficulty of shape \\(59,\\), expected \\(60,\\)"),
        ({"sampler": "alternating", "optimizer": "lm"}, "fit: sampler is given with LevenbergMarquardt"),
    ],
)
def test_refusals(options, words):
    net = network()
    with pytest.raises(InputError, match=words):
        trained(net=net, **options)
    np.testing.assert_array_equal(net.theta, network().theta)


@pytest.mark.parametrize("name", ["stratified", "alternating"])
def test_classes_may_be_rows_of_two_values_but_not_quantities(name):
    rows = 2 * np.eye(3)[T] - 1
    np.testing.assert_array_equal(Pool(np.arange(60), order_key(0), rows).classes, 2 - T)
    assert len(trained(t=rows, net=network("squared_error"), sampler=name)[1]) == 5
    with pytest.raises(InputError, match="with targets that are not classes"):
        trained(t=X, net=network("squared_error"), sampler=name)


def test_members_share_an_order_but_not_one_that_depends_on_the_loss():
    net = Network([Dense(6)], 3, MemberLoss("softmax_cross_entropy", 2), dtype="float64")
    trained(net=net, sampler="stratified")
    with pytest.raises(InputError, match="Emphasizing with 2 members"):
        trained(net=net, sampler="emphasizing")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Emphasizing(share=1.1),
        lambda: Emphasizing(share=-0.1, guard=None),
        lambda: Emphasizing(guard=-1),
        lambda: Curriculum(DIFFICULTY, start=0),
        lambda: Curriculum(DIFFICULTY, start=1.5),
        lambda: Curriculum(DIFFICULTY, epochs=0),
        lambda: Curriculum(["a", "b"]),
        lambda: Curriculum([1.0, np.nan]),
    ],
)
def test_numbers_out_of_range(make):
    with pytest.raises(InputError):
        make()


# -- of the estimators ----


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_estimator_goes_on_where_it_ended(name):
    sampler = sampler_named(name)
    options = {"hidden_layer_sizes": 4, "batch_size": 8, "random_state": 0, "tol": 0, "n_iter_no_change": 99}
    model = MLPClassifier(**options, sampler=sampler, max_iter=4, alpha=0)
    with pytest.warns(Warning, match="hasn't converged"):
        model.fit(X, T)
    parts = MLPClassifier(**options, sampler=sampler, max_iter=2, alpha=0, warm_start=True)
    for _ in range(2):
        with pytest.warns(Warning, match="hasn't converged"):
            parts.fit(X, T)
    np.testing.assert_array_equal(parts.network_.theta, model.network_.theta)


def test_an_ensemble_samples_as_its_members_would():
    options = {
        "hidden_layer_sizes": 4,
        "batch_size": 8,
        "random_state": 0,
        "max_iter": 2,
        "sampler": "alternating",
    }
    with pytest.warns(Warning, match="hasn't converged"):
        assert MLPClassifier(**options, n_ensemble=2).fit(X, T).score(X, T) >= 0
    with pytest.raises(ValueError, match="Emphasizing with 2 members"):
        MLPClassifier(**options | {"sampler": "emphasizing"}, n_ensemble=2).fit(X, T)
    with pytest.raises(ValueError, match="not classes"):
        MLPRegressor(**options).fit(X, X[:, 0])
