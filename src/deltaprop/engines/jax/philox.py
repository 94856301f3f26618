"""NumPy's Philox generator in JAX: the same random bits for the same key and counter."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

#: The multipliers of a round and what is added to the key after it.
MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
INCREMENTS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
ROUNDS = 10


def lanes(seed: int, index: int, step: jax.Array, count: int) -> jax.Array:
    """The first `count` 32-bit lanes of ``Philox(key=(seed, index), counter=(0, step, 0, 0))``; uint32, (count,).

    Needs 64-bit types, see ``jax.enable_x64``.

    Source: Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3* (2011), §4.3.
    """
    block = jnp.arange(-(-count // 8), dtype=jnp.uint64) + _word(1)  # NumPy counts up before it draws
    zero = jnp.zeros_like(block)
    keys = [
        [(k + i * w) % 2**64 for k, w in zip((seed, index), INCREMENTS, strict=True)] for i in range(ROUNDS)
    ]
    key = jnp.asarray(np.array(keys, np.uint64))

    def one_round(i: jax.Array, words: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        high0, low0 = _multiply(MULTIPLIERS[0], words[0])
        high1, low1 = _multiply(MULTIPLIERS[1], words[2])
        return high1 ^ words[1] ^ key[i, 0], low1, high0 ^ words[3] ^ key[i, 1], low0

    # On CPUs XLA would compute all rounds anew for every word; on GPUs a loop would be a kernel for every round.
    unroll = jax.default_backend() != "cpu"
    words = (block, zero + step.astype(jnp.uint64), zero, zero)
    words = lax.fori_loop(0, ROUNDS, one_round, words, unroll=unroll)
    return lax.bitcast_convert_type(jnp.stack(words, axis=1), jnp.uint32).reshape(-1)[:count]


def _word(value: int) -> jax.Array:
    return jnp.uint64(value)


def _multiply(a: int, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The high and the low 64 bits of a · b, from products of their halves."""
    mask, half = _word(0xFFFFFFFF), _word(32)
    a_low, a_high, b_low, b_high = _word(a & 0xFFFFFFFF), _word(a >> 32), b & mask, b >> half
    low = a_low * b_low
    middle = a_high * b_low + (low >> half)
    other = a_low * b_high + (middle & mask)
    return a_high * b_high + (middle >> half) + (other >> half), _word(a) * b
