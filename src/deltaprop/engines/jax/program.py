"""The program of the JAX engine: many steps of a network's and an optimizer's own code, compiled to one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ...functions.schedule import Schedule
from ...layers import Activation, Dropout
from ...layout import Block
from ...optimizers.clipping import clip_norm, clip_value
from .. import diagnostics
from . import philox, twins
from .tracing import TracedArray
from .vector import TracedVector

if TYPE_CHECKING:
    from ...network import Network
    from ...optimizers import Optimizer

#: The optimizer's numbers that may change within a fit or from fit to fit: inputs of the program, not part of it.
VARYING = ("learning_rate", "momentum")

PACKAGE = __name__.partition(".")[0] + "."


class Carry(NamedTuple):
    """What a step changes: arrays on the devices, donated from call to call."""

    theta: Any  # an array for each block of the layout
    buffers: Any
    state: dict[str, Any]  # of the optimizer: arrays as theta's, or one array
    sums: Any  # as `engines.base.Sums`
    done: Any  # number of steps
    finite: Any  # whether the last loss was: the steps after one that was not are left out


class Samples(NamedTuple):
    """The samples that a program may take: inputs, encoded targets and weights, or None."""

    x: Any
    t: Any
    weight: Any


@dataclass(frozen=True)
class Column(Schedule):
    """Stands for a number of the optimizer, which a program reads from its table of rates."""

    name: str
    first: float = field(repr=False)  # programs are equal, and their hashes, whatever the numbers

    def curve(self, k):
        return np.full_like(k, self.first)

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        return isinstance(other, Column) and other.name == self.name


class Step(TracedArray):
    """The number of a step, with the values that schedules have in it, and the random numbers of its dropout masks."""

    def __init__(self, k: jax.Array, rates: dict[Schedule, jax.Array]):
        super().__init__(k, weak=True)
        self._rates = rates

    def rate_of(self, schedule: Schedule) -> TracedArray:
        """The value of a schedule in this step."""
        return TracedArray(self._rates[schedule], weak=True)

    def lanes(self, seed: int, index: int, count: int) -> TracedArray:
        """As `deltaprop.layers.dropout.lanes`."""
        return TracedArray(philox.lanes(seed, index, self.value, count))


class Program:
    """What the compiled function is made for; programs that are equal share it.

    Parameters
    ----------
    network : Network
        Its layers, loss and penalty are part of the program, its parameters are not.
    optimizer : Optimizer or None
        None: the program only computes outputs.
    clip_norm, clip_value : float or None
    precision : str
        One of `twins.PRECISIONS`.
    layer_sums : bool
        As `Engine.layer_sums`.
    owner : object
        Whose programs are shared where code is not of this package, of which nobody knows when it is equal; by default
        no others.
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        precision: str = "float32",
        layer_sums: bool = True,
        owner: object = None,
    ):
        self.network = _with(network, _theta=None, _buffers=None, layers=(), _evaluator=None)
        self.optimizer, self.numbers = _with_columns(optimizer)
        self.schedules = _schedules(network)
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.precision, self.layer_sums = precision, layer_sums
        config = type(network), network.config, network.inputs, network.loss, network.penalty
        drops = any(isinstance(node.layer, Dropout) for node in network.nodes)
        seed = network.dropout_seed if drops else None
        options = str(network.dtype), seed, clip_norm, clip_value, precision, layer_sums
        self._key: Any = *config, self.optimizer, *options
        if not of_this_package(network, optimizer):
            self._key = object() if owner is None else owner, *options
        self._hash = hash(repr(self._key))

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return isinstance(other, Program) and self._hash == other._hash and self._key == other._key

    @property
    def columns(self) -> list[Schedule]:
        """What stands in the columns of the table of rates."""
        return [getattr(self.optimizer, name) for name in self.numbers] + list(self.schedules)

    def rates(self, optimizer: Optimizer, step: int, count: int, rate_scale: float) -> np.ndarray:
        """The table of rates of the steps step … step + count − 1, float64 (count, columns)."""
        k = np.arange(step, step + count)
        table = np.empty((count, len(self.columns)))
        for column, name in enumerate(self.numbers):
            value = getattr(optimizer, name)
            table[:, column] = value.rate(k) if isinstance(value, Schedule) else value
            if name == "learning_rate":
                table[:, column] *= rate_scale
        for column, (schedule, layer) in enumerate(self.schedules.items(), len(self.numbers)):
            table[:, column] = layer.rates(k) if isinstance(layer, Dropout) else schedule.rate(k)
        return table

    # -- what is traced ----

    def bound(self, theta: TracedVector, buffers: TracedVector) -> Network:
        """The network with these traced parameters."""
        layers = self.network._layout.views(theta, buffers)  # type: ignore[arg-type]
        return _with(self.network, _theta=theta, _buffers=buffers, layers=layers)

    def forward(self, theta: Sequence[jax.Array], buffers: Sequence[jax.Array], x: jax.Array) -> jax.Array:
        """z outside training."""
        with twins.precision(self.precision):
            network = self.bound(_vector(theta), _vector(buffers))
            return network.run_forward(_dense(x, network.dtype)).value  # type: ignore[attr-defined]

    def step(self, carry: Carry, batch: Samples, step: Step, factors: Sequence[Any]) -> Carry:
        """One step, as `NumpyEngine.run` takes it."""
        theta, buffers, state = _vector(carry.theta), _vector(carry.buffers), _state(carry.state)
        network = self.bound(theta, buffers)
        grad = np.zeros_like(theta)  # type: ignore[call-overload]
        x = _dense(batch.x, network.dtype)
        t = network.loss.rows(TracedArray(batch.t), network.outputs, network.dtype)  # type: ignore[arg-type]
        sample_weight = None if batch.weight is None else TracedArray(batch.weight)
        loss, cache = network.backpropagate(x, t, sample_weight, grad, step)  # type: ignore[arg-type]
        weight = float(len(batch.t)) if batch.weight is None else batch.weight.sum()
        value = jnp.asarray(_value(loss), jnp.float64)
        finite = carry.finite & jnp.isfinite(value)
        # A loss that is not finite ends the training: its gradient must not spoil the weights that gave it, though
        # momentum may move them. Choosing between old and new weights instead would take a CPU a fifth of the step.
        grad[...] = np.where(TracedArray(finite), grad, grad.dtype.type(0))
        gradient2 = self._squares(grad)
        if self.clip_norm is not None:
            clip_norm(grad, self.clip_norm)
        if self.clip_value is not None:
            clip_value(grad, self.clip_value)
        rates, decays = (1.0 if f is None else _vector(f) for f in factors)
        self.optimizer.step(theta, grad, state, step, rates, decays)  # type: ignore[arg-type]
        network.update_running_stats(cache)
        moved = {n: _values(v) if isinstance(v, TracedVector) else v.value for n, v in state.items()}
        statistics = jax.tree.map(partial(jnp.where, finite), _values(buffers), carry.buffers)
        # the barrier keeps XLA from computing the update again for the sums
        new_theta, new_buffers, new_state = lax.optimization_barrier((_values(theta), statistics, moved))
        update2 = self._squares(_vector(new_theta) - _vector(carry.theta))  # type: ignore[operator]
        sums = jnp.concatenate(
            [jnp.stack([value * weight, jnp.float64(weight), jnp.float64(1)]), gradient2, update2]
        )
        sums = carry.sums + jnp.where(carry.finite, sums, 0)
        return Carry(new_theta, new_buffers, new_state, sums, carry.done + carry.finite, finite)

    @property
    def statistics(self) -> int:
        """How many numbers `layer_stats` gives."""
        nodes = self.network.nodes
        return sum(bool(n.parameters) + 2 * isinstance(n.layer, Activation) for n in nodes)

    def layer_stats(self, theta: Any, buffers: Any, probe: jax.Array) -> jax.Array:
        """As `Engine.layer_stats`, float64."""
        network = self.bound(_vector(theta), _vector(buffers))
        counted = diagnostics.dead_and_saturated(network, TracedArray(probe))  # type: ignore[arg-type]
        units = [jnp.asarray(_value(v), jnp.float64)[jnp.newaxis] for pair in counted for v in pair]
        return jnp.concatenate([self._squares(_vector(theta)), *units])

    def _squares(self, vector: Any) -> jax.Array:
        """The sum of squares over the part of each layer that has parameters, float64; zeros if not wanted."""
        if not self.layer_sums:
            return jnp.zeros(sum(bool(node.parameters) for node in self.network.nodes))
        parts = iter(vector.parts)
        layers = [
            [next(parts).value for _ in node.parameters] for node in self.network.nodes if node.parameters
        ]
        sums = [sum(_sum(jnp.square(v)) for v in values) for values in layers]
        return jnp.stack(sums) if sums else jnp.zeros(0, jnp.float64)


