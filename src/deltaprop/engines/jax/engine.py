"""The JAX engine: the layers' own equations, compiled by XLA for CPUs, GPUs and TPUs, on one machine or many."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ... import batching
from ...errors import InputError
from ..base import Engine, Sums
from . import devices, program
from .program import Carry, Program, Samples
from .tracing import PRECISIONS

#: Bytes of samples that lie on the devices at once, where not all of them do.
CHUNK_BYTES = 1 << 28

#: Rows that pass through the network at a time outside training.
ROWS = 1 << 13


class JaxEngine(Engine):
    """Runs the steps on the devices that JAX finds: parameters, optimizer state and samples lie there.

    It takes every layer, loss and optimizer whose NumPy code JAX can trace, your own too, and equals the NumPy engine
    within rounding. The samples of a batch are divided among all devices of all processes.
    """

    speed = 4.0
    precisions = PRECISIONS

    def __init__(self, network: Any, x: Any, *arguments: Any, **options: Any):
        super().__init__(network, x, *arguments, **options)
        _check(self.precision, self.threads)
        self._carry: Carry | None = None  # newer than the host's arrays, unless None
        self._factors: Any = None
        self._rule: Any = None
        self._held: dict[
            int, tuple[Any, jax.Array]
        ] = {}  # arrays of the host and their copies on the devices
        with jax.enable_x64(True):
            held = self._hold(x)
            self._samples = None if held is None else Samples(held, *self._put([self.t, self.sample_weight]))

    @property
    def program(self) -> Program:
        """The program for the optimizer of the moment."""
        if self._rule is not self.optimizer:
            self._rule = self.optimizer
            self._program = Program(
                self.network, self.optimizer, self.clip_norm, self.clip_value, self.precision
            )
        return self._program

    @classmethod
    def unable(cls, network, optimizer):
        return program.reason_not_traceable(network, optimizer)

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        size = self.batch_size
        whole = len(order) - len(order) % size
        with jax.enable_x64(True):
            carry = self._start(sums)
            for batches in (order[:whole].reshape(-1, size), order[whole:].reshape(1, -1)):
                if batches.size:
                    carry = self._train(carry, batches, step, rate_scale)
                    step += len(batches)
            self._carry = carry
            sums.vector[:] = devices.fetch(carry.sums)
            return int(devices.fetch(carry.done))

    def fetch(self) -> None:
        """Bring parameters, running statistics and the optimizer's state on the host up to date."""
        if self._carry is None:
            return
        carry, self._carry, network = self._carry, None, self.network
        _copy(carry.theta, program.split(self.theta, network.layout))
        _copy(carry.buffers, program.split(self.buffers, network.buffer_layout))
        for name, value in self.state.items():
            on_devices = carry.state[name]
            if isinstance(on_devices, list):
                _copy(on_devices, program.split(value, network.layout))
            else:
                value[...] = devices.fetch(on_devices)

    def outputs(self, x, samples=None):
        network = self.network
        n, theta, buffers = x.shape[0] if samples is None else len(samples), *self._parameters()
        result = np.empty((n, network.outputs), network.dtype)
        with jax.enable_x64(True):
            held = self._hold(x)
            for start in range(0, n, ROWS):
                stop = min(start + ROWS, n)
                size = min(ROWS, 1 << (n - 1).bit_length())  # few sizes, each of which is compiled
                which = np.arange(start, stop) if samples is None else samples[start:stop]
                rows = None
                if held is None:
                    given = devices.put(
                        _padded(batching.take(x, which, network.dtype), size), devices.by_rows(size)
                    )
                else:
                    given, rows = (
                        held,
                        devices.put(_padded(which.astype(np.int32), size), devices.by_rows(size)),
                    )
                z = program.forward(self.program, theta, buffers, given, rows, devices.whole())
                result[start:stop] = devices.fetch(z)[: stop - start]
        return result

    def _parameters(self) -> tuple[Any, Any]:
        """theta and the buffers on the devices."""
        if self._carry is not None:
            return self._carry.theta, self._carry.buffers
        layouts = self.network.layout, self.network.buffer_layout
        with jax.enable_x64(True):
            return tuple(
                self._put(program.split(vector, layout))
                for vector, layout in zip((self.theta, self.buffers), layouts, strict=True)
            )  # type: ignore[return-value]

    def layer_stats(self, probe, seen):
        self.fetch()
        super().layer_stats(probe, seen)

    def close(self):
        self.fetch()

    # -- on the way to the devices ----

    def _start(self, sums: Sums) -> Carry:
        """The state that the next steps begin with."""
        count, finite = self._put(np.int32(0)), self._put(np.bool_(True))
        vector = self._put(sums.vector)
        if self._carry is not None:
            return self._carry._replace(sums=vector, done=count, finite=finite)
        network = self.network
        theta = self._put(program.split(self.theta, network.layout))
        buffers = self._put(program.split(self.buffers, network.buffer_layout))
        factors = (self.rate_factors, self.decay_factors)
        self._factors = tuple(
            None if f is None else self._put(program.split(f.astype(network.dtype), network.layout))
            for f in factors
        )
        return Carry(
            theta, buffers, self._put(program.split_state(self.state, network)), vector, count, finite
        )

    def _train(self, carry: Carry, batches: np.ndarray, step: int, rate_scale: float) -> Carry:
        """Steps on these batches, (steps, batch), some of them at a time."""
        rows = batches.shape[1]
        room = self._room_for_steps(rows)
        for start in range(0, len(batches), room):
            some = batches[start : start + room]
            count, first = len(some), step + start
            rates = _padded(self.program.rates(self.optimizer, first, count, rate_scale), room)
            sharding = devices.by_rows(rows, axis=1)
            if self._samples is not None:
                samples, order = self._samples, devices.put(_padded(some.astype(np.int32), room), sharding)
            else:
                samples, order = self._take(some, room, sharding), None
            numbers = self._put(rates), self._put(np.int64(first)), self._put(np.int32(count))
            carry = program.train(self.program, carry, samples, order, *numbers, self._factors)
        return carry

    def _room_for_steps(self, rows: int) -> int:
        """For how many steps a compiled function has room."""
        if rows < self.batch_size:  # the last batch of an epoch
            return 1
        epoch = max(1, len(self.t) // rows)
        if self._samples is not None:
            return epoch
        row_bytes = self.x.shape[1] * self.network.dtype.itemsize
        return max(1, min(epoch, CHUNK_BYTES // (rows * row_bytes)))

    def _take(self, batches: np.ndarray, room: int, sharding: Any) -> Samples:
        """The samples of these batches; each process reads those of its own devices."""

        def take(source: Any, dtype: Any) -> Any:
            if source is None:
                return None
            shape = (room, batches.shape[1], *source.shape[1:])

            def part(index: Any) -> np.ndarray:
                which = batches[index[:2]]
                rows = source[which.ravel()]
                rows = rows.toarray() if batching.is_sparse(rows) else np.asarray(rows)
                rows = rows.astype(dtype or rows.dtype, copy=False)
                return _padded(rows.reshape(*which.shape, *source.shape[1:]), room)

            return jax.make_array_from_callback(shape, sharding, part)

        sparse = batching.is_sparse(self.x)
        return Samples(
            take(self.x, self.network.dtype if sparse else None),
            take(self.t, None),
            take(self.sample_weight, None),
        )

    def _hold(self, x: Any) -> jax.Array | None:
        """A copy of x on the devices, made once; None for what stays in its file or is too large."""
        if not isinstance(x, np.ndarray) or isinstance(x, np.memmap) or x.nbytes > _room():
            return None
        if id(x) not in self._held:
            self._held[id(x)] = x, self._put(x)
        return self._held[id(x)][1]

    def _put(self, values: Any) -> Any:
        """Arrays of which every device gets a copy, in containers too."""
        sharding = devices.whole()
        return jax.tree.map(lambda value: devices.put(value, sharding), values)


def _check(precision: str, threads: int | None) -> None:
    platform = jax.devices()[0].platform
    if precision == "tf32" and platform not in ("gpu", "cuda"):
        raise InputError(
            f"fit: precision is 'tf32', expected 'float32' or 'bf16' on devices of the kind {platform}; choose one."
        )
    if threads is not None:
        raise InputError(
            f"fit: threads is {threads}, expected None with engine='jax', whose threads XLA chooses; leave it out."
        )


def _room() -> int:
    """Bytes of samples that may lie on a device: a third of its memory, where that is known."""
    stats = jax.local_devices()[0].memory_stats() or {}
    return stats.get("bytes_limit", 12 << 30) // 3


def _padded(array: np.ndarray, length: int) -> np.ndarray:
    """The array with zeros after its last row, `length` rows in all."""
    if len(array) == length:
        return array
    result = np.zeros((length, *array.shape[1:]), array.dtype)
    result[: len(array)] = array
    return result


def _copy(arrays: list[jax.Array], targets: list[np.ndarray]) -> None:
    for array, target in zip(arrays, targets, strict=True):
        target[...] = devices.fetch(array)
