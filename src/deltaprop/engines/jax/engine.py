"""The JAX engine: the layers' own equations, compiled by XLA for CPUs, GPUs and TPUs, on one machine or many."""

from __future__ import annotations

import time
from typing import Any

import jax
import numpy as np

from ... import batching, distributed
from ...errors import InputError
from ..base import Engine, Sums
from . import compiled, devices, program
from .evaluator import JaxEvaluator
from .program import Carry, Program, Samples
from .traceable import reason_not_traceable
from .twins import PRECISIONS

#: Bytes of samples that go to the devices at once, where not all of them lie there.
CHUNK_BYTES = 1 << 23


class JaxEngine(Engine):
    """Runs the steps on the devices that JAX finds: parameters, optimizer state and samples lie there.

    It takes every layer, loss and optimizer whose NumPy code JAX can trace and equals the NumPy engine within rounding.
    Your own are traced when a fit begins: what they read from elsewhere stays as it was then, and those that change
    themselves or draw random numbers are refused. A batch is divided among all devices of all processes.
    """

    precisions = PRECISIONS

    def __init__(self, network: Any, x: Any, *arguments: Any, **options: Any):
        super().__init__(network, x, *arguments, **options)
        _check(self.precision, self.threads)
        self.processes = jax.process_count()
        cpu = jax.default_backend() == "cpu"
        self.speed, self.block_samples = (4.0, 1 << 17) if cpu else (100.0, 1 << 20)
        self._carry: Carry | None = None  # the state after the last step; None: only the host has one
        self._older: set[str] = set()  # what is older on the host than on the devices: weights, state
        self._newer: set[str] = set()  # what is newer: weights, state, factors
        self._factors: Any = None
        self._rule: Any = None
        self._token = object()  # of the programs of this engine
        self.evaluator: Any = JaxEvaluator(network, self.precision)
        with jax.enable_x64(True):
            held = self.evaluator.hold(x)
            self._samples = (
                None if held is None else Samples(held, *devices.copies([self.t, self.sample_weight]))
            )

    @property
    def program(self) -> Program:
        """The program for the optimizer of the moment."""
        rule = self.optimizer, self.network.loss, self.network.penalty
        if self._rule is None or any(a is not b for a, b in zip(rule, self._rule, strict=True)):
            self._rule = rule
            self._program = Program(
                self.network,
                self.optimizer,
                self.clip_norm,
                self.clip_value,
                self.precision,
                self.layer_sums,
                owner=self._token,
            )
        return self._program

    @property
    def compiles(self):
        return hash(self.program) not in compiled.begun

    @classmethod
    def unable(cls, network, optimizer):
        return reason_not_traceable(network, optimizer)

    def run(self, order: np.ndarray, step: int, rate_scale: float, sums: Sums) -> int:
        size, compilations = self.batch_size, compiled.compilations()
        whole = len(order) - len(order) % size
        with jax.enable_x64(True):
            carry = self._start(sums)
            for batches in (order[:whole].reshape(-1, size), order[whole:].reshape(1, -1)):
                if batches.size:
                    carry = self._train(carry, batches, step, rate_scale)
                    step += len(batches)
            self.compiled = compiled.compilations() > compilations
            done, sums.vector[:] = devices.fetch((carry.done, carry.sums))
            self._carry = carry
            return int(done)

    def run_epochs(self, orders, step, rate_scale, probe, before_last=None):
        if self._samples is None or len(orders) == 1:
            return super().run_epochs(orders, step, rate_scale, probe, before_last)
        report = self.report(len(orders))
        before = self._train_epochs(orders, step, rate_scale, probe, report.table)
        if before_last is not None and np.isfinite(report.loss[:-1]).all():
            jax.tree.map(np.copyto, program.weights(self.network), devices.fetch(before))
            before_last()
        return report

    def fetch(self, state=False):
        if self._carry is None:
            return
        if "weights" in self._older:
            found = devices.fetch((self._carry.theta, self._carry.buffers))
            jax.tree.map(np.copyto, program.weights(self.network), found)
        if state and "state" in self._older:
            found = devices.fetch(self._carry.state)
            jax.tree.map(np.copyto, self._split_state(), found)
        self._older -= {"weights", "state"} if state else {"weights"}

    def changed(self, state=False):
        changed = {"weights", "state"} if state else {"weights"}
        self._newer |= changed
        self._older -= changed

    def restored(self):
        self.changed(state=True)

    def changeable_rate_factors(self):
        self._newer.add("factors")
        return super().changeable_rate_factors()

    def agree(self, value):
        if not isinstance(value, np.ndarray):
            return distributed.agree(value)
        return np.frombuffer(distributed.broadcast(value.tobytes()), value.dtype).reshape(value.shape).copy()

    def outputs(self, x, samples=None):
        carry, at_host = self._carry, "weights" in self._newer
        self.evaluator.parameters = None if carry is None or at_host else (carry.theta, carry.buffers)
        return self.evaluator.forward(x, samples)

    def layer_stats(self, probe, seen):
        if self._carry is None or "weights" in self._newer:
            super().layer_stats(probe, seen)
            return
        with jax.enable_x64(True):
            carry, held = self._carry, self.evaluator.hold(probe)
            held = devices.copies(probe) if held is None else held
            seen[:] = devices.fetch(compiled.layer_stats(self.program, carry.theta, carry.buffers, held))

    def failed(self, error):
        self._carry = None
        self.changed(state=True)
        if self.processes > 1:
            distributed.fail(error)

    def close(self):
        self.fetch(state=True)

    # -- on the way to the devices ----

    def _start(self, sums: Sums) -> Carry:
        """The state that the next steps begin with."""
        compiled.begun.add(hash(self.program))
        carry, self._carry = self._carry, None  # its arrays are given away
        newer = self._newer if carry is not None else {"weights", "state", "factors"}
        given: dict[str, Any] = {"sums": sums.vector, "done": np.int32(0), "finite": np.bool_(True)}
        if "weights" in newer:
            given["theta"], given["buffers"] = program.weights(self.network)
        if "state" in newer:
            given["state"] = self._split_state()
        if "factors" in newer:
            layout, dtype = self.network.layout, self.network.dtype
            factors = [self.rate_factors, self.decay_factors]
            given["factors"] = [
                None if f is None else program.split(f.astype(dtype), layout) for f in factors
            ]
        given = devices.copies(given)
        self._factors = given.pop("factors", self._factors)
        self._newer -= {"weights", "state"}  # factors that change may do so before each call
        self._older = {"weights", "state"}
        return Carry(**given) if carry is None else carry._replace(**given)

    def _split_state(self) -> dict[str, Any]:
        return program.split_state(self.state, self.theta.size, self.network.layout)

    def _train(self, carry: Carry, batches: np.ndarray, step: int, rate_scale: float) -> Carry:
        """Steps on these batches, (steps, batch), some of them at a time."""
        rows = batches.shape[1]
        room = self._room_for_steps(rows)
        for start in range(0, len(batches), room):
            some = batches[start : start + room]
            count, first = len(some), step + start
            rates = devices.padded(self.program.rates(self.optimizer, first, count, rate_scale), room)
            sharding = devices.by_rows(rows, axis=1)
            if self._samples is not None:
                samples, order = (
                    self._samples,
                    devices.put(devices.padded(some.astype(np.int32), room), sharding),
                )
            else:
                samples, order = self._take(some, room, sharding), None
            numbers = devices.copies(rates), devices.copies(np.int64(first)), devices.copies(np.int32(count))
            carry = compiled.train(self.program, carry, samples, order, *numbers, self._factors)
        return carry

    def _train_epochs(
        self, orders: np.ndarray, step: int, rate_scale: float, probe: np.ndarray | None, table: np.ndarray
    ) -> Any:
        """Whole epochs in one call; their rows of the report are written into `table`.

        Returns the weights and the running statistics from before the last of them, on the devices.
        """
        began, compilations = time.perf_counter(), compiled.compilations()
        size, (count, n) = self.batch_size, orders.shape
        steps, whole = -(-n // size), n - n % size
        room = max(count, self.block_samples // n)
        rates = self.program.rates(self.optimizer, step, count * steps, rate_scale)
        orders = devices.padded(orders.astype(np.int32), room)
        with jax.enable_x64(True):
            carry = self._start(Sums(len(self.layers)))
            parts = [
                devices.put(part.reshape(room, -1, width), devices.by_rows(width, axis=2))
                for part, width in ((orders[:, :whole], size), (orders[:, whole:], max(n - whole, 1)))
            ]
            given = devices.copies(
                (devices.padded(rates, room * steps), probe, np.int64(step), np.int32(count))
            )
            carry, before, sums, seen = compiled.train_epochs(
                self.program, carry, self._samples, parts, *given, self._factors
            )
            width = len(sums[0])
            sums, seen = devices.fetch((sums, seen))
        self._carry, self.compiled = carry, compiled.compilations() > compilations
        table[:, :width], table[:, width + 1 :] = sums[:count], seen[:count]
        table[:, width] = (time.perf_counter() - began) / count
        return before

    def _room_for_steps(self, rows: int) -> int:
        """For how many steps a compiled function has room."""
        if rows < self.batch_size:  # the last batch of an epoch
            return 1
        epoch = max(1, len(self.t) // rows)
        if self._samples is not None:
            return epoch
        dtype = self.network.dtype if batching.is_sparse(self.x) else self.x.dtype
        row_bytes = self.x.shape[1] * dtype.itemsize
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
                rows = devices.readable(rows.astype(dtype or rows.dtype, copy=False), self.network.dtype)
                return devices.padded(rows.reshape(*which.shape, *source.shape[1:]), room)

            return jax.make_array_from_callback(shape, sharding, part)

        sparse = batching.is_sparse(self.x)
        return Samples(
            take(self.x, self.network.dtype if sparse else None),
            take(self.t, None),
            take(self.sample_weight, None),
        )


def _check(precision: str, threads: int | None) -> None:
    platform = jax.devices()[0].platform
    if precision == "tf32" and platform not in ("gpu", "cuda"):
        raise InputError(
            f"fit: precision is 'tf32', expected 'float32' or 'bf16' on devices of the kind {platform}; choose one."
        )
    if jax.process_count() != distributed.count():
        raise InputError(
            f"fit: JAX has {jax.process_count()} processes, expected the {distributed.count()} of "
            "deltaprop.distributed; start them by deltaprop.distributed.start."
        )
    if threads is not None:
        raise InputError(
            f"fit: threads is {threads}, expected None with engine='jax', whose threads XLA chooses; leave it out."
        )
