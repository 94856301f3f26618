"""From a network to the compiled core's program: a short list of operations, each a code with a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..functions import activations, losses
from ..layers import RBF, Activation, BatchNorm, Dense, Dropout, LayerNorm, Residual, Scale, Softmax
from ..layout import Node
from ..optimizers import SGD, AdaGrad, Adam, AdamW, GradientDescent, Momentum, Nesterov, RMSProp
from .diagnostics import FLAT, steepest

# The numbers of the enumerations in src/core: Code, Function, LossKind and Rule, in their order there.
SCALE, DENSE, ACTIVATION, SOFTMAX, DROPOUT, BATCH_NORM, LAYER_NORM, BRANCH, JOIN, RBF_UNITS = range(10)
FUNCTIONS = {
    activations.Identity: 0,
    activations.Step: 1,
    activations.Sigmoid: 2,
    activations.Tanh: 3,
    activations.ScaledTanh: 4,
    activations.ReLU: 5,
    activations.LeakyReLU: 6,
    activations.GELU: 7,
}
LOSSES = {
    losses.SquaredError: 0,
    losses.SoftmaxCrossEntropy: 1,
    losses.SigmoidCrossEntropy: 2,
    losses.Hinge: 3,
    losses.PerceptronLoss: 4,
    losses.AbsoluteError: 5,
    losses.Huber: 6,
    losses.Poisson: 7,
    losses.Quantile: 8,
}
RULES = {
    GradientDescent: 0,
    SGD: 0,
    Momentum: 1,
    Nesterov: 2,
    AdaGrad: 3,
    RMSProp: 4,
    Adam: 5,
    AdamW: 6,
}
LAYERS = (Dense, Activation, Softmax, Dropout, BatchNorm, LayerNorm, Residual, RBF, Scale)

Operation = tuple[int, list[int], list[float]]


def unknown(network: Any) -> str | None:
    """The first part of the network that the core has no code for; subclasses count as parts of their own."""
    for node in network._layout.nodes():
        if type(node.layer) not in LAYERS:
            return f"the layer {node.layer}"
        if type(node.layer) is Activation and type(node.layer.function) not in FUNCTIONS:
            return f"the activation {node.layer.function}"
    if type(network.loss) not in LOSSES:
        return f"the loss {network.loss}"
    return None


def arguments(network: Any) -> dict[str, Any]:
    """What the core's ``Program`` is made from, but for the batch size and the threads."""
    slots = {name: l for l, name in enumerate(dict.fromkeys(_position(b.name) for b in network.layout))}
    penalty, loss = network.penalty, network.loss
    return {
        "operations": list(_row(network._layout.nodes(), slots)),
        "inputs": network.inputs,
        "outputs": network.outputs,
        "parameters": network.theta.size,
        "buffers": network.buffers.size,
        "slots": len(slots),
        "loss": LOSSES[type(loss)],
        "threshold": getattr(loss, "threshold", getattr(loss, "level", 0.0)),
        "seed": network.dropout_seed,
        "l1": 0.0 if penalty is None else float(penalty.l1),
        "l2": 0.0 if penalty is None else float(penalty.l2),
        "is_double": network.dtype == "float64",
    }


def _position(name: str) -> str:
    """``"3.1.w"`` → ``"3.1"``, the layer's place."""
    return name.rpartition(".")[0]


def _row(nodes: Iterator[Node], slots: dict[str, int]) -> Iterator[Operation]:
    """The operations of the layers; a residual connection becomes a branch, its layers, and a join."""
    open_ends: list[str] = []
    for node in nodes:
        while open_ends and not node.name.startswith(open_ends[-1]):
            open_ends.pop()
            yield JOIN, [], []
        if type(node.layer) is Residual:
            open_ends.append(f"{node.name}.")
        yield _operation(node, slots.get(node.name, -1))
    for _ in open_ends:
        yield JOIN, [], []


def _operation(node: Node, slot: int) -> Operation:
    layer = node.layer
    at = {block.parameter: block.slice.start for block in node.parameters + node.buffers}
    match layer:
        case Dense():
            return DENSE, [layer.units, at["w"], at.get("b", -1), slot], []
        case Activation():
            f = layer.function
            return ACTIVATION, [FUNCTIONS[type(f)]], [getattr(f, "alpha", 0.0), FLAT * steepest(f)]
        case Softmax():
            return SOFTMAX, [], []
        case Dropout():
            return DROPOUT, [node.index], [float(layer.rate)]
        case BatchNorm():
            offsets = [at[name] for name in ("gain", "shift", "mean", "variance")]
            return BATCH_NORM, [*offsets, slot], [float(layer.momentum), float(layer.epsilon)]
        case LayerNorm():
            return LAYER_NORM, [at["gain"], at["shift"], slot], [float(layer.epsilon)]
        case Residual():
            return BRANCH, [], []
        case RBF():
            return RBF_UNITS, [layer.units, at["centre"], at["log_width"], slot], []
        case Scale():
            return SCALE, [], [float(layer.factor), float(layer.offset)]
    raise TypeError(f"the core has no code for {layer}")
