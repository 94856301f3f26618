"""A network as a PyTorch model, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]  (optional)
from torch import nn  # pyright: ignore[reportMissingImports]

from .. import layers
from ..errors import InputError, finite
from ..functions import activations, losses
from ..functions.penalties import Penalty
from ..functions.schedule import Schedule
from ..layers import Layer, View
from ..network import Network
from . import pytorch_modules as own
from .tables import known, map_of

#: PyTorch's names of arrays, where they differ.
ARRAYS = {"w": "weight", "b": "bias", "gain": "weight", "shift": "bias"}
ARRAYS |= {"mean": "running_mean", "variance": "running_var"}

#: The module of each layer and activation function; its arguments, each with the field or the constant that it takes;
#: and the argument that fixes the number of inputs, if there is one. Arguments are attributes of the module as well.
COUNTERPARTS: dict[type, tuple[type[nn.Module], dict[str, str | int], str]] = {
    layers.Dense: (nn.Linear, {"out_features": "units", "bias": "bias"}, "in_features"),
    activations.Identity: (nn.Identity, {}, ""),
    activations.Step: (own.StepModule, {}, ""),
    activations.Sigmoid: (nn.Sigmoid, {}, ""),
    activations.Tanh: (nn.Tanh, {}, ""),
    activations.ScaledTanh: (own.ScaledTanhModule, {}, ""),
    activations.ReLU: (nn.ReLU, {}, ""),
    activations.LeakyReLU: (nn.LeakyReLU, {"negative_slope": "alpha"}, ""),
    activations.GELU: (nn.GELU, {}, ""),
    activations.ELU: (nn.ELU, {"alpha": "alpha"}, ""),
    activations.SELU: (nn.SELU, {}, ""),
    activations.Softplus: (nn.Softplus, {"threshold": 40}, ""),  # beyond, it is the identity
    activations.SiLU: (nn.SiLU, {}, ""),
    activations.Mish: (nn.Mish, {}, ""),
    layers.Softmax: (nn.Softmax, {"dim": 1}, ""),
    layers.Dropout: (nn.Dropout, {"p": "rate"}, ""),
    layers.BatchNorm: (nn.BatchNorm1d, {"momentum": "momentum", "eps": "epsilon"}, "num_features"),
    layers.LayerNorm: (nn.LayerNorm, {"eps": "epsilon"}, "normalized_shape"),
    layers.Residual: (own.ResidualModule, {}, ""),
    layers.Repeat: (own.RepeatModule, {"members": "members"}, ""),
    layers.GroupedDense: (
        own.GroupedLinear,
        {"units": "units", "groups": "groups", "shared": "shared", "bias": "bias"},
        "inputs",
    ),
    layers.RBF: (own.RBFModule, {"units": "units"}, "inputs"),
    layers.LearnedScale: (own.LearnedScaleModule, {}, "units"),
    layers.PeriodicEmbedding: (
        own.PeriodicEmbeddingModule,
        {"columns": "columns", "frequencies": "frequencies", "units": "units", "sigma": "sigma"},
        "inputs",
    ),
    layers.Embedding: (own.EmbeddingModule, {"categories": "categories", "size": "size"}, "inputs"),
    layers.ParametricActivation: (own.ParametricActivationModule, {}, "units"),
    layers.Scale: (own.ScaleModule, {"factor": "factor", "offset": "offset"}, ""),
}

#: Settings of a module that no layer has: what is allowed, what is expected.
LIMITS: dict[type[nn.Module], tuple[Callable[[Any], bool], str]] = {
    nn.Softplus: (lambda m: m.beta == 1 and m.threshold >= 20, "beta=1 and a threshold of at least 20"),
    nn.GELU: (lambda m: m.approximate == "none", "the exact form, approximate='none'"),
    nn.Softmax: (lambda m: m.dim in (1, -1), "dim=1"),
    nn.BatchNorm1d: (
        lambda m: m.track_running_stats and m.momentum is not None,
        "running statistics, momentum",
    ),
    nn.LayerNorm: (lambda m: len(m.normalized_shape) == 1, "one dimension to normalize over"),
}

OUTPUT_MAPS: dict[str, Callable[[], nn.Module]] = {
    "softmax": lambda: nn.Softmax(dim=1),
    "sigmoid": nn.Sigmoid,
    "step": own.StepModule,
    "exp": own.ExpModule,
}


def to_torch(network: Network, output_map: bool = False) -> nn.Sequential:
    """The network as a PyTorch model that computes the same.

    Parameters
    ----------
    network : Network
    output_map : bool
        Whether the model ends in the loss's output map, so that it returns what `Network.predict` returns instead of
        what `Network.forward` returns. Leave it out for training: PyTorch's losses for classes take z.

    Returns
    -------
    torch.nn.Sequential
        One module a layer, with copies of the parameters and running statistics in the network's dtype, on the CPU and
        in evaluation mode: call its ``train()`` to train on. Rows in, (n, inputs), rows out, (n, outputs).

    Raises
    ------
    InputError
        If a layer, activation or output map is of a class of your own: it has no PyTorch form.

    Examples
    --------
    >>> import torch
    >>> from deltaprop import Network, Dense
    >>> net = Network([Dense(4), "gelu", Dense(2)], inputs=3, loss="softmax_cross_entropy")
    >>> model = to_torch(net, output_map=True)
    >>> print(model)
    Sequential(
      (0): Linear(in_features=3, out_features=4, bias=True)
      (1): GELU(approximate='none')
      (2): Linear(in_features=4, out_features=2, bias=True)
      (3): Softmax(dim=1)
    )
    >>> bool(abs(model(torch.ones(1, 3)).detach().numpy() - net.predict([[1, 1, 1]])).max() < 1e-6)
    True
    """
    model = _row(network.config, network.inputs)
    for _, module, p in _pairs(_flat("model", model), network.layers):
        _give(module, p)
    if output_map and (last := map_of("to_torch", OUTPUT_MAPS, network.loss)) is not None:
        model.append(last())
    return model.eval()


def from_torch(
    model: nn.Sequential,
    inputs: int | None = None,
    loss: Any = "squared_error",
    *,
    output_map: bool | None = None,
    penalty: Penalty | None = None,
    seed: int = 0,
) -> Network:
    """The network that computes what a PyTorch model computes.

    Parameters
    ----------
    model : torch.nn.Sequential
        Of Linear, Identity, Sigmoid, Tanh, ReLU, LeakyReLU, GELU (exact), Softmax, Dropout, BatchNorm1d, LayerNorm,
        the modules that `to_torch` makes, and Sequential of these. float32 or float64, on any device.
    inputs : int, optional
        Number of inputs; needed only where no module fixes it.
    loss, penalty, seed
        As of `Network`; a PyTorch model holds none of them.
    output_map : bool, optional
        Whether the model's last module is the loss's output map (a Softmax, for softmax cross-entropy) and so is left
        to the loss. Must be said where the model ends in that very map: taken for a layer it would be applied twice.

    Returns
    -------
    Network
        With copies of the parameters and running statistics, and their dtype (float32 where there are none). A norm
        without gain and shift gets those that change nothing, 1 and 0.

    Raises
    ------
    InputError
        For a module of any other kind, for hooks and parametrizations, for parts that do not fit together.

    Examples
    --------
    >>> from torch import nn
    >>> from_torch(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))).config
    (Dense(units=4), Activation(function=ReLU()), Dense(units=1))
    """
    if type(model) is not nn.Sequential:
        raise InputError(
            f"from_torch: model is a {_title(model)}, expected a torch.nn.Sequential; make it one."
        )
    modules, loss = list(_flat("model", model)), losses.as_loss(loss)
    if _ends_in_output_map(modules, loss, output_map):
        modules.pop()
    config = [_layer(name, module) for name, module in modules]
    if inputs is None:
        inputs = next((d for module in model.modules() if (d := _inputs(module))), None)
        if inputs is None:
            raise InputError(
                "from_torch: inputs is None, expected a number: no module fixes it; give inputs=."
            )
    network = Network(config, inputs, loss, penalty, seed, _dtype(model))
    for name, module, p in _pairs(modules, network.layers):
        _take(name, module, p)
    return network


# -- to PyTorch ----


def _row(row: Sequence[Layer], d_in: int) -> nn.Sequential:
    """The modules of layers in a row, without their arrays."""
    model = nn.Sequential()
    for layer in row:
        model.append(_module(layer, d_in))
        d_in = layer.width(d_in)
    return model


def _module(layer: Layer, d_in: int) -> nn.Module:
    if type(layer) is layers.Residual:
        return own.ResidualModule(_row(layer.layers, d_in))
    if type(layer) is layers.LayerNorm and layer.groups > 1:
        return own.GroupedLayerNorm(d_in, layer.groups, float(layer.epsilon), "meta")
    if type(layer) is layers.ParametricActivation:
        return own.ParametricActivationModule(d_in, _module(layers.Activation(layer.function), d_in), "meta")
    part = layer.function if type(layer) is layers.Activation else layer
    module, arguments, inputs = known("to_torch", COUNTERPARTS, part)
    values = {name: getattr(part, v) if isinstance(v, str) else v for name, v in arguments.items()}
    if any(isinstance(value, Schedule) for value in values.values()):
        raise InputError(f"to_torch: {layer} follows a schedule, expected a number; give the layer one.")
    if inputs:  # "meta": no memory, and no random numbers, for arrays that are about to be replaced
        values |= {inputs: d_in, "device": "meta"}
    return module(**values)


def _give(module: nn.Module, p: View) -> None:
    """Copies of a layer's arrays into its module."""
    arrays = {ARRAYS.get(name, name): torch.tensor(array) for name, array in p.arrays.items()}
    if isinstance(module, nn.BatchNorm1d):
        arrays["num_batches_tracked"] = torch.tensor(0)
    if arrays:
        module.load_state_dict(arrays, assign=True)


