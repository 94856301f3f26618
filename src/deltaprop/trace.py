"""One pass of backpropagation as data, and in words: the four equations with their numbers filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .errors import InputError
from .layers import Activation, Cache, Layer, Softmax, View

if TYPE_CHECKING:
    from .functions.losses import Loss
    from .functions.penalties import Penalty
    from .network import Network

SHOWN = 4  #: units, inputs and samples that are written out; the rest is an ellipsis


@dataclass(frozen=True)
class LayerTrace:
    """What passed through one layer, forward and backward. n samples; arrays are rows of samples.

    A layer and the activation that follows it belong together, as in the books: z is the layer's output, a what the
    activation makes of it.

    Attributes
    ----------
    name : str
        The layer's position in the network, ``"0"``, or ``"3.1"`` inside a residual layer.
    layer : Layer
    x : ndarray of shape (n, d_in)
        What came in.
    z, a, f_prime : ndarray of shape (n, d_out)
        Pre-activation, activation, f′(z). Without an activation a = z and f′ = 1; `f_prime` is None behind softmax,
        whose Jacobian is no vector.
    delta : ndarray of shape (n, d_out)
        ∂E/∂z of each sample: n times its part of the mean's gradient, so that d_w = deltaᵀ x / n.
    d_a : ndarray of shape (n, d_out)
        ∂E/∂a of each sample.
    gradient : dict of str to ndarray
        ∂E/∂parameter by name, averaged over the samples, penalty included.
    d_penalty : ndarray of w's shape, or 0
        The penalty's part of d_w.
    inside : tuple of LayerTrace
        The layers that this one wraps.
    """

    name: str
    layer: Layer
    view: View
    x: np.ndarray
    z: np.ndarray
    a: np.ndarray
    f_prime: np.ndarray | None
    delta: np.ndarray
    d_a: np.ndarray
    gradient: dict[str, np.ndarray]
    d_penalty: np.ndarray | float = 0.0
    inside: tuple[LayerTrace, ...] = ()

    @property
    def d_w(self) -> np.ndarray:
        """∂E/∂w = deltaᵀ x / n, and the penalty's gradient."""
        return self.gradient["w"]

    @property
    def d_b(self) -> np.ndarray:
        """∂E/∂b = mean of delta."""
        return self.gradient["b"]


@dataclass(frozen=True)
class Responsibility:
    """The chain of one weight: ∂E/∂w[i, j] = mean over samples of ∂E/∂a_i · ∂a_i/∂z_i · ∂z_i/∂w[i, j].

    Attributes
    ----------
    d_a, f_prime, x : ndarray of shape (n,)
        The three factors, sample by sample; ∂z_i/∂w[i, j] is the input x_j.
    penalty : float
        The penalty's gradient, which is added to their mean.
    """

    name: str
    i: int
    j: int
    d_a: np.ndarray
    f_prime: np.ndarray
    x: np.ndarray
    penalty: float = 0.0

    @property
    def value(self) -> float:
        """∂E/∂w[i, j]."""
        return float((self.d_a * self.f_prime * self.x).mean()) + self.penalty

    @property
    def slow_because(self) -> list[str]:
        """Why this weight learns slowly, if it does."""
        rms = {
            k: float(np.sqrt(np.mean(np.square(v))))
            for k, v in vars(self).items()
            if isinstance(v, np.ndarray)
        }
        reasons = []
        if rms["x"] < 0.01:
            reasons.append("its input activation is near 0")
        if rms["f_prime"] < 0.05:
            reasons.append("its unit is saturated or off (f′ near 0)")
        if rms["d_a"] < 0.001:
            reasons.append("the deltas above have vanished")
        return reasons

    def __str__(self) -> str:
        i, j = self.i, self.j
        lines = [f"layer {self.name}: ∂E/∂w[{i},{j}] = ∂E/∂a_{i} · ∂a_{i}/∂z_{i} · ∂z_{i}/∂w[{i},{j}]"]
        for r, (d_a, f_prime, x) in enumerate(zip(self.d_a[:SHOWN], self.f_prime, self.x, strict=False)):
            lines.append(
                f"  sample {r}:  {_n(d_a)} · {_factor(f_prime)} · {_factor(x)} = {_n(d_a * f_prime * x)}"
            )
        if len(self.x) > SHOWN:
            lines.append(f"  … {len(self.x) - SHOWN} more samples")
        if self.penalty:
            lines.append(f"  the penalty adds {_n(self.penalty)}")
        if len(self.x) > 1 or self.penalty:
            lines.append(f"  mean = {_n(self.value)}" if not self.penalty else f"  together {_n(self.value)}")
        lines += [f"  learns slowly: {reason}" for reason in self.slow_because]
        return "\n".join(lines)


