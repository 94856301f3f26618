import numpy as np
import oracle
import pytest

from deltaprop import Dropout, Network
from deltaprop.errors import InputError
from deltaprop.functions import FlatCosine, Linear

ONES = np.ones((500, 40))


def mask(rate=0.3, seed=0, step=0, before=0, shape=ONES.shape):
    """What dropout makes of ones, as layer number `before`."""
    net = Network(["identity"] * before + [Dropout(rate)], inputs=shape[1], seed=seed, dtype="float64")
    return net.forward(np.ones(shape), training=True, step=step)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_the_rate_is_kept_and_the_mean_preserved(rate):
    m = mask(rate)
    np.testing.assert_allclose(np.unique(m), [0, 1 / (1 - rate)])
    spread = np.sqrt(rate * (1 - rate) / m.size)
    assert np.mean(m == 0) == pytest.approx(rate, abs=4 * spread)
    assert m.mean() == pytest.approx(1, abs=4 * spread / (1 - rate))
    assert np.abs(np.mean(m == 0, axis=0) - rate).max() < 5 * spread * np.sqrt(
        m.shape[1]
    )  # no unit is preferred


def test_equal_for_equal_seed_step_and_layer():
    np.testing.assert_array_equal(mask(seed=5, step=7, before=2), mask(seed=5, step=7, before=2))


@pytest.mark.parametrize("other", [{"seed": 1}, {"step": 1}, {"step": 2**32}, {"before": 1}])
def test_different_otherwise_and_independent(other):
    dropped, again = mask(0.5) == 0, mask(0.5, **other) == 0
    assert np.mean(dropped == again) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(dropped.size))


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (33, 7)])
@pytest.mark.parametrize(("seed", "step", "before"), [(0, 0, 0), (3, 1, 2), (2**70, 2**40, 1)])
def test_the_documented_lanes_of_philox(shape, seed, step, before):
    wanted = oracle.dropout_mask(*shape, 0.3, oracle.dropout_seed(seed), step, before)
    np.testing.assert_allclose(mask(0.3, seed, step, before, shape), wanted, rtol=1e-15)


def test_the_first_rows_of_a_mask_do_not_depend_on_the_batch():
    np.testing.assert_array_equal(mask(shape=(500, 40))[:33], mask(shape=(33, 40)))


def test_nothing_is_dropped_in_inference_or_at_rate_0():
    net = Network([Dropout(0.9)], inputs=40)
    np.testing.assert_array_equal(net.forward(ONES), ONES)
    np.testing.assert_array_equal(mask(0.0), ONES)


def test_a_schedule_gives_the_rate_of_each_step():
    schedule = FlatCosine(0.4, steps=100)
    for step in (0, 49, 75, 200):
        np.testing.assert_array_equal(mask(schedule, step=step), mask(schedule.rate(step), step=step))
    np.testing.assert_array_equal(mask(schedule, step=100), ONES)


def test_a_schedule_that_leaves_the_range_is_refused_in_that_step():
    rising = Linear(0.5, 1.0, steps=4)
    assert mask(rising, step=3).any()
    with pytest.raises(
        InputError, match=r"^Dropout: rate is 1 in step 4, expected a number in \[0, 1\); change"
    ):
        mask(rising, step=4)


def test_float32_stays_float32():
    net = Network([Dropout(np.float64(0.5))], inputs=40)
    assert net.forward(ONES, training=True).dtype == np.float32


@pytest.mark.parametrize("rate", [-0.1, 1, 1.0, 2, np.nan, "half", None, Linear(1.5, 0, 9)])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(
        InputError, match=r"^Dropout: rate is .*, expected a number in \[0, 1\); change rate\.$"
    ):
        Dropout(rate)