# -- from PyTorch ----

Named = tuple[str, nn.Module]


def _flat(name: str, module: nn.Module) -> Iterator[Named]:
    """The modules of nested Sequentials in their order, each with its place, such as ``model[2][0]``."""
    if type(module) is nn.Sequential:
        _check_hooks(name, module)
        for i, child in enumerate(module):
            yield from _flat(f"{name}[{i}]", child)
    else:
        yield name, module


def _pairs(modules: Iterable[Named], views: Sequence[View]) -> Iterator[tuple[str, nn.Module, View]]:
    """Each module with the view of its layer, those within a residual connection included."""
    for (name, module), p in zip(modules, views, strict=True):
        yield name, module, p
        if isinstance(module, own.ResidualModule):
            yield from _pairs(_flat(f"{name}.inside", module.inside), p.inside)


def _layer(name: str, module: nn.Module) -> Any:
    """The layer of a module, without its arrays; an activation function for its layer."""
    if type(module) is own.GroupedLayerNorm:
        _check_hooks(name, module)
        return layers.LayerNorm(module.eps, module.groups)
    kinds = {module: kind for kind, (module, _, _) in COUNTERPARTS.items()}
    if type(module) not in kinds:
        names = ", ".join(known.__name__ for known in kinds)
        got = f"{name} is a {_title(module)}"
        raise InputError(f"from_torch: {got}, expected one of {names}; replace or remove it.")
    allowed, wanted = LIMITS.get(type(module), (lambda m: True, ""))
    if not allowed(module):
        raise InputError(f"from_torch: {name} is {module}, expected {wanted}; change that setting.")
    _check_hooks(name, module)
    if isinstance(module, own.ResidualModule):
        return layers.Residual(tuple(_layer(*inner) for inner in _flat(f"{name}.inside", module.inside)))
    if isinstance(module, own.ParametricActivationModule):
        return layers.ParametricActivation(_layer(f"{name}.function", module.function))
    kind = kinds[type(module)]
    values = {v: getattr(module, name) for name, v in COUNTERPARTS[kind][1].items() if isinstance(v, str)}
    if kind in (layers.Dense, layers.GroupedDense):
        values["bias"] = module.bias is not None
    return kind(**values)


