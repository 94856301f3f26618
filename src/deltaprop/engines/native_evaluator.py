"""The evaluator of the compiled core: the equations of `Evaluator`, equal within rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from .. import batching
from ..layers import Activation, BatchNorm
from . import _core, program
from .diagnostics import MOST
from .evaluator import Evaluator

if TYPE_CHECKING:
    from ..network import Network

#: Rows of which derivatives are evaluated at a time, and the outputs in each thread: as many as stay in the cache.
ROWS = 1024
BLOCK = 64

#: Rows of a Jacobian that are multiplied at a time: as many as let a block of their product stay in the cache.
NORMAL_ROWS = 256

#: Number types of inputs that the core reads directly.
NUMBERS = frozenset(np.dtype(character) for character in "bBhHiIlLqQfd")


class NativeEvaluator(Evaluator):
    """Evaluates a network whose parts the core knows; its outputs in the program `core` where that is given."""

    def __init__(self, network: Network, threads: int | None = None, core: _core.Program | None = None):
        self.needs_whole_batch = BatchNorm in [type(node.layer) for node in network.nodes]
        super().__init__(network)
        self.threads = threads
        self.inputs, self.outputs, self.dtype = network.inputs, network.outputs, network.dtype
        self.predicted = network.outputs // network.loss.members  # columns of a prediction
        self.theta, self.buffers = network.theta, network.buffers
        self._programs: dict[tuple[bool, bool], tuple[int, _core.Program]] = {}  # of derivatives
        self._normal: tuple[int, _core.Program] | None = None  # gradients of each sample, and its program
        self.core = self._program(None) if core is None else core

    def try_forward(self, x: Any, mapped: bool) -> np.ndarray | None:
        """`forward` of an array that the core can read as it is; None for any other x, or where x is not finite.

        One sample through a small network takes a few microseconds: checks in Python would double that.
        """
        plain = type(x) is np.ndarray and x.ndim == 2 and x.flags.c_contiguous and x.dtype in NUMBERS
        if not plain or x.shape[1] != self.inputs:
            return None
        z = np.empty((x.shape[0], self.predicted if mapped else self.outputs), self.dtype)
        return z if self.core.forward(self.theta, self.buffers, x, None, mapped, z) else None

    def forward(self, x: Any, samples: np.ndarray | None = None, mapped: bool = False) -> np.ndarray:
        """z outside training; x may also be what `readable` returns."""
        x, order = readable(x), None if samples is None else np.ascontiguousarray(samples, np.int64)
        n = len(order) if order is not None else x[2].size - 1 if type(x) is tuple else len(x)
        z = np.empty((n, self.predicted if mapped else self.outputs), self.dtype)
        self.core.forward(self.theta, self.buffers, x, order, mapped, z)
        return z

    def value(self, x, t, sample_weight=None, training=False, step=0):
        return self._evaluate(x, t, sample_weight, training, step, None)

    def gradient(self, x, t, sample_weight=None, training=False, step=0):
        grad = np.empty_like(self.theta)
        return self._evaluate(x, t, sample_weight, training, step, grad), grad

    def dead_and_saturated(self, x):
        slots = sum(bool(node.parameters) for node in self.network.nodes)
        seen = np.empty(slots + 2 * sum(isinstance(node.layer, Activation) for node in self.network.nodes))
        self.core.layer_stats(self.theta, self.buffers, x, MOST, seen)
        return seen[slots:]

    def sample_gradients(self, x, t):
        grads = np.empty((x.shape[0], self.theta.size), self.dtype)
        self.core.sample_gradients(self.theta, self.buffers, readable(x), targets(t), grads)
        return grads

    def sample_vjp(self, x, d_z, out=None):
        grads = np.empty((*d_z.shape[:-1], self.theta.size), self.dtype) if out is None else out
        count = 1 if d_z.ndim == 2 else d_z.shape[1]
        self.core.sample_vjp(self.theta, self.buffers, readable(x), d_z, count, grads)
        return grads

    def normal_matrix(self, x, d_z, out=None):
        matrix = np.empty((self.theta.size, self.theta.size), self.dtype) if out is None else out
        count = d_z.shape[1]
        if self._normal is None or self._normal[0] != count:
            self._normal = count, self._program(max(1, NORMAL_ROWS // count), normal=True)
        self._normal[1].normal_matrix(self.theta, self.buffers, readable(x), d_z, count, matrix)
        return matrix.T

    def jvp(self, x, d_theta, d_x=None, training=False, step=0):
        d_z = np.empty((x.shape[0], self.outputs), self.dtype)
        core = self._core(x, training, whole=d_x is not None)
        core.jvp(
            self.theta, self.buffers, readable(x), d_theta, d_x, self._dropout(training, step), step, d_z
        )
        return d_z

    def vjp(self, x, d_z, training=False, step=0):
        grad, d_x = np.empty_like(self.theta), np.empty(x.shape, self.dtype)
        core = self._core(x, training, whole=True)
        core.vjp(self.theta, self.buffers, readable(x), d_z, self._dropout(training, step), step, grad, d_x)
        return grad, d_x

    def _product(self, x, t, v, sample_weight, training, step, gauss_newton):
        product, arguments = np.empty_like(self.theta), (readable(x), targets(t), sample_weight, v)
        core = self._core(x, training)
        core.hvp(
            self.theta, self.buffers, *arguments, gauss_newton, self._dropout(training, step), step, product
        )
        return product if self.network.penalty is None else product + self.network.penalty_curvature(v)

    def _evaluate(self, x, t, sample_weight, training, step, grad):
        arguments = readable(x), targets(t), sample_weight, self._dropout(training, step), step, grad
        value = self._core(x, training).gradient(self.theta, self.buffers, *arguments)
        return value + self.network.penalize(grad) if program.differs_by_layer(self.network) else value

    def _dropout(self, training: bool, step: int) -> np.ndarray | None:
        """The rates of the dropout layers, in training only."""
        return program.dropout_rates(self.network, np.array([step])).ravel() if training else None

    def _core(self, x: Any, training: bool, whole: bool = False) -> _core.Program:
        """The program to use: one with room for all rows of x where batch normalization needs them at once."""
        rows = max(ROWS, x.shape[0] if training and self.needs_whole_batch else 0)
        key = whole, rows > ROWS
        entry = self._programs.get(key)
        if entry is None or entry[0] < rows:
            entry = self._programs[key] = rows, self._program(rows, whole)
        return entry[1]  # not read again: another thread may have replaced it by a smaller one

    def _program(self, rows: int | None, whole: bool = False, normal: bool = False) -> _core.Program:
        """A program for that many rows at a time; None: for outputs alone. `normal`: for `normal_matrix`."""
        # A third of the multiplications of a row.
        size = self.theta.size**2 // 6 if normal else self.theta.size
        alone = 0 if self.threads else 2 * program.WORTH_A_THREAD // (3 * max(size, 1))
        threads = program.usable_threads(self.network, rows or ROWS, self.threads, size)
        return program.build(self.network, rows or BLOCK * threads, threads, shared=alone, whole=whole)


def targets(t: np.ndarray) -> np.ndarray:
    """Targets as the core takes them."""
    return np.ascontiguousarray(t, np.int64 if t.ndim == 1 else None)


def readable(x: Any) -> Any:
    """x as the core takes it: an array with contiguous rows, or the data, indices and row starts of a CSR matrix."""
    if type(x) is tuple or (type(x) is np.ndarray and x.flags.c_contiguous and x.dtype in NUMBERS):
        return x
    if batching.is_sparse(x):
        x = cast(Any, x).tocsr()
        batching.check_csr("x", x)
        wide = np.int64 if np.int64 in (x.indices.dtype, x.indptr.dtype) else np.int32
        indices, starts = (np.ascontiguousarray(a, wide) for a in (x.indices, x.indptr))
        return np.ascontiguousarray(_native_order(x.data)), indices, starts
    x = _native_order(x)
    row, number = x.strides
    rows_are_contiguous = row % x.itemsize == 0 and (number == x.itemsize or x.shape[1] == 1)
    return x if rows_are_contiguous else np.ascontiguousarray(x)


def _native_order(x: np.ndarray) -> np.ndarray:
    if x.dtype in NUMBERS:
        return x
    if x.dtype == bool:  # views of other bytes as booleans hold more than 0 and 1
        return (x.view(np.uint8) != 0).view(np.uint8)
    return x.astype(np.float64 if x.dtype.itemsize > 2 else np.float32)
