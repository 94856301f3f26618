"""`Stepwise` is `fit`, however its steps are split into calls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deltaprop import Dense, Network, optimizers
from deltaprop.engines import select
from deltaprop.layers import Dropout
from deltaprop.seeds import order_key
from deltaprop.training import data
from deltaprop.training.samplers import SAMPLERS
from deltaprop.training.stepwise import Stepwise
from deltaprop.training.trainer import Trainer

RNG = np.random.default_rng(0)
X = RNG.standard_normal((23, 3)).astype(np.float32)
T = (X[:, 0] > 0).astype(int)
RULE = optimizers.Adam(0.01)


def network() -> Network:
    return Network([Dense(5), "tanh", Dropout(0.2), Dense(1)], inputs=3, loss="sigmoid_cross_entropy", seed=3)


def stepwise(net: Network, engine: str = "auto", sampler: str = "shuffled", rule=RULE) -> Stepwise:
    samples = data.check("fit", net, X, T)
    chosen = select(engine, net, rule)
    return Stepwise(
        Trainer(
            *(net, samples, None, rule, chosen),
            epochs=1,
            batch_size=4,
            key=order_key(net.seed),
            sampler=SAMPLERS[sampler],
        )
    )


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("sampler", ["fixed", "shuffled", "stratified", "alternating"])
@settings(max_examples=10, deadline=None)
@given(parts=st.lists(st.integers(0, 20), max_size=6))
def test_equals_fit_however_it_is_split(engine, sampler, parts):
    mine, theirs = network(), network()
    steps = stepwise(mine, engine, sampler)
    for part in parts:
        assert steps.advance(part) == part
    steps.advance(-steps.step % 6)  # to the end of the epoch
    assert (steps.steps_per_epoch, steps.position, steps.step) == (6, 0, 6 * steps.epoch)
    theirs.fit(X, T, optimizer=RULE, epochs=steps.epoch, batch_size=4, sampler=sampler, engine=engine)
    np.testing.assert_array_equal(mine.theta, theirs.theta)


def test_sums_are_those_of_the_history_and_do_not_depend_on_the_split():
    whole, parts, theirs = network(), network(), network()
    one, many = stepwise(whole), stepwise(parts)
    one.advance(12)
    for _ in range(12):
        many.advance(1)
    np.testing.assert_array_equal(one.total.vector, many.total.vector)
    assert not many.sums.vector.any()
    history = theirs.fit(X, T, optimizer=RULE, epochs=2, batch_size=4)
    assert one.total.loss / one.total.weight == pytest.approx(history["train_loss"].mean(), rel=1e-6)
    one.reset_total()
    assert not one.total.vector.any()


def test_the_next_batch_is_what_the_step_uses():
    net = network()
    steps = stepwise(net)
    shown = []
    for _ in range(6):
        assert steps.to_epoch_end() == 6 - len(shown)
        shown.append(steps.batch())
        steps.advance(1)
    assert [len(batch) for batch in shown] == [4, 4, 4, 4, 4, 3]
    assert sorted(np.concatenate(shown)) == list(range(23))


def test_begins_where_an_earlier_one_stopped():
    straight, first = network(), network()
    stepwise(straight).advance(20)
    before = stepwise(first)
    before.advance(9)
    after = Stepwise(before.trainer, before.step, before.epoch, before.position)
    for name, value in after.engine.state.items():
        value[...] = before.engine.state[name]
    after.engine.restored()
    after.advance(11)
    np.testing.assert_array_equal(straight.theta, first.theta)


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_stops_at_the_batch_whose_loss_is_not_finite(engine):
    net = Network([Dense(5), "relu", Dense(5), "relu", Dense(1)], inputs=3)
    steps = stepwise(net, engine, rule=optimizers.SGD(1e6))
    taken = steps.advance(1000)
    assert taken == steps.step < 1000
    assert not steps.finite
