"""The order of samples and the split: pure functions of a seed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deltaprop.seeds import order_key
from deltaprop.training import sampling
from deltaprop.training.samplers import SAMPLERS, Pool

KEY = order_key(0)


def order_of(samples, key, epoch, sampler="shuffled"):
    return SAMPLERS[sampler].orders(Pool(samples, key, np.zeros(0)), epoch, 1)[0]


@given(n=st.integers(0, 50), epoch=st.integers(0, 2**40), seed=st.integers(0, 2**64))
def test_an_order_is_a_permutation_that_depends_on_seed_and_epoch_alone(n, epoch, seed):
    samples, key = np.arange(n) * 3, order_key(seed)
    order = order_of(samples, key, epoch)
    assert sorted(order) == samples.tolist()
    order_of(samples, key, epoch + 1)
    np.testing.assert_array_equal(order, order_of(samples, key, epoch))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = {tuple(order_of(np.arange(20), order_key(s), e)) for s in range(5) for e in range(5)}
    assert len(orders) == 25


@given(n=st.integers(0, 3000), epoch=st.integers(0, 2**40), seed=st.integers(0, 2**64))
def test_an_order_is_the_one_that_numpy_gives(n, epoch, seed):
    key = order_key(seed)
    bits = np.random.Philox(key=key, counter=(0, 0, 0, epoch))
    expected = np.random.Generator(bits).permutation(np.arange(n))
    np.testing.assert_array_equal(order_of(np.arange(n), key, epoch), expected)


def test_an_order_of_many_samples_is_the_one_that_numpy_gives():
    bits = np.random.Philox(
        key=KEY, counter=(0, 0, 0, 5)
    )  # so many that numbers are drawn again now and then
    expected = np.random.Generator(bits).permutation(np.arange(1_000_000))
    np.testing.assert_array_equal(order_of(np.arange(1_000_000), KEY, 5), expected)


def test_without_shuffling_the_order_is_the_given_one():
    samples = np.array([5, 2, 9])
    np.testing.assert_array_equal(order_of(samples, KEY, 3, "fixed"), samples)


def test_every_order_of_three_samples_is_as_likely():
    orders = [tuple(order_of(np.arange(3), KEY, e)) for e in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert abs(np.array(counts) - 1000).max() < 150  # 5 standard deviations


@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=60),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 99),
)
def test_a_split_is_stratified_within_one_sample(labels, fraction, seed):
    labels = np.array(labels)
    samples = 2 * np.arange(len(labels))
    train, held_out = sampling.split(samples, fraction, order_key(seed), labels)
    assert sorted([*train, *held_out]) == samples.tolist()
    m = round(fraction * len(labels))
    assert len(held_out) == m
    for label in range(4):
        share = m * np.mean(labels == label)
        assert abs(np.sum(labels[held_out // 2] == label) - share) < 1 + 1e-9


def test_a_split_without_labels_is_random_and_seeded():
    parts = [sampling.split(np.arange(100), 0.1, order_key(s))[1].tolist() for s in (0, 0, 1)]
    assert parts[0] == parts[1] != parts[2]
    often = np.zeros(20)
    for seed in range(2000):
        often[sampling.split(np.arange(20), 0.25, order_key(seed))[1]] += 1
    assert abs(often - 500).max() < 100


def test_the_probe_is_small_fixed_and_drawn_from_the_samples():
    samples = np.arange(1000) * 7
    probe = sampling.probe(samples, KEY)
    assert len(set(probe)) == 256
    assert set(probe) <= set(samples)
    np.testing.assert_array_equal(probe, sampling.probe(samples, KEY))
    np.testing.assert_array_equal(sampling.probe(samples[:9], KEY), samples[:9])
