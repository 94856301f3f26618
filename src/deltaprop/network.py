"""The network: a chain of layers over one parameter vector theta, its loss, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import batching, engines, errors, seeds
from .contradictions import warn_of_output
from .errors import InputError
from .functions.losses import LOSSES, Loss
from .functions.penalties import Penalty
from .layers import Cache, View, as_layers, chain
from .layout import Block, Layout, aligned_zeros
from .shortcuts import Shortcuts, module

if TYPE_CHECKING:
    from .trace import Trace

#: Largest number of inputs or units.
MAX_WIDTH = 2**31 - 1


class Network(Shortcuts):
    """A multilayer network: E(theta) = mean over samples of loss(z(x), t), plus a penalty on the weights.

    All parameters live in one contiguous vector `theta`; each layer's ``w`` and ``b`` are views of it, and every
    gradient and direction has its layout.

    Parameters
    ----------
    layers : sequence of Layer or str
        The layers, in order; the name of an activation (``"relu"``) stands for that layer.
    inputs : int
        Number of inputs of a sample.
    loss : str or Loss
        Includes the output map: softmax, sigmoid and so on belong to the loss, not to the list of layers. May be
        reassigned.
    penalty : Penalty, optional
        L1 and L2 penalties on the weights ``w``; part of the reported value and of the gradient. May be reassigned.
    seed : int
        Seed of the initial weights, the order of samples and dropout, each in a stream of its own.
    dtype : {"float32", "float64"}
        Of theta and of every computation. Inputs are converted to it at the boundary.
    init : callable, optional
        Writes the initial weights into `layers`, all 0 before, instead of the layers' own initializers.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        All parameters. Assigning to it copies into place.
    buffers : ndarray
        Running statistics of batch normalization.
    layers : tuple of View
        ``net.layers[0].w`` is a view of theta.
    config : tuple of Layer
        The layers' configuration.
    layout, buffer_layout : tuple of Block
        The places of the layers' arrays in theta and in the buffers.
    nodes : tuple of Node
        Every layer with its number, name, widths and blocks; depth first.

    Raises
    ------
    InputError
        For any argument that cannot be used, in one line that names the remedy.

    Source: Rumelhart, Hinton, Williams (1986); Nielsen, *Neural Networks and Deep Learning*, ch. 2.

    Examples
    --------
    >>> import numpy as np
    >>> from deltaprop import Network, Dense
    >>> net = Network([Dense(2), "relu", Dense(1)], inputs=2)
    >>> net.layers[0].w = [[1, 1], [1, 1]]; net.layers[0].b = [0, -1]      # XOR by hand
    >>> net.layers[2].w = [[1, -2]]; net.layers[2].b = [0]
    >>> print(net.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).ravel())
    [0. 1. 1. 0.]
    """

    def __init__(
        self,
        layers: Iterable[Any],
        inputs: int,
        loss: Any = "squared_error",
        penalty: Penalty | None = None,
        seed: int = 0,
        dtype: Any = "float32",
        init: Callable[[tuple[View, ...]], None] | None = None,
    ):
        errors.number("Network", "inputs", inputs, low=1, integer=True)
        errors.number("Network", "seed", seed, low=0, integer=True)
        self.dtype = _as_dtype(dtype)
        self.config = as_layers("Network", layers)
        self.inputs = int(inputs)
        self.seed = seed
        self._allocate()
        self.penalty = penalty
        self.loss = loss
        if init is None:
            chain.initialize(self.layers, np.random.default_rng(seeds.stream(seed, "weights")))
        else:
            init(self.layers)

    def _allocate(self) -> None:
        """Allocate theta and the buffers, and make the layers' views of them."""
        self.dropout_seed = seeds.dropout_key(self.seed)
        self._layout = layout = Layout(self.config, self.inputs)
        self.layout, self.buffer_layout = tuple(layout.parameters), tuple(layout.buffers)
        self.nodes, self.outputs = tuple(layout.nodes), layout.outputs
        try:
            theta = aligned_zeros(layout.size, self.dtype) if layout.widest <= MAX_WIDTH else None
        except (MemoryError, ValueError):  # NumPy raises ValueError for sizes beyond the address space
            theta = None
        if theta is None:
            raise InputError(
                f"Network: {errors.short(layout.widest)} inputs or units give {errors.short(layout.size)} parameters, "
                "expected a network that fits in memory; use smaller layers."
            )
        self._theta = theta
        self._buffers = np.zeros(layout.buffers_size, self.dtype)
        self.layers = layout.views(self._theta, self._buffers)
        self._evaluator: engines.Evaluator | None = None

    # -- what the network is ----

    @property
    def theta(self) -> np.ndarray:
        """All parameters, one vector."""
        return self._theta

    @theta.setter
    def theta(self, value: Any) -> None:
        self._theta[...] = self._like("theta", value, self.theta.shape)

    @property
    def buffers(self) -> np.ndarray:
        """Running statistics of all layers, one vector."""
        return self._buffers

    @property
    def loss(self) -> Loss:
        """The loss; assigning another one validates it."""
        return self._loss

    @loss.setter
    def loss(self, value: str | Loss) -> None:
        loss = errors.choose("Network", "loss", value, LOSSES, Loss)
        if self.outputs % loss.members:
            raise InputError(
                f"Network: the layers have {self.outputs} outputs, expected a multiple of the loss's members, "
                f"{loss.members}; end them with GroupedDense(units, groups={loss.members})."
            )
        self._loss, self._evaluator = loss, None
        warn_of_output(self.config, self._loss, self.outputs)

    @property
    def penalty(self) -> Penalty | None:
        """The penalty; assigning another one validates it."""
        return self._penalty

    @penalty.setter
    def penalty(self, value: Penalty | None) -> None:
        if value is not None and not isinstance(value, Penalty):
            wanted = "a Penalty; for example Penalty(l2=1e-4)"
            raise InputError(f"Network: penalty is {errors.short(value)}, expected {wanted}.")
        count = sum(block.penalized for block in self.layout)
        if value is not None and isinstance(value.l2, tuple) and len(value.l2) != count:
            got = f"penalty has {len(value.l2)} numbers l2"
            raise InputError(
                f"Network: {got}, expected {count}, one for each layer with weights; give a number."
            )
        self._penalty, self._evaluator = value, None

    @property
    def evaluator(self) -> engines.Evaluator:
        """Computes values and derivatives from checked arrays: in the compiled core where that has all the code."""
        if self._evaluator is None:
            self._evaluator = engines.evaluator(self)
        return self._evaluator

    def views(self, vector: np.ndarray) -> tuple[View, ...]:
        """Show a vector of theta's layout, such as a gradient, as the layers' named arrays."""
        return self._layout.views(vector)

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.config))
        return f"Network([{layers}], inputs={self.inputs}, loss={self.loss!r}, seed={self.seed}, dtype={self.dtype})"

    def summary(self) -> str:
        """A table of the layers: name, outputs, parameters.

        Examples
        --------
        >>> from deltaprop import Network, Dense
        >>> print(Network([Dense(3), "tanh", Dense(1)], inputs=2).summary())
        layer                          outputs  parameters
        Dense(units=3)                       3           9
        Activation(function=Tanh())          3
        Dense(units=1)                       1           4
        SquaredError()                       1          13
        """
        return self._layout.summary(self.loss, self.outputs)

    # -- forward ----

    def forward(self, x: Any, training: bool = False, step: int = 0) -> np.ndarray:
        """The outputs' pre-activations z, shape (n, outputs), for inputs x of shape (n, inputs)."""
        if not training:
            _check_step(step)
            return self._infer(x, mapped=False)
        x = self._samples(x, step)
        if not x.shape[0]:
            return np.empty((0, self.outputs), self.dtype)
        return self.evaluator.forward_training(x, step)

    def predict(self, x: Any, engine: str = "auto") -> np.ndarray:
        """The loss's output map of z: probabilities for the cross-entropies, values otherwise; (n, outputs).

        Of an ensemble (`MemberLoss`) the mean over the members, with the outputs of one. With engine="jax" it is
        computed on the devices that JAX finds.
        """
        return self._infer(x, mapped=True, engine=engine)

    def _infer(self, x: Any, mapped: bool, engine: str = "auto") -> np.ndarray:
        if engine not in engines.ENGINES:
            wanted = f"one of {', '.join(engines.ENGINES)}"
            raise InputError(f"Network: engine is {errors.short(engine)}, expected {wanted}; choose one.")
        if engine != "auto":
            return engines.evaluator(self, engine).forward(self._samples(x), mapped=mapped)
        z = self.evaluator.try_forward(x, mapped)
        return self.evaluator.forward(self._samples(x), mapped=mapped) if z is None else z

    def predict_labels(self, x: Any) -> np.ndarray:
        """Class labels, shape (n,)."""
        return self.loss.labels(self.forward(x))

    def value(
        self, x: Any, t: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> float:
        """E: the weighted mean of the loss over the samples, plus the penalty; the number that `gradient` returns."""
        return self.evaluator.value(*self._batch(x, t, sample_weight, step), training, step)

    def score(self, x: Any, t: Any, sample_weight: Any = None) -> float:
        """Accuracy for classes, R² for values."""
        x, t, weight = self._batch(x, t, sample_weight)
        return self.loss.score(self.forward(x), t, weight)

    # -- backward ----

    def gradient(
        self, x: Any, t: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> tuple[float, np.ndarray]:
        """E and ∂E/∂theta, penalty and sample weights included.

        Parameters
        ----------
        x : array of shape (n, inputs)
        t : array of shape (n, outputs), or (n,) class labels or values of a single output
        sample_weight : array of shape (n,), or (n, members) for a `MemberLoss`, optional
            E is Σ weight · loss / Σ weight.
        training : bool
            Whether dropout and batch normalization behave as in training.
        step : int
            Selects dropout's masks.

        Returns
        -------
        value : float
        grad : ndarray of theta's shape and dtype
        """
        return self.evaluator.gradient(*self._batch(x, t, sample_weight, step), training, step)

    def sample_gradients(self, x: Any, t: Any) -> np.ndarray:
        """∂e/∂theta of each sample's own loss, without the penalty; (n, n_parameters) of theta's dtype.

        Their mean over the samples is the gradient of a network without a penalty. Arguments as for `gradient`.
        """
        x, t, _ = self._batch(x, t)
        return self.evaluator.sample_gradients(x, t)

    def jvp(self, x: Any, d_theta: Any, d_x: Any = None, training: bool = False, step: int = 0) -> np.ndarray:
        """The change of z, (n, outputs), when theta changes by `d_theta` and x by `d_x` (forward mode)."""
        x, d_theta = self._samples(x, step), self._like("d_theta", d_theta, self.theta.shape)
        d_x = None if d_x is None else self._like("d_x", d_x, x.shape)
        return self.evaluator.jvp(x, d_theta, d_x, training, step)

    def vjp(self, x: Any, d_z: Any, training: bool = False, step: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """∂(Σ d_z ⊙ z)/∂theta and ∂(Σ d_z ⊙ z)/∂x for given d_z of shape (n, outputs) (reverse mode)."""
        x = self._samples(x, step)
        return self.evaluator.vjp(x, self._like("d_z", d_z, (x.shape[0], self.outputs)), training, step)

    def hvp(
        self, x: Any, t: Any, v: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> np.ndarray:
        """∂²E/∂theta² v: the change of `gradient` when theta changes by v, exact; other arguments as there."""
        v = self._like("v", v, self.theta.shape)
        x, t, weight = self._batch(x, t, sample_weight, step)
        return self.evaluator.hvp(x, t, v, weight, training, step)

    def trace(
        self, x: Any, t: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> Trace:
        """The whole pass of `gradient` as data: every z, a, f′, delta, d_w, d_b.

        Print it to see the four equations at work; see `deltaprop.Trace`.
        """
        x, t, weight = self._batch(x, t, sample_weight, step)
        x, t = batching.take(x, slice(None), self.dtype), self.loss.rows(t, self.outputs, self.dtype)
        return module("trace").trace(self, x, t, weight, training, step)

    # -- initial weights from data ----

    def initialize_from_data(self, x: Any) -> None:
        """Adapt initial weights to inputs x of shape (n, inputs), a layer after the other, by the network's seed.

        It changes the parameters of layers with data-driven initializers, such as
        ``Dense(64, init="unit_variance", bias_init="through_data")``; each sees what the layers before make of at most
        4096 of the samples.

        Examples
        --------
        >>> import numpy as np
        >>> from deltaprop import Dense, Network
        >>> x = np.random.default_rng(0).normal(5, 3, (100, 4))
        >>> net = Network([Dense(3, init="unit_variance", bias_init="through_data")], inputs=4)
        >>> net.initialize_from_data(x)
        >>> print(net.forward(x).std(axis=0).round(3))
        [1. 1. 1.]
        """
        x, rng = self._samples(x), np.random.default_rng(seeds.stream(self.seed, "data"))
        n = x.shape[0]
        if n == 0:
            raise InputError("Network: x has no samples, expected at least one; check the selection.")
        rows = slice(None) if n <= batching.CHUNK else np.sort(rng.choice(n, batching.CHUNK, replace=False))
        chain.initialize_from_data(self.layers, batching.take(x, rows, self.dtype), rng)

    # -- copies ----

    def copy(self) -> Network:
        """A network of its own with the same configuration, parameters and statistics."""
        return self.astype(self.dtype)

    def astype(self, dtype: Any) -> Network:
        """A copy that computes in ``"float32"`` or ``"float64"``."""
        other = Network.__new__(type(self))
        other.__setstate__(self.__getstate__() | {"dtype": _as_dtype(dtype)})
        return other

    def __getstate__(self) -> dict:
        names = ("config", "inputs", "loss", "penalty", "seed", "dtype")
        state = {name: getattr(self, name) for name in names}
        return state | {"theta": self.theta.copy(), "buffers": self.buffers.copy()}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update({name: state[name] for name in ("config", "inputs", "seed", "dtype")})
        self._loss, self._penalty = state["loss"], state["penalty"]
        self._allocate()
        self._theta[...], self._buffers[...] = state["theta"], state["buffers"]

    # -- one batch in NumPy, from checked arrays: what the evaluator, the NumPy engine and `trace` call ----

    def new_cache(self, training: bool = False, step: int = 0) -> list[Cache]:
        """A fresh cache for one pass."""
        return chain.new_cache(self.layers, training, self.dropout_seed, step)

    def run_forward(self, x: np.ndarray, cache: list[Cache] | None = None) -> np.ndarray:
        """x (n, inputs) of the network's dtype → z (n, outputs)."""
        return chain.forward(self.layers, x, self.new_cache() if cache is None else cache)

    def backpropagate(
        self,
        x: np.ndarray,
        t: np.ndarray,
        sample_weight: np.ndarray | None,
        grad: np.ndarray,
        step: int = 0,
        training: bool = True,
    ) -> tuple[float, list[Cache]]:
        """One pass forward and one backward: the value returned, ∂E/∂theta written into `grad`.

        delta at the output comes from the loss; each sample's share of the mean is multiplied in there, so that every
        layer below simply sums.
        """
        cache = self.new_cache(training, step)
        z = self.run_forward(x, cache)
        delta = self.loss.delta(z, t) * batching.shares(z, sample_weight)
        chain.backward(self.layers, cache, delta, self.views(grad))
        return self.loss.weighted_mean(z, t, sample_weight) + self.penalize(grad), cache

    def mean_loss(self, z: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
        """E from z (n, outputs) and encoded targets: the weighted mean of the loss, plus the penalty."""
        rows = self.loss.rows(t, self.outputs, self.dtype)
        return self.loss.weighted_mean(z, rows, sample_weight) + self.penalize()

    def penalty_curvature(self, v: np.ndarray) -> np.ndarray:
        """∂²P/∂theta² v of the penalty P."""
        product = np.zeros_like(v)
        for block, penalty in self.penalties():
            product[block.slice] = penalty.curvature(self.theta[block.slice], v[block.slice])
        return product

    def update_running_stats(self, cache: list[Cache]) -> None:
        """Take the batch of a training step into the running statistics."""
        chain.update_running_stats(self.layers, cache)

    def encode(self, t: Any) -> np.ndarray:
        """Targets, checked: class labels (n,), or rows (n, outputs)."""
        return self.loss.encode(t, self.outputs, self.dtype)

    def penalize(self, grad: np.ndarray | None = None) -> float:
        """The penalty's value; its gradient is added to `grad`."""
        value = 0.0
        for block, penalty in self.penalties():
            w = self.theta[block.slice]
            value += penalty.value(w)
            if grad is not None:
                grad[block.slice] += penalty.gradient(w)
        return value

    def penalties(self) -> list[tuple[Block, Penalty]]:
        """The blocks of theta on which the penalty acts, and what it is for each."""
        if self.penalty is None:
            return []
        blocks = [block for block in self.layout if block.penalized]
        return [(block, self.penalty.of(i)) for i, block in enumerate(blocks)]

    # -- the boundary ----

    def _batch(
        self, x: Any, t: Any, sample_weight: Any = None, step: int = 0
    ) -> tuple[Any, np.ndarray, np.ndarray | None]:
        _check_step(step)
        return batching.batch("Network", self, x, t, sample_weight)

    def _samples(self, x: Any, step: int = 0) -> Any:
        _check_step(step)
        return batching.samples("Network", x, self.inputs, self.dtype)

    def _like(self, name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
        array = errors.finite("Network", name, errors.numeric("Network", name, value), self.dtype)
        if array.shape != shape:
            raise InputError(
                f"Network: {name} has shape {array.shape}, expected {shape}; give it that shape."
            )
        return np.ascontiguousarray(array, self.dtype)


def _check_step(step: int) -> None:
    errors.number("Network", "step", step, low=0, integer=True)


def _as_dtype(value: Any) -> np.dtype:
    name = getattr(value, "__name__", str(value) if isinstance(value, (str, np.dtype)) else None)
    if name not in ("float32", "float64"):
        got = f"dtype is {errors.short(value)}"
        raise InputError(f"Network: {got}, expected float32 or float64; choose one of them.")
    return np.dtype(name)
