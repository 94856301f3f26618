"""The functions that XLA compiles: steps, whole epochs, outputs and statistics of a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax import lax

from . import twins
from .program import Carry, Program, Samples, Step

if TYPE_CHECKING:
    pass

#: Steps that GPUs and TPUs take in a row: before each further one they would wait for the host to let them go on.
GROUP = 16


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def train(
    program: Program,
    carry: Carry,
    samples: Samples,
    order: jax.Array | None,
    rates: jax.Array,
    first: jax.Array,
    count: jax.Array,
    factors: Sequence[Any],
) -> Carry:
    """`count` steps from step `first` on, on the rows `order`, (steps, batch), of the samples.

    Without an order the samples are the batches of these steps themselves, (steps, batch, …). The arrays may have room
    for more steps: one compiled function serves chunks of all lengths.
    """

    group = 1 if jax.default_backend() == "cpu" else GROUP
    step = partial(_numbered_step, program, samples, order, rates, first, factors)
    loop = jnp.zeros_like(count), carry

    def one(loop: tuple[jax.Array, Carry]) -> tuple[jax.Array, Carry]:
        return loop[0] + 1, step(*loop)

    def room_for(steps: int) -> Callable[[tuple[jax.Array, Carry]], jax.Array]:
        return lambda loop: (loop[0] + steps <= count) & loop[1].finite

    with twins.precision(program.precision):
        if group > 1:
            many = partial(lax.fori_loop, 0, group, lambda _, loop: one(loop))
            loop = lax.while_loop(room_for(group), many, loop)
        return lax.while_loop(room_for(1), one, loop)[1]


def _numbered_step(
    program: Program,
    samples: Samples,
    order: jax.Array | None,
    rates: jax.Array,
    first: jax.Array,
    factors: Sequence[Any],
    i: jax.Array,
    carry: Carry,
) -> Carry:
    """Step i of `train`, counted from 0."""
    row = i if order is None else order[i]
    batch = jax.tree.map(lambda a: a[row], samples)
    step = Step(first + i, dict(zip(program.columns, rates[i], strict=True)))
    return program.step(carry, batch, step, factors)


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def train_epochs(
    program: Program,
    carry: Carry,
    samples: Samples,
    orders: tuple[jax.Array, jax.Array],
    rates: jax.Array,
    probe: jax.Array | None,
    first: jax.Array,
    count: jax.Array,
    factors: Sequence[Any],
) -> tuple[Carry, Any, jax.Array, jax.Array]:
    """`count` whole epochs, with the sums of each and what `Engine.layer_stats` measures after it.

    `orders` are those of the batches, (epochs, steps, batch), and of the smaller last batches, (epochs, 1 or 0, rest).
    The epochs end with one whose loss is not finite. The second result is theta and the buffers before the last epoch.
    """
    epochs, steps, _ = orders[0].shape
    last = orders[1].shape[1]  # 1, or 0 where all batches are whole
    of_epoch = steps + last

    def go_on(loop: tuple) -> jax.Array:
        return (loop[0] < count) & loop[1].finite

    def body(loop: tuple) -> tuple:
        e, carry, _, sums, seen = loop
        before = carry.theta, carry.buffers
        carry = carry._replace(sums=jnp.zeros_like(carry.sums))
        for order, start, length in ((orders[0], 0, steps), (orders[1], steps, last)):
            if length:
                k = e * of_epoch + start
                some = lax.dynamic_slice_in_dim(rates, k, length)
                if (
                    jax.default_backend() == "cpu"
                ):  # as `train`: a loop of known length would be rounded otherwise
                    taken = jnp.where(count > 0, length, 0).astype(count.dtype)
                    carry = train(program, carry, samples, order[e], some, first + k, taken, factors)
                    continue
                step = partial(_numbered_step, program, samples, order[e], some, first + k, factors)
                carry = lax.fori_loop(0, length, step, carry)  # of known length: a GPU need not ask the host
        if probe is not None:
            seen = seen.at[e].set(program.layer_stats(carry.theta, carry.buffers, probe))
        return e + 1, carry, before, sums.at[e].set(carry.sums), seen

    sums = jnp.zeros((epochs, carry.sums.size))
    seen = jnp.zeros((epochs, program.statistics))
    with twins.precision(program.precision):
        before = carry.theta, carry.buffers
        return lax.while_loop(go_on, body, (jnp.zeros_like(count), carry, before, sums, seen))[1:]


@partial(jax.jit, static_argnums=(0, 5))
def forward(program: Program, theta: Any, buffers: Any, x: jax.Array, rows: Any, result: Any) -> jax.Array:
    """z of x, or of its `rows`, outside training, with the sharding `result`."""
    z = program.forward(theta, buffers, x if rows is None else x[rows])
    return lax.with_sharding_constraint(z, result)


@partial(jax.jit, static_argnums=0)
def layer_stats(program: Program, theta: Any, buffers: Any, probe: jax.Array) -> jax.Array:
    """As `Engine.layer_stats`, of the samples `probe`."""
    with twins.precision(program.precision):
        return program.layer_stats(theta, buffers, probe)


#: The hashes of the programs that steps have been compiled for.
begun: set[int] = set()


def compilations() -> int:
    """How many functions have been compiled for training so far."""
    return sum(getattr(function, "_cache_size", int)() for function in (train, train_epochs))
