"""One pass of backpropagation as data, and in print: the four equations with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, number, short
from .layers import Cache, Layer, Softmax, View
from .layers.activation import ActivationLayer

if TYPE_CHECKING:
    from .functions.losses import Loss
    from .functions.penalties import Penalty
    from .network import Network

SHOWN = 4  #: units, inputs and samples that are printed; an ellipsis stands for the rest
ACTIVATION_LAYERS = (ActivationLayer, Softmax)


@dataclass(frozen=True)
class LayerTrace:
    """The forward and backward pass through one layer, n samples in rows.

    The activation that follows a layer is shown with it, as in textbooks: z is the layer's output, a = f(z). E is the
    mean of the losses e of the samples (times n · weight / Σ weight, where they are weighted), plus the penalty.

    Attributes
    ----------
    name : str
        The layer's position in the network: ``"0"``, or ``"3.1"`` inside a residual layer.
    layer : Layer
    view : View
        The layer's parameters.
    x : ndarray of shape (n, d_in)
        Input.
    z, a, f_prime : ndarray of shape (n, d_out)
        Pre-activation, activation, f′(z). Without an activation a = z and f′ = 1; `f_prime` is None before softmax,
        whose Jacobian is not diagonal.
    delta, d_a : ndarray of shape (n, d_out)
        ∂e/∂z and ∂e/∂a, so that d_w = deltaᵀ x / n.
    gradient : dict of str to ndarray
        ∂E/∂parameter by name.
    d_penalty : ndarray of w's shape, or None
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
    d_penalty: np.ndarray | None = None
    inside: tuple[LayerTrace, ...] = ()

    @property
    def d_w(self) -> np.ndarray:
        """∂E/∂w = deltaᵀ x / n, plus the penalty's gradient."""
        return self.gradient["w"]

    @property
    def d_b(self) -> np.ndarray:
        """∂E/∂b = mean of delta."""
        return self.gradient["b"]


@dataclass(frozen=True)
class Responsibility:
    """The chain rule for one weight: ∂E/∂w[i, j] = mean over samples of ∂e/∂a_i · ∂a_i/∂z_i · ∂z_i/∂w[i, j].

    Attributes
    ----------
    d_a, f_prime, x : ndarray of shape (n,)
        The three factors of each sample; ∂z_i/∂w[i, j] is the input x_j.
    penalty : float
        The penalty's gradient, which is added to the mean.
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
        """Why this weight learns slowly, if it does: the factors whose root mean square is small."""
        limits = (
            (self.x, 0.01, "its input activation is near 0"),
            (self.f_prime, 0.05, "its unit is saturated or off (f′ near 0)"),
            (self.d_a, 0.001, "the deltas above have vanished"),
        )
        return [reason for factor, limit, reason in limits if np.sqrt(np.mean(np.square(factor))) < limit]

    def __str__(self) -> str:
        i, j = self.i, self.j
        factors = f"∂e/∂a_{i} · ∂a_{i}/∂z_{i} · ∂z_{i}/∂w[{i},{j}]"
        lines = [f"layer {self.name}: ∂E/∂w[{i},{j}] = mean of {factors}"]
        for r, (d_a, f_prime, x) in enumerate(zip(self.d_a[:SHOWN], self.f_prime, self.x, strict=False)):
            product = f"{_n(d_a)} · {_factor(f_prime)} · {_factor(x)} = {_n(d_a * f_prime * x)}"
            lines.append(f"  sample {r}:  {product}")
        lines += _more(len(self.x), "samples", indent=2)
        if self.penalty:
            lines += [f"  penalty: {_n(self.penalty)}", f"  mean + penalty = {_n(self.value)}"]
        elif len(self.x) > 1:
            lines.append(f"  mean = {_n(self.value)}")
        return "\n".join(lines + [f"  learns slowly: {reason}" for reason in self.slow_because])


@dataclass(frozen=True)
class Trace:
    """A whole pass, layer by layer; printed, it is the four equations with their numbers.

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
        The output map of the last z, and the targets.

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
      BP1          delta = ∂e/∂z by SquaredError()
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
        """The chain rule for the weight ``net.layers[layer].w[i, j]``, from input j to unit i.

        A layer inside a residual one is given by name, such as ``"2.0"``.
        """
        weighted = {r.name: r for r in _flat(self.layers) if "w" in r.gradient and r.f_prime is not None}
        name, n = layer, len(self.layers)
        if isinstance(layer, (int, np.integer)) and -n <= layer < n:
            name = self.layers[layer].name
        record = weighted.get(name) if isinstance(name, str) else None
        if record is None or record.f_prime is None:
            raise InputError(
                f"Trace: layer is {short(layer)}, expected a layer with weights and an elementwise activation: "
                f"{', '.join(weighted) or 'there is none'}; count as net.layers does."
            )
        _check_index("i", i, record.d_w.shape[0])
        _check_index("j", j, record.d_w.shape[1])
        penalty = 0.0 if record.d_penalty is None else float(record.d_penalty[i, j])
        factors = record.d_a[:, i], record.f_prime[:, i], record.x[:, j]
        return Responsibility(record.name, i, j, *factors, penalty)

    def __str__(self) -> str:
        return self.show(0)

    def show(self, sample: int) -> str:
        """The four equations with the numbers of one sample."""
        n = len(self.t)
        _check_index("sample", sample, n)
        lines = [f"E = {_n(self.value)}, the mean over {n} sample{'s' * (n != 1)}; shown: sample {sample}"]
        for record, following in _with_next(self.layers):
            lines += _describe(record, following, sample, self)
        return "\n".join(lines)


