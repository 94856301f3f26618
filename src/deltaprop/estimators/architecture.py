"""From constructor arguments to the layers of a network and its first weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import blocks
from ..errors import short
from ..functions import (
    INITIALIZERS,
    ActivationFunction,
    HeNormal,
    Initializer,
    Schedule,
    Sigmoid,
    Small,
    as_initializer,
    suited,
)
from ..functions.activations import as_activation
from ..layers import (
    BatchNorm,
    Dense,
    Dropout,
    GroupedDense,
    Layer,
    LayerNorm,
    LearnedScale,
    Residual,
    View,
    chain,
)
from .optimizer import solver

#: The output layer's weights with ``init="auto"`` after ReLUs and the like, whose weights are larger (He): the first
#: outputs are near 0, so that no early epoch is spent on unlearning confident mistakes.
OUTPUT = Small(0.3)


def hidden_sizes(value: Any) -> list[int]:
    """``hidden_layer_sizes`` as a list of integers ≥ 1, in scikit-learn's words where it is not."""
    sizes = list(value) if hasattr(value, "__iter__") else [value]
    if any(not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size <= 0 for size in sizes):
        raise ValueError(
            f"hidden_layer_sizes must be > 0, got {sizes}: give an integer ≥ 1 for each hidden layer."
        )
    return [int(size) for size in sizes]


def activation_function(value: Any) -> ActivationFunction:
    """The activation function of that name, of which "logistic" is scikit-learn's for the sigmoid."""
    return as_activation("sigmoid" if isinstance(value, str) and value == "logistic" else value)


def is_radial(activation: Any) -> bool:
    """Whether this asks for radial basis functions in the place of weights and an activation."""
    return isinstance(activation, str) and activation == "rbf"


def has_radial(estimator: Any) -> bool:
    """Whether a hidden layer is of radial basis functions."""
    names = estimator.activation
    return any(map(is_radial, names if isinstance(names, (list, tuple)) else [names]))


def _check_radial(estimator: Any, names: Sequence[Any]) -> None:
    """Refuse what has no place in a layer of radial basis functions."""
    unlike = {"n_ensemble": 1, "normalization": None, "parametric_activation": False}
    given = [name for name, value in unlike.items() if getattr(estimator, name) != value]
    if given and any(map(is_radial, names)):
        raise ValueError(
            f"{type(estimator).__name__}: {given[0]}={short(getattr(estimator, given[0]))} with activation='rbf', "
            "whose units are distances from centres; leave one of them out."
        )


def build(estimator: Any, outputs: int, inputs: int, steps: int) -> tuple[tuple[Layer, ...], tuple[int, ...]]:
    """The layers of the network, and for each hidden block the number of layers up to its end.

    `steps` are those of a whole fit. A hidden block is Dense, normalization, activation, dropout; with
    ``residual=True`` each block that does not change the width is wrapped in `Residual`. Before them stand the layers
    of `blocks.front`. Of an ensemble each layer is one of groups of columns, a group for each member.
    """
    owner, sizes = type(estimator).__name__, hidden_sizes(estimator.hidden_layer_sizes)
    names = each_layer(owner, "activation", estimator.activation, len(sizes))
    activations = [None if is_radial(a) else activation_function(a) for a in names]
    _check_radial(estimator, names)
    schedule = estimator.dropout_schedule
    rates = [
        _rate(owner, r, schedule, steps) for r in each_layer(owner, "dropout", estimator.dropout, len(sizes))
    ]
    inits = _initializers(owner, estimator.init, activations)
    bias_init = _bias_init(estimator)
    norm: list[Layer] = []
    if estimator.normalization == "batch":  # of the full batch, the batch's own statistics are the right ones
        norm = [BatchNorm(1.0 if solver(estimator) is not None else 0.1)]
    elif estimator.normalization == "layer":
        norm = [LayerNorm(groups=estimator.n_ensemble)]
    layers = _front(estimator, inputs)
    ends, width, skips = [], chain.width(layers, inputs) // estimator.n_ensemble, 0
    for size, activation, rate, init in zip(sizes, activations, rates, inits[:-1], strict=True):
        first = not ends
        if activation is None:
            block = blocks.radial(size, rate)
        else:
            block = blocks.hidden(
                weights(estimator, size, init, first),
                activation,
                parametric_activation=estimator.parametric_activation,
                normalization=norm,
                dropout=rate,
            )
        if estimator.residual and size == width:
            block, skips = [Residual(tuple(block))], skips + 1
        layers += block
        ends.append(len(layers))
        width = size
    if estimator.residual and not skips:
        raise ValueError(
            f"{owner}: residual=True, but no hidden layer is as wide as its input: hidden_layer_sizes={sizes} after "
            f"{inputs} inputs; repeat a size, such as (64, 64)."
        )
    if estimator.n_ensemble > 1:
        last: Layer = GroupedDense(outputs, estimator.n_ensemble, init=inits[-1], bias_init=bias_init)
    else:
        last = Dense(outputs, inits[-1], bias_init=bias_init)
    function = activation_function(estimator.output_activation)
    return (*layers, *blocks.output(last, function)), tuple(ends)


