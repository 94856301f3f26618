"""The masks of dropout: NumPy's own random bits, whatever the seed, the layer, the step and the size."""

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deltaprop import Dense, Dropout, Network
from deltaprop.engines.jax import philox
from deltaprop.engines.jax.program import Program, Step
from deltaprop.functions import Linear
from deltaprop.layers.base import Cache, View
from deltaprop.layers.dropout import lanes
from deltaprop.optimizers import SGD

WORDS = st.integers(0, 2**64 - 1)


@settings(max_examples=60)
@given(WORDS, st.integers(0, 2**31), st.integers(0, 2**53), st.sampled_from([0, 1, 7, 8, 9, 250]))
@example(2**64 - 1, 0, 2**53, 9)
@example(0, 0, 0, 8)
def test_the_bits_are_numpys(seed, index, step, count):
    with jax.enable_x64(True):
        ours = np.asarray(philox.lanes(seed, index, jnp.int64(step), count))
    expected = lanes(step, seed, index, count)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)


def test_masks_along_a_schedule_are_numpys_to_the_last_bit():
    layer, step = Dropout(Linear(0.1, 0.9, 9)), 5
    net = Network([Dense(3), layer, Dense(1)], 3, seed=7, dtype="float32")
    view, x = View(layer, 1, {}), np.ones((64, 33), np.float32)
    program = Program(net, SGD(0.1))
    table = program.rates(SGD(0.1), step, 1, 1.0)[0]

    def masked(k, row):
        now = Step(k, dict(zip(program.columns, row, strict=True)))
        cache = Cache(True, net.dropout_seed, now)  # type: ignore[arg-type]
        return layer.forward(view, x, cache).value

    with jax.enable_x64(True):
        ours = np.asarray(jax.jit(masked)(jnp.int64(step), jnp.asarray(table)))
    expected = layer.forward(view, x, Cache(True, net.dropout_seed, step))
    assert 0.3 < (expected == 0).mean() < 0.7
    np.testing.assert_array_equal(ours, expected)