def _check_index(name: str, value: Any, size: int) -> None:
    number("Trace", name, value, low=0, high=size - 1, integer=True)


def _flat(records: Sequence[LayerTrace]) -> list[LayerTrace]:
    """All layers, depth first."""
    return [record for outer in records for record in (outer, *_flat(outer.inside))]


def trace(network: Network, x: np.ndarray, t: np.ndarray, weight: Any, training: bool, step: int) -> Trace:
    """Run `network.backpropagate` and keep everything it computes; arrays are trusted."""
    grad = np.empty_like(network.theta)
    value, caches = network.backpropagate(x, t, weight, grad, step, training)
    y = network.loss.predict(caches[-1].output if caches else x)
    penalties = {block.layer: penalty for block, penalty in network.penalties()}
    records = _records(network.layers, caches, network.views(grad), penalties)
    return Trace(value, records, grad, network.loss, y, t)


def _records(
    views: Sequence[View],
    caches: list[Cache],
    grads: Sequence[View],
    penalties: dict[int, Penalty],
    prefix="",
) -> tuple[LayerTrace, ...]:
    records = []
    for i, (p, cache, grad) in enumerate(zip(views, caches, grads, strict=True)):
        n = len(cache.output)
        z = a = cache.output
        delta = d_a = n * cache.d_output
        f_prime: np.ndarray | None = np.ones_like(z)
        k = i if isinstance(p.layer, ACTIVATION_LAYERS) else i + 1  # where this layer's activation is
        if k < len(views) and isinstance(f := views[k].layer, ACTIVATION_LAYERS):
            z, a, d_a = caches[k].input, caches[k].output, n * caches[k].d_output
            f_prime = f.slope(views[k], caches[k]) if isinstance(f, ActivationLayer) else None
            if k == i:
                delta = f.backward(p, cache, d_a, grad)
        name = f"{prefix}{i}"
        d_penalty = penalties[p.index].gradient(p.w) if p.index in penalties else None
        inside = _records(p.inside, cache.inside, grad.inside, penalties, prefix=f"{name}.")
        passed = (cache.input, z, a, f_prime, delta, d_a, grad.arrays)
        records.append(LayerTrace(name, p.layer, p, *passed, d_penalty, inside))
    return tuple(records)


# -- in print --------------------------------------------------------------------------------------------------


def _with_next(records: Sequence[LayerTrace]) -> list[tuple[LayerTrace, LayerTrace | None]]:
    """Each layer but the activations, with the one that its delta comes from (None: the loss)."""
    stages = [r for r in records if not isinstance(r.layer, ACTIVATION_LAYERS)]
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
        penalty = " + ∂penalty/∂w" if record.d_penalty is not None else ""
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
            return [f"  BP1          delta = ∂e/∂z by {whole.loss}", *output, f"      delta = {_row(delta)}"]
        output += [f"      ∂e/∂a = {_row(record.d_a[s])}", f"      delta = {_row(delta)}"]
        rule = "∂e/∂a ⊙ f′(z)" if record.f_prime is not None else "(∂a/∂z)ᵀ ∂e/∂a"
        return [f"  BP1          delta = {rule}, ∂e/∂a by {whole.loss}", *output]
    if "w" not in following.gradient or following.x is not record.a or record.f_prime is None:
        return ["  BP2          delta = ∂e/∂z, from the layers above", f"      delta = {_row(delta)}"]
    lines = ["  BP2          delta = (delta_above w_above) ⊙ f′(z)"]
    above, w = following.delta[s], following.view.w
    for i in range(min(SHOWN, len(delta))):
        product = f"({_sum(above, w[:, i])}) · {_factor(record.f_prime[s, i])}"
        lines += [f"      delta_{i} = {product} = {_n(delta[i])}"]
    return lines + _more(len(delta), "units")


def _weight_gradients(record: LayerTrace, s: int) -> list[str]:
    n, (units, inputs) = len(record.x), record.d_w.shape
    lines = []
    for i in range(min(SHOWN, units)):
        for j in range(min(SHOWN, inputs)):
            product = f"{_n(record.delta[s, i])}·{_factor(record.x[s, j])}"
            mean = product if n == 1 else f"mean of {product} and {n - 1} more"
            if record.d_penalty is not None:
                mean += f" + {_factor(record.d_penalty[i, j])}"
            lines.append(f"      d_w[{i},{j}] = {mean} = {_n(record.d_w[i, j])}")
    hidden = units * inputs - min(SHOWN, units) * min(SHOWN, inputs)
    return lines + ([f"      … {hidden} more weights"] if hidden else [])


def _sum(left: np.ndarray, right: np.ndarray) -> str:
    terms = " + ".join(f"{_n(a)}·{_factor(b)}" for a, b in zip(left[:SHOWN], right[:SHOWN], strict=True))
    return terms + (" + …" if len(left) > SHOWN else "")


def _row(values: np.ndarray) -> str:
    return "  ".join(_n(v) for v in values[: 2 * SHOWN]) + ("  …" if len(values) > 2 * SHOWN else "")


def _more(count: int, what: str, indent: int = 6) -> list[str]:
    return [f"{' ' * indent}… {count - SHOWN} more {what}"] if count > SHOWN else []


def _n(value: float) -> str:
    """A number as a person would write it."""
    return f"{float(value) + 0.0:.4g}"  # + 0: no minus before a zero


def _factor(value: float) -> str:
    """A number as the second factor of a product."""
    return f"({_n(value)})" if value < 0 else _n(value)