def _front(estimator: Any, inputs: int) -> list[Layer]:
    table = estimator._table
    numbers, categories = (inputs, ()) if table is None else (table.numbers, table.categories)
    return blocks.front(
        numbers,
        categories,
        periodic_embedding=estimator.periodic_embedding,
        input_factors=estimator.input_factors,
        members=estimator.n_ensemble,
        shared=estimator.ensemble == "shared",
    )


def weights(estimator: Any, size: int, init: Initializer | None, first: bool) -> list[Layer]:
    """The layers that weigh the inputs of a hidden layer.

    Shared weights stand between the factors of each member, its inputs' and its outputs'. Only those of the first
    inputs begin with random signs, all others with 1, as in TabM (Gorishniy, Kotelnikov, Babenko, 2025).
    """
    members, bias_init = estimator.n_ensemble, _bias_init(estimator)
    if members == 1:
        return [Dense(size, init, bias_init=bias_init)]
    if estimator.ensemble == "independent":
        return [GroupedDense(size, members, init=init, bias_init=bias_init)]
    factors = LearnedScale("signs" if first else "ones")
    return [factors, GroupedDense(size, members, shared=True, init=init, bias_init=bias_init), LearnedScale()]


def _bias_init(estimator: Any) -> Initializer | None:
    return blocks.FROM_DATA[1] if isinstance(estimator.init, str) and estimator.init == "data" else None


def each_layer(owner: str, argument: str, value: Any, layers: int, what: str = "hidden layer") -> list:
    """A value for each layer: a list as given, anything else repeated; refused if the list has the wrong length."""
    if not isinstance(value, (list, tuple)):
        return [value] * layers
    if len(value) != layers:
        raise ValueError(
            f"{owner}: {argument} has {len(value)} entries, expected {layers}, one for each {what}; "
            "give as many, or one value for all."
        )
    return list(value)


def every(views: Sequence[View]) -> Iterator[View]:
    """The layers in order, also those inside residual blocks."""
    for p in views:
        yield p
        yield from every(p.inside)


def dense(views: Sequence[View]) -> list[View]:
    """The dense layers in order: what ``coefs_`` and ``intercepts_`` show."""
    return [p for p in every(views) if isinstance(p.layer, (Dense, GroupedDense))]


def shown(p: View, parameter: str) -> np.ndarray:
    """The weights of a dense layer as (inputs, units), its biases as (units,); of groups with a first axis for them."""
    array = p.arrays[parameter]
    if parameter == "w":
        return np.swapaxes(array, -1, -2)
    return array.reshape(p.layer.groups, -1) if isinstance(p.layer, GroupedDense) else array