def _check_hooks(name: str, module: nn.Module) -> None:
    """Hooks change what a module computes."""
    if module._forward_hooks or module._forward_pre_hooks:
        remedy = "remove them (pruning, weight norm) first"
        raise InputError(f"from_torch: {name} has hooks, expected the module alone; {remedy}.")


def _inputs(module: nn.Module) -> int | None:
    """The number of inputs, if the module fixes it; everything before the first that does keeps the width."""
    names = [inputs for kind, _, inputs in COUNTERPARTS.values() if kind is type(module) and inputs]
    return int(np.ravel(getattr(module, names[0]))[0]) if names else None


def _ends_in_output_map(modules: list[Named], loss: losses.Loss, said: bool | None) -> bool:
    """Whether the last module belongs to the loss."""
    last = _title(modules[-1][1]) if modules else "nothing"
    wanted = _title(OUTPUT_MAPS[loss.output_map]()) if loss.output_map in OUTPUT_MAPS else "no module at all"
    if said is None and last == wanted:
        raise InputError(
            f"from_torch: output_map is None and the model ends in {wanted}, which {_title(loss)} applies itself, "
            "expected True (leave it to the loss) or False (apply it twice); say which."
        )
    if said and last != wanted:
        raise InputError(
            f"from_torch: output_map is True but the model ends in {last}, expected {wanted} for {_title(loss)}; "
            "leave output_map out."
        )
    return bool(said)


def _dtype(model: nn.Module) -> str:
    """The one dtype of all parameters and statistics."""
    tensors = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    names = sorted({str(t.dtype).removeprefix("torch.") for t in tensors}) or ["float32"]
    if len(names) > 1 or names[0] not in ("float32", "float64"):
        got = f"model has {' and '.join(names)}"
        raise InputError(f"from_torch: {got}, expected float32 or float64 throughout; call model.float().")
    return names[0]


def _take(name: str, module: nn.Module, p: View) -> None:
    """Copies of a module's arrays into its layer's."""
    for ours in p.arrays:
        theirs = ARRAYS.get(ours, ours)
        tensor = getattr(module, theirs)
        if tensor is None:
            continue  # no bias, or a norm without gain and shift
        where, array = f"{name}.{theirs}", tensor.detach().cpu().numpy()
        if array.shape != p.arrays[ours].shape:
            wanted = p.arrays[ours].shape
            raise InputError(
                f"from_torch: {where} has shape {array.shape}, expected {wanted}; make modules fit."
            )
        setattr(p, ours, finite("from_torch", where, array))


def _title(obj: Any) -> str:
    return type(obj).__name__