def _with(network: Network, **attributes: Any) -> Network:
    """A network that shares everything but these attributes."""
    other = object.__new__(type(network))
    other.__dict__.update(network.__dict__ | attributes)
    return other


def split(vector: np.ndarray, layout: Sequence[Block]) -> list[np.ndarray]:
    """A vector as the arrays of its blocks."""
    return [block.of(vector) for block in layout]


def weights(network: Network) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """theta and the buffers as the arrays of their blocks."""
    return split(network.theta, network.layout), split(network.buffers, network.buffer_layout)


def split_state(state: dict[str, np.ndarray], size: int, layout: Sequence[Block]) -> dict[str, Any]:
    """The state of an optimizer, with the vectors of theta's `size` as the arrays of its blocks."""
    return {n: split(v, layout) if v.shape == (size,) else v for n, v in state.items()}


def of_this_package(network: Network, optimizer: Optimizer | None) -> bool:
    """Whether all code is of this package, and all it depends on is in its fields."""
    return type(network).__module__.startswith(PACKAGE) and all(
        map(_ours, (network.config, network.loss, network.penalty, optimizer))
    )


def _ours(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_ours, value))
    if is_dataclass(value) and type(value).__module__.startswith(PACKAGE):
        return all(map(_ours, vars(value).values()))
    return value is None or isinstance(value, (bool, int, float, str))


