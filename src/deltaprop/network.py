"""The network: layers in a row over one flat theta, and everything backpropagation computes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import batching, errors, seeds
from .functions.losses import as_loss
from .functions.penalties import Penalty
from .layers import Cache, View, as_layers, chain
from .layout import Layout

if TYPE_CHECKING:
    import onnx
    import torch

    from .trace import Trace
    from .training.history import History
    from .training.lr_find import LearningRateSearch


class Network:
    """A multilayer network: E(theta) = mean over samples of loss(z(x), t), plus a penalty on the weights.

    All parameters live in one contiguous vector `theta`; each layer's ``w`` and ``b`` are views of it, and every
    gradient and direction has its layout.

    Parameters
    ----------
    layers : sequence of Layer or str
        The layers in a row; the name of an activation (``"relu"``) stands for that layer.
    inputs : int
        Number of inputs of a sample.
    loss : str or Loss
        Owns the output map: softmax, sigmoid and so on belong to the loss, not to the list of layers.
    penalty : Penalty, optional
        L1 and L2 penalties on the weights ``w``; part of the reported value and of the gradient.
    seed : int
        Seed of the initial weights, the order of samples and dropout, each in a stream of its own.
    dtype : {"float32", "float64"}
        Of theta and of every computation. Inputs are converted to it at the boundary.

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
    ):
        errors.number("Network", "inputs", inputs, low=1, integer=True)
        errors.number("Network", "seed", seed, low=0, integer=True)
        if penalty is not None and not isinstance(penalty, Penalty):
            raise errors.InputError(
                f"Network: penalty is {penalty!r}, expected a Penalty; for example Penalty(l2=1e-4)."
            )
        if str(dtype) not in ("float32", "float64") and dtype not in (np.float32, np.float64):
            raise errors.InputError(
                f"Network: dtype is {dtype!r}, expected float32 or float64; choose one of the two."
            )
        self.config = as_layers("Network", layers)
        self.inputs = int(inputs)
        self.loss = as_loss(loss)
        self.penalty = penalty
        self.dtype = np.dtype(dtype)
        self.seed = seed
        streams = seeds.streams(seed)
        self._lay_out()
        chain.initialize(self.layers, np.random.default_rng(streams.weights))

    def _lay_out(self) -> None:
        """Make the flat vectors and the views that belong to the configuration."""
        self.dropout_seed = seeds.key(seeds.streams(self.seed).dropout)
        self.outputs = chain.width(self.config, self.inputs)
        self._layout = Layout(self.config, self.inputs)
        self._theta = _aligned_zeros(self._layout.size, self.dtype)
        self._buffers = np.zeros(self._layout.buffers_size, self.dtype)
        self.layers = self._layout.views(self._theta, self._buffers)
        self._evaluation: Any = None  # the compiled core's, once looked for

    # -- what the network is ----

    @property
    def theta(self) -> np.ndarray:
        """All parameters, one vector."""
        return self._theta

    @theta.setter
    def theta(self, value: Any) -> None:
        self._theta[...] = self._vector("theta", value)

    @property
    def buffers(self) -> np.ndarray:
        """Running statistics of all layers, one vector."""
        return self._buffers

    @property
    def layout(self):
        """The pieces of theta: a tuple of `Block`."""
        return self._layout.parameters

    @property
    def buffer_layout(self):
        """The pieces of the vector of buffers: a tuple of `Block`."""
        return self._layout.buffers

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
        rows = []
        for node in self._layout.nodes():
            name = "  " * node.name.count(".") + str(node.layer)
            count = sum(block.size for block in node.parameters) or ""
            rows.append((name, node.layer.width(node.inputs), count))
        rows.append((str(self.loss), self.outputs, self.theta.size))
        width = max(30, *(len(name) for name, _, _ in rows))
        head = f"{'layer':<{width}} {'outputs':>7}  {'parameters':>10}"
        return "\n".join(
            [head, *(f"{name:<{width}} {d:>7}  {count:>10}".rstrip() for name, d, count in rows)]
        )

    # -- forward ----

    def forward(self, x: Any, training: bool = False, step: int = 0) -> np.ndarray:
        """The outputs' pre-activations z, shape (n, outputs), for inputs x of shape (n, inputs)."""
        _check_step(step)
        if not training:
            return self._infer(x, mapped=False)
        x = self._samples(x)  # as a whole: batch normalization needs that
        if x.shape[0] == 0:
            return np.empty((0, self.outputs), self.dtype)
        return self.run_forward(batching.take(x, slice(None), self.dtype), self.new_cache(True, step))

    def predict(self, x: Any) -> np.ndarray:
        """The loss's output map of z: probabilities for the cross-entropies, values otherwise; (n, outputs)."""
        return self._infer(x, mapped=True)

    def predict_labels(self, x: Any) -> np.ndarray:
        """Class labels, shape (n,)."""
        return self.loss.labels(self.forward(x))

    def value(
        self, x: Any, t: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> float:
        """E: the weighted mean of the loss over the samples, plus the penalty."""
        x, t, weight = self._batch(x, t, sample_weight)
        return self.mean_loss(self.forward(x, training, step), t, weight)

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
        sample_weight : array of shape (n,), optional
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
        _check_step(step)
        x, t, weight = self._batch(x, t, sample_weight)
        grad = np.empty_like(self.theta)
        x = batching.take(x, slice(None), self.dtype)
        value, _ = self.backpropagate(x, self._rows(t), weight, grad, step, training)
        return value, grad

    def jvp(self, x: Any, d_theta: Any, d_x: Any = None, training: bool = False, step: int = 0) -> np.ndarray:
        """The change of z, (n, outputs), when theta changes by `d_theta` and x by `d_x` (forward mode)."""
        _check_step(step)
        x = batching.take(self._samples(x), slice(None), self.dtype)
        d_x = np.zeros_like(x) if d_x is None else self._like("d_x", d_x, x.shape)
        d_views = self.views(self._vector("d_theta", d_theta))
        cache = self.new_cache(training, step)
        self.run_forward(x, cache)
        return chain.jvp(self.layers, d_views, cache, d_x)

    def vjp(self, x: Any, d_z: Any, training: bool = False, step: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """∂(Σ d_z ⊙ z)/∂theta and ∂(Σ d_z ⊙ z)/∂x for given d_z of shape (n, outputs) (reverse mode)."""
        _check_step(step)
        x = batching.take(self._samples(x), slice(None), self.dtype)
        d_z = self._like("d_z", d_z, (len(x), self.outputs))
        cache = self.new_cache(training, step)
        self.run_forward(x, cache)
        grad = np.empty_like(self.theta)
        return grad, chain.backward(self.layers, cache, d_z, self.views(grad))

    def trace(
        self, x: Any, t: Any, sample_weight: Any = None, training: bool = False, step: int = 0
    ) -> Trace:
        """The whole pass of `gradient` as data: every z, a, f′, delta, d_w, d_b.

        Print it to see the four equations at work; see `deltaprop.Trace`.
        """
        _check_step(step)
        from .trace import trace

        x, t, weight = self._batch(x, t, sample_weight)
        return trace(self, batching.take(x, slice(None), self.dtype), self._rows(t), weight, training, step)

    # -- training and files ----

    def fit(self, x: Any, t: Any, **options: Any) -> History:
        """Train from where the weights are; see `deltaprop.training.fit` for the options."""
        from .training import fit

        return fit(self, x, t, **options)

    def lr_find(self, x: Any, t: Any, **options: Any) -> LearningRateSearch:
        """Suggest a learning rate, without changing the network; see `deltaprop.training.lr_find`."""
        from .training.lr_find import lr_find

        return lr_find(self, x, t, **options)

    def save(self, path: str | Path, extra: dict | None = None) -> None:
        """Write weights and architecture to one safetensors file, atomically; `extra` is any JSON to keep with it."""
        from .model_file import write

        write(path, self, extra)

    @staticmethod
    def load(path: str | Path, own: Iterable[type] = ()) -> Network:
        """Read a network that `save` wrote; `own` are layers, activations and losses of your own that it may name.

        Loading never runs code from the file.
        """
        from .model_file import read

        return read(path, tuple(own))[0]

    def to_torch(self, output_map: bool = False) -> torch.nn.Sequential:
        """This network as a PyTorch model that computes the same; see `deltaprop.interop.to_torch`."""
        from .interop import to_torch

        return to_torch(self, output_map)

    @staticmethod
    def from_torch(model: torch.nn.Sequential, inputs: int | None = None, **options: Any) -> Network:
        """The network that computes what a PyTorch model computes; see `deltaprop.interop.from_torch`."""
        from .interop import from_torch

        return from_torch(model, inputs, **options)

    def to_onnx(self, path: str | Path | None = None, output_map: bool = True) -> onnx.ModelProto:
        """This network's inference as an ONNX model; see `deltaprop.interop.to_onnx`."""
        from .interop import to_onnx

        return to_onnx(self, path, output_map)

    def copy(self) -> Network:
        """A network of its own with the same configuration, parameters and statistics."""
        other = Network.__new__(type(self))
        other.__setstate__(self.__getstate__())
        return other

    def __getstate__(self) -> dict:
        names = ("config", "inputs", "loss", "penalty", "seed", "dtype")
        state = {name: getattr(self, name) for name in names}
        return state | {"theta": self.theta.copy(), "buffers": self.buffers.copy()}

    def __setstate__(self, state: dict) -> None:
        theta, buffers = state["theta"], state["buffers"]
        self.__dict__.update({k: v for k, v in state.items() if k not in ("theta", "buffers")})
        self._lay_out()
        self._theta[...] = theta
        self._buffers[...] = buffers

    # -- behind the boundary: what engines and solvers call; arrays are trusted ----

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
        delta = self.loss.delta(z, t)
        chain.backward(
            self.layers, cache, delta * _share(len(x), sample_weight, self.dtype), self.views(grad)
        )
        return self._mean(self.loss.value(z, t), sample_weight) + self._penalty(grad), cache

    def mean_loss(self, z: np.ndarray, t: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
        """E from z (n, outputs) and encoded targets: the weighted mean of the loss, plus the penalty."""
        return self._mean(self.loss.value(z, self._rows(t)), sample_weight) + self._penalty()

    def update_running_stats(self, cache: list[Cache]) -> None:
        """Take the batch of a training step into the running statistics."""
        chain.update_running_stats(self.layers, cache)

    def _infer(self, x: Any, mapped: bool) -> np.ndarray:
        """z outside training, or its output map: by the compiled core if that knows every part, otherwise in pieces."""
        evaluation = self._evaluation
        if evaluation is None:
            from .engines import evaluation_of

            evaluation = self._evaluation = evaluation_of(self) or False
        if evaluation:
            y = evaluation.at_once(x, mapped)
            return evaluation.forward(self._samples(x), mapped) if y is None else y
        x = self._samples(x)
        z = np.empty((x.shape[0], self.outputs), self.dtype)
        for start in range(0, x.shape[0], batching.CHUNK):
            rows = slice(start, start + batching.CHUNK)
            z[rows] = self.run_forward(batching.take(x, rows, self.dtype))
        return self.loss.predict(z) if mapped else z

    def encode(self, t: Any) -> np.ndarray:
        """Targets, checked: class labels (n,), or rows (n, outputs)."""
        return self.loss.encode(t, self.outputs, self.dtype)

    def _rows(self, t: np.ndarray) -> np.ndarray:
        return self.loss.rows(t, self.outputs, self.dtype)

    def _penalty(self, grad: np.ndarray | None = None) -> float:
        """The penalty's value; its gradient is added to `grad`."""
        if self.penalty is None:
            return 0.0
        value = 0.0
        for block in self.layout:
            if block.decays:
                w = self.theta[block.slice]
                value += self.penalty.value(w)
                if grad is not None:
                    grad[block.slice] += self.penalty.gradient(w)
        return value

    @staticmethod
    def _mean(values: np.ndarray, weight: np.ndarray | None) -> float:
        if weight is None:
            return float(values.mean(dtype=np.float64))
        total = weight.sum()
        return float(values @ weight / total) if total > 0 else 0.0

    # -- the boundary ----

    def _batch(self, x: Any, t: Any, sample_weight: Any) -> tuple[Any, np.ndarray, np.ndarray | None]:
        """x, t and weights checked against the network and each other."""
        x = self._samples(x)
        t = self.encode(t)
        n = x.shape[0]
        if n == 0:
            raise errors.InputError(
                "Network: x has no samples, expected at least one; a mean over nothing is not defined."
            )
        if len(t) != n:
            raise errors.InputError(
                f"Network: t has {len(t)} samples, expected {n}, as x has; give each sample its target."
            )
        return x, t, None if sample_weight is None else errors.weights("Network", sample_weight, n)

    def _samples(self, x: Any) -> Any:
        return batching.samples("Network", x, self.inputs, self.dtype)

    def _vector(self, name: str, value: Any) -> np.ndarray:
        return self._like(name, value, self.theta.shape)

    def _like(self, name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
        array = errors.finite("Network", name, errors.numeric("Network", name, value))
        errors.representable("Network", name, array, self.dtype)
        if array.shape != shape:
            raise errors.InputError(
                f"Network: {name} has shape {array.shape}, expected {shape!s}; give it that shape."
            )
        return array.astype(self.dtype, copy=False)


def _check_step(step: int) -> None:
    errors.number("Network", "step", step, low=0, integer=True)


def _share(n: int, weight: np.ndarray | None, dtype: np.dtype) -> Any:
    """What each sample counts in the mean: 1/n, or weight / Σ weight as a column."""
    if weight is None:
        return dtype.type(1 / n)
    total = weight.sum()
    return (weight / total if total > 0 else weight).astype(dtype)[:, None]


def _aligned_zeros(size: int, dtype: np.dtype) -> np.ndarray:
    """Zeros from the beginning of a cache line on: one sample's forward pass takes as long as reading theta does."""
    line = 64  # bytes
    room = np.zeros(size * dtype.itemsize + line, np.uint8)
    start = -room.__array_interface__["data"][0] % line
    return room[start : start + size * dtype.itemsize].view(dtype)