@dataclass(frozen=True)
class Trace:
    """A whole pass, layer by layer; `print` writes it as the four equations with their numbers.

    Attributes
    ----------
    value : float
        E, penalty included.
    layers : tuple of LayerTrace
        One for each of the network's layers, in order: ``trace.layers[0]`` belongs to ``net.layers[0]``.
    grad : ndarray
        ∂E/∂theta, penalty included, as `Network.gradient` returns it.
    loss : Loss
    y, t : ndarray of shape (n, outputs)
        The loss's output map of the last z, and the targets.

    Source: Nielsen, *Neural Networks and Deep Learning*, ch. 2, BP1–BP4.

    Examples
    --------
    >>> from deltaprop import Network, Dense
    >>> net = Network([Dense(1)], inputs=2)
    >>> net.layers[0].w = [[0.5, 1.0]]
    >>> print(net.trace([[1.0, 2.0]], [1.0]))
    E = 1.125, the mean over 1 sample; shown: sample 0
    layer 0: Dense(units=1)
      forward      z = x wᵀ + b
          z_0 = 1·0.5 + 2·1 + 0 = 2.5
      BP1          delta = ∂E/∂z by SquaredError()
          y = 2.5, t = 1
          delta = 1.5
      BP3          d_b = mean of delta
          d_b = 1.5
      BP4          d_w = deltaᵀ x / n
          d_w[0,0] = 1.5·1 = 1.5
          d_w[0,1] = 1.5·2 = 3
    """

    value: float
    layers: tuple[LayerTrace, ...]
    grad: np.ndarray
    loss: Loss
    y: np.ndarray
    t: np.ndarray

    def responsibility(self, layer: int | str, i: int, j: int) -> Responsibility:
        """The chain of the weight ``net.layers[layer].w[i, j]``: to unit i from input j.

        A layer inside a residual one goes by its name, such as ``"2.0"``.
        """
        weighted = {r.name: r for r in _flat(self.layers) if "w" in r.gradient and r.f_prime is not None}
        if not isinstance(layer, str) and -len(self.layers) <= layer < 0:
            layer += len(self.layers)
        if str(layer) not in weighted:
            wanted = f"a layer with weights and an elementwise activation: {', '.join(weighted) or 'there is none'}"
            raise InputError(f"Trace: layer is {layer!r}, expected {wanted}; count as net.layers does.")
        it = weighted[str(layer)]
        for name, index, size in (("i", i, it.d_w.shape[0]), ("j", j, it.d_w.shape[1])):
            if not 0 <= index < size:
                raise InputError(
                    f"Trace: {name} is {index}, expected 0 … {size - 1}; look at the shape of w."
                )
        penalty = float(np.broadcast_to(it.d_penalty, it.d_w.shape)[i, j])
        return Responsibility(it.name, i, j, it.d_a[:, i], it.f_prime[:, i], it.x[:, j], penalty)

    def __str__(self) -> str:
        return self.show(0)

    def show(self, sample: int) -> str:
        """The four equations with the numbers of one sample."""
        n = len(self.layers[0].x) if self.layers else 1
        if not 0 <= sample < n:
            raise InputError(
                f"Trace: sample is {sample}, expected 0 … {n - 1}; choose one of the traced samples."
            )
        lines = [f"E = {_n(self.value)}, the mean over {n} sample{'s' * (n != 1)}; shown: sample {sample}"]
        for record, following in _with_next(self.layers):
            lines += _describe(record, following, sample, self)
        return "\n".join(lines)