def _with_columns(optimizer: Optimizer | None) -> tuple[Any, tuple[str, ...]]:
    """The optimizer with columns of the table of rates for the numbers that vary, and the names of these."""
    varying = VARYING if _ours(optimizer) else VARYING[:1]
    given = {name: getattr(optimizer, name) for name in getattr(optimizer, "__dataclass_fields__", ())}
    chosen = {n: v for n, v in given.items() if n in varying or isinstance(v, Schedule)}
    columns = {n: Column(n, v.rate(0) if isinstance(v, Schedule) else v) for n, v in chosen.items()}
    return replace(optimizer, **columns) if columns else optimizer, tuple(columns)  # type: ignore[type-var]


def _schedules(network: Network) -> dict[Schedule, Any]:
    """The schedules of the layers, and for each a layer that has it."""
    layers = [node.layer for node in network.nodes]
    return {v: layer for layer in layers for v in vars(layer).values() if isinstance(v, Schedule)}


def _vector(parts: Sequence[jax.Array]) -> TracedVector:
    return TracedVector([TracedArray(p) for p in parts])


def _state(state: dict[str, Any]) -> dict[str, TracedArray]:
    return {n: _vector(v) if isinstance(v, list) else TracedArray(v) for n, v in state.items()}


def _values(vector: TracedVector) -> list[jax.Array]:
    return [p.value for p in vector.parts]


def _value(number: Any) -> Any:
    return number.value if isinstance(number, TracedArray) else number


def _dense(x: jax.Array, dtype: np.dtype) -> TracedArray:
    return TracedArray(x.astype(dtype))


def _sum(values: jax.Array) -> jax.Array:
    """The rows in the dtype of the values, as fast as can be, and their sum in float64."""
    return values.sum(axis=-1).sum(dtype=jnp.float64)