def draw_like_scikit_learn(
    random: np.random.RandomState, seed: int, activation: Any, views: Sequence[View]
) -> None:
    """Weights and biases uniform in ±√(6/(d_in + d_out)) (2 for the logistic), drawn in scikit-learn's order.

    The same random state gives the same numbers as scikit-learn's estimator. Of activations given as a list each layer
    has its own factor, the output layer that of the last. Layers that scikit-learn does not have draw from `seed`.
    """
    rng = np.random.default_rng(seed)
    for p in every(views):
        if not isinstance(p.layer, (Dense, GroupedDense, Residual)):
            p.layer.initialize(p, rng, None)
    layers = dense(views)
    names = list(activation) if isinstance(activation, (list, tuple)) else [activation] * len(layers)
    names = [name for name in names if not is_radial(name)] or ["identity"]
    for p, name in zip(layers, [*names, *names[-1:]], strict=False):
        w, b = shown(p, "w"), shown(p, "b")
        d_in, d_out = w.shape[-2:]
        logistic = isinstance(name, Sigmoid) or (isinstance(name, str) and name in ("logistic", "sigmoid"))
        bound = np.sqrt((2.0 if logistic else 6.0) / (d_in + d_out))
        w[...] = random.uniform(-bound, bound, w.shape)
        b[...] = random.uniform(-bound, bound, b.shape)


def set_weights(owner: str, name: str, views: Sequence[View], parameter: str, arrays: Sequence[Any]) -> None:
    """Put given arrays, of scikit-learn's shapes, into the dense layers: all of them, or after an error none."""
    targets = [shown(p, parameter) for p in dense(views)]
    if len(arrays) != len(targets):
        raise ValueError(
            f"{owner}: {name} has {len(arrays)} arrays, expected {len(targets)}, one for each layer."
        )
    checked = [np.asarray(array, target.dtype) for array, target in zip(arrays, targets, strict=True)]
    for i, (array, target) in enumerate(zip(checked, targets, strict=True)):
        if array.shape != target.shape:
            raise ValueError(
                f"{owner}: {name}[{i}] has shape {array.shape}, expected {target.shape}; "
                "coefs are (inputs, units) and intercepts (units,) for each layer."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{owner}: {name}[{i}] has entries that are not finite; replace them.")
    for array, target in zip(checked, targets, strict=True):
        target[...] = array


def _initializers(
    owner: str, value: Any, functions: Sequence[ActivationFunction | None]
) -> list[Initializer | None]:
    """An initializer for each layer of weights, the output's included; None is what suits the activation."""
    if isinstance(value, str) and value == "sklearn":  # drawn by `draw_like_scikit_learn`
        return [INITIALIZERS["glorot_uniform"]] * (len(functions) + 1)
    if isinstance(value, str) and value == "data":  # by `Network.initialize_from_data`
        return [blocks.FROM_DATA[0]] * (len(functions) + 1)
    given = each_layer(owner, "init", value, len(functions) + 1, "layer of weights")
    if any(isinstance(init, str) and init == "sklearn" for init in given):
        raise ValueError(
            f"{owner}: init has the entry 'sklearn', which is for all layers; give init='sklearn'."
        )
    auto = [isinstance(init, str) and init == "auto" for init in given]
    inits = [None if own else as_initializer(init) for own, init in zip(auto, given, strict=True)]
    if auto[-1] and functions and functions[-1] and isinstance(suited(functions[-1]), HeNormal):
        inits[-1] = OUTPUT
    return inits


def without_schedules(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers with dropout at its first rate: the length of a schedule follows from the data of a call."""
    found: list[Layer] = []
    for layer in layers:
        if isinstance(layer, Residual):
            layer = Residual(without_schedules(layer.layers))
        found.append(Dropout(layer.value("rate", 0)) if isinstance(layer, Dropout) else layer)
    return tuple(found)


def _rate(owner: str, rate: Any, schedule: str | None, steps: int) -> float | Schedule:
    if not isinstance(rate, (int, float, np.integer, np.floating)) or not 0 <= rate < 1:
        raise ValueError(f"{owner}: dropout has the entry {short(rate)}, expected a number in [0, 1).")
    return blocks.rate_of(float(rate), schedule, steps)