def _flat(records: Sequence[LayerTrace]) -> list[LayerTrace]:
    """All layers, depth first."""
    return [record for outer in records for record in (outer, *_flat(outer.inside))]


def trace(
    network: Network, x: np.ndarray, t: np.ndarray, weight: np.ndarray | None, training: bool, step: int
) -> Trace:
    """Run `network.backpropagate` and keep everything it computed; arrays are trusted."""
    grad = np.empty_like(network.theta)
    value, caches = network.backpropagate(x, t, weight, grad, step, training)
    y = network.loss.predict(caches[-1].output if caches else x)
    records = _records(network.layers, caches, network.views(grad), len(x), network.penalty)
    return Trace(value, records, grad, network.loss, y, t)


def _records(
    views: Sequence[View],
    caches: Sequence[Cache],
    grads: Sequence[View],
    n: int,
    penalty: Penalty | None,
    prefix: str = "",
) -> tuple[LayerTrace, ...]:
    records = []
    for position, (p, cache, grad) in enumerate(zip(views, caches, grads, strict=True)):
        is_activation = isinstance(p.layer, (Activation, Softmax))
        after = position if is_activation else position + 1  # where this layer's activation stands
        a, f_prime, d_a = cache.output, np.ones_like(cache.output), n * cache.d_output
        z, delta = cache.output, n * cache.d_output
        if after < len(views) and isinstance(views[after].layer, (Activation, Softmax)):
            follower = caches[after]
            z, a, d_a = follower.input, follower.output, n * follower.d_output
            function = views[after].layer
            f_prime = function.function.df(z, a) if isinstance(function, Activation) else None
            if is_activation:
                delta = function.backward(p, cache, d_a, grad)
        name = f"{prefix}{position}"
        inside = _records(p.inside, cache.inside, grad.inside, n, penalty, prefix=f"{name}.")
        d_penalty = penalty.gradient(p.w) if penalty is not None and "w" in p.arrays else 0.0
        passed = (cache.input, z, a, f_prime, delta, d_a, grad.arrays)
        records.append(LayerTrace(name, p.layer, p, *passed, d_penalty, inside))
    return tuple(records)


# -- in words --------------------------------------------------------------------------------------------------


def _with_next(records: Sequence[LayerTrace]) -> list[tuple[LayerTrace, LayerTrace | None]]:
    """Each layer that is no activation, with the one that its delta comes from (None: the loss)."""
    stages = [r for r in records if not isinstance(r.layer, (Activation, Softmax))]
    return list(zip(stages, [*stages[1:], None], strict=False))


def _describe(record: LayerTrace, following: LayerTrace | None, s: int, whole: Trace) -> list[str]:
    """One layer's equations with the numbers of sample s."""
    activated = record.f_prime is None or record.a is not record.z
    lines = [f"layer {record.name}: {record.layer}"]
    lines += _forward(record, s)
    if activated:
        lines += ["  activation   a = f(z)", f"      a = {_row(record.a[s])}"]
        if record.f_prime is not None:
            lines.append(f"      f′(z) = {_row(record.f_prime[s])}")
    lines += _delta(record, following, s, whole)
    if "b" in record.gradient:
        lines += ["  BP3          d_b = mean of delta", f"      d_b = {_row(record.d_b)}"]
    if "w" in record.gradient:
        penalty = " + ∂penalty/∂w" if isinstance(record.d_penalty, np.ndarray) else ""
        lines += [f"  BP4          d_w = deltaᵀ x / n{penalty}", *_weight_gradients(record, s)]
    for inner, next_inner in _with_next(record.inside):
        after = next_inner if next_inner is not None else record
        lines += ["    " + line for line in _describe(inner, after, s, whole)]
    return lines


def _forward(record: LayerTrace, s: int) -> list[str]:
    if "w" not in record.gradient:
        return ["  forward", f"      z = {_row(record.z[s])}"]
    p, x, z = record.view, record.x[s], record.z[s]
    lines = ["  forward      z = x wᵀ + b"]
    for i in range(min(SHOWN, len(z))):
        terms = _sum(x, p.w[i])
        bias = f" + {_factor(p.b[i])}" if "b" in record.gradient else ""
        lines.append(f"      z_{i} = {terms}{bias} = {_n(z[i])}")
    return lines + _more(len(z), "units")


def _delta(record: LayerTrace, following: LayerTrace | None, s: int, whole: Trace) -> list[str]:
    """BP1 at the output, BP2 below it."""
    delta = record.delta[s]
    activated = record.a is not record.z
    if following is None:
        output = [f"      y = {_row(whole.y[s])}, t = {_row(whole.t[s])}"]
        if not activated:
            return [f"  BP1          delta = ∂E/∂z by {whole.loss}", *output, f"      delta = {_row(delta)}"]
        output += [f"      ∂E/∂a = {_row(record.d_a[s])}", f"      delta = {_row(delta)}"]
        rule = "∂E/∂a ⊙ f′(z)" if record.f_prime is not None else "(∂a/∂z)ᵀ ∂E/∂a"
        return [f"  BP1          delta = {rule}, ∂E/∂a by {whole.loss}", *output]
    if "w" not in following.gradient or following.x is not record.a or record.f_prime is None:
        return [
            "  BP2          delta = ∂E/∂z, handed down by the layers above",
            f"      delta = {_row(delta)}",
        ]
    lines = ["  BP2          delta = (delta_above w_above) ⊙ f′(z)"]
    above, w = following.delta[s], following.view.w
    for i in range(min(SHOWN, len(delta))):
        product = f"({_sum(above, w[:, i])}) · {_factor(record.f_prime[s, i])}"
        lines += [f"      delta_{i} = {product} = {_n(delta[i])}"]
    return lines + _more(len(delta), "units")


def _weight_gradients(record: LayerTrace, s: int) -> list[str]:
    n, (units, inputs) = len(record.x), record.d_w.shape
    penalized = isinstance(record.d_penalty, np.ndarray)
    lines = []
    for i in range(min(SHOWN, units)):
        for j in range(min(SHOWN, inputs)):
            product = f"{_n(record.delta[s, i])}·{_factor(record.x[s, j])}"
            chain_of = product if n == 1 else f"mean of {product} and {n - 1} more"
            if penalized:
                chain_of += f" + {_factor(record.d_penalty[i, j])}"
            lines.append(f"      d_w[{i},{j}] = {chain_of} = {_n(record.d_w[i, j])}")
    hidden = units * inputs - min(SHOWN, units) * min(SHOWN, inputs)
    return lines + ([f"      … {hidden} more weights"] if hidden else [])


def _sum(left: np.ndarray, right: np.ndarray) -> str:
    terms = " + ".join(f"{_n(a)}·{_factor(b)}" for a, b in zip(left[:SHOWN], right[:SHOWN], strict=True))
    return terms + (" + …" if len(left) > SHOWN else "")


def _row(values: np.ndarray) -> str:
    return "  ".join(_n(v) for v in values[: 2 * SHOWN]) + ("  …" if len(values) > 2 * SHOWN else "")


def _more(count: int, what: str) -> list[str]:
    return [f"      … {count - SHOWN} more {what}"] if count > SHOWN else []


def _n(value: float) -> str:
    """A number as a person would write it."""
    return f"{float(value) + 0.0:.4g}"  # + 0: no minus before a zero


def _factor(value: float) -> str:
    """A number as the second factor of a product."""
    return f"({_n(value)})" if value < 0 else _n(value)
