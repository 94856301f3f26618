"""A network as an ONNX model: its inference, in operators that every runtime has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .. import __version__, files, layers
from ..functions import activations
from ..layers import Layer, View
from ..network import Network
from .tables import known, map_of

OPSET = 17  #: the first with LayerNormalization
END = np.iinfo(np.int64).max  #: of a slice without end
IR_VERSION = 8  #: the file format of its time, which older runtimes read too


class Graph:
    """The nodes and constants of a model in the making; every value has a name."""

    def __init__(self, dtype: np.dtype):
        self.dtype = dtype
        self.type = helper.np_dtype_to_tensor_dtype(dtype)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def __call__(self, operator: str, *values: Any, **attributes: Any) -> str:
        """Append an operator; numbers and arrays among `values` become constants. Returns the result's name."""
        names = [value if isinstance(value, str) else self.constant(value) for value in values]
        result = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, names, [result], name=result, **attributes))
        return result

    def constant(self, value: Any) -> str:
        """A constant of the network's dtype; integers in an array keep theirs."""
        array = np.asarray(value)
        array = array if array.dtype == np.int64 and array.ndim else array.astype(self.dtype)
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


# -- activations: the name of z → the name of f(z) ----


def _step(g: Graph, f: Any, z: str) -> str:
    return g("Cast", g("GreaterOrEqual", z, 0), to=g.type)


def _leaky_relu(g: Graph, f: activations.LeakyReLU, z: str) -> str:
    # not the operator LeakyRelu: runtimes have it for float32 alone
    return g("Where", g("Greater", z, 0), z, g("Mul", z, f.alpha))


def _gelu(g: Graph, f: activations.GELU, z: str) -> str:
    """z Φ(z), Φ(z) = ½ (1 + erf(z/√2)); erf in float32, the only one that runtimes have."""
    scaled = g("Mul", z, 0.5**0.5)
    if g.dtype == np.float64:
        erf = g("Cast", g("Erf", g("Cast", scaled, to=onnx.TensorProto.FLOAT)), to=g.type)
    else:
        erf = g("Erf", scaled)
    return g("Mul", z, g("Mul", g("Add", erf, 1), 0.5))


def _exponential_tail(g: Graph, f: Any, z: str) -> str:
    """scale · (max(z, 0) + α (e^min(z, 0) − 1)): runtimes have Elu and Selu for float32 alone."""
    below = g("Sub", g("Exp", g("Neg", g("Relu", g("Neg", z)))), 1)
    return g("Mul", g("Add", g("Relu", z), g("Mul", below, f.alpha)), f.scale)


def _softplus(g: Graph, f: Any, z: str) -> str:
    """max(z, 0) + log(1 + e^−|z|), in which nothing overflows."""
    return g("Add", g("Relu", z), g("Log", g("Add", g("Exp", g("Neg", g("Abs", z))), 1)))


FUNCTIONS: dict[type, Callable[[Graph, Any, str], str]] = {
    activations.Identity: lambda g, f, z: z,
    activations.Step: _step,
    activations.Sigmoid: lambda g, f, z: g("Sigmoid", z),
    activations.Tanh: lambda g, f, z: g("Tanh", z),
    activations.ScaledTanh: lambda g, f, z: g("Mul", g("Tanh", g("Mul", z, f.slope)), f.amplitude),
    activations.ReLU: lambda g, f, z: g("Relu", z),
    activations.LeakyReLU: _leaky_relu,
    activations.GELU: _gelu,
    activations.ELU: _exponential_tail,
    activations.SELU: _exponential_tail,
    activations.Softplus: _softplus,
    activations.SiLU: lambda g, f, z: g("Mul", z, g("Sigmoid", z)),
    activations.Mish: lambda g, f, z: g("Mul", z, g("Tanh", _softplus(g, f, z))),
}

OUTPUT_MAPS: dict[str, Callable[[Graph, str], str]] = {
    "softmax": lambda g, z: g("Softmax", z, axis=1),
    "sigmoid": lambda g, z: g("Sigmoid", z),
    "step": lambda g, z: _step(g, None, z),
    "exp": lambda g, z: g("Exp", z),
}


# -- layers: their arrays, the layer and the name of x → the name of the output ----


def _activation(g: Graph, p: View, layer: Any, x: str) -> str:
    return known("to_onnx", FUNCTIONS, layer.function)(g, layer.function, x)


def _parametric_activation(g: Graph, p: View, layer: layers.ParametricActivation, x: str) -> str:
    bend = g("Sub", _activation(g, p, layer, x), x)
    return g("Add", x, g("Mul", bend, p.slope))


def _periodic_embedding(g: Graph, p: View, layer: layers.PeriodicEmbedding, x: str) -> str:
    """cos(v) as sin(v + π/2), cos of the operators that runtimes have for float32 alone."""
    columns = _columns(g, x, 0, layer.columns)
    here = g("Unsqueeze", columns, np.array([2]))  # (n, columns, 1)
    angle = g("Add", g("Mul", here, 2 * np.pi * p.frequency[None]), p.phase[None] + np.pi / 2)
    waves = g(
        "Mul", g("Unsqueeze", g("Sin", angle), np.array([2])), p.u[None]
    )  # (n, columns, units, frequencies)
    mixed = g("Add", g("ReduceSum", waves, np.array([3]), keepdims=0), p.c[None])
    embedded = g("Reshape", g("Concat", here, mixed, axis=2), np.array([-1, p.c.size + layer.columns]))
    return g("Concat", embedded, _columns(g, x, layer.columns, END), axis=1)


def _embedding(g: Graph, p: View, layer: layers.Embedding, x: str) -> str:
    """Rows of the table by Gather, times 0 where the code is none."""
    categories, codes = np.array(layer.categories), _columns(g, x, -len(layer.categories), END)
    known = g("And", g("GreaterOrEqual", codes, 0), g("Less", codes, categories[None] + 0.0))
    factor = g("Cast", known, to=g.type)
    row = g("Add", g("Mul", g("Floor", codes), factor), (np.cumsum(categories) - categories)[None] + 0.0)
    rows = g("Gather", p.table, g("Cast", g("Where", known, row, 0), to=onnx.TensorProto.INT64), axis=0)
    rows = g("Mul", rows, g("Unsqueeze", factor, np.array([2])))
    width = np.array([-1, len(categories) * layer.size])
    return g("Concat", _columns(g, x, 0, -len(categories)), g("Reshape", rows, width), axis=1)


def _columns(g: Graph, x: str, begin: int, end: int) -> str:
    return g("Slice", x, np.array([begin]), np.array([end]), np.array([1]))


def _batch_norm(g: Graph, p: View, layer: layers.BatchNorm, x: str) -> str:
    arrays = p.gain, p.shift, p.mean, p.variance
    return g("BatchNormalization", x, *arrays, epsilon=float(layer.epsilon))


def _layer_norm(g: Graph, p: View, layer: layers.LayerNorm, x: str) -> str:
    if layer.groups == 1:
        return g("LayerNormalization", x, p.gain, p.shift, axis=1, epsilon=float(layer.epsilon))
    d = len(p.gain)
    groups = g("Reshape", x, np.array([-1, layer.groups, d // layer.groups]))
    ones = np.ones(d // layer.groups)
    normal = g("LayerNormalization", groups, ones, 0 * ones, axis=2, epsilon=float(layer.epsilon))
    return g("Add", g("Mul", g("Reshape", normal, np.array([-1, d])), p.gain), p.shift)


def _grouped_dense(g: Graph, p: View, layer: layers.GroupedDense, x: str) -> str:
    """The groups as a batch of products, (groups, n, d_in) times (groups, d_in, units)."""
    groups = g("Reshape", x, np.array([-1, layer.groups, p.w.shape[-1]]))
    product = g("MatMul", g("Transpose", groups, perm=[1, 0, 2]), np.swapaxes(p.w, -1, -2))
    width = layer.groups * layer.units
    z = g("Reshape", g("Transpose", product, perm=[1, 0, 2]), np.array([-1, width]))
    return g("Add", z, p.b) if layer.bias else z


def _rbf(g: Graph, p: View, layer: layers.RBF, x: str) -> str:
    """exp(−½ Σ ((x − c)/s)²) from the differences themselves: x² − 2xc + c² would lose small ones to rounding."""
    apart = g("Sub", g("Unsqueeze", x, np.array([1])), p.centre[None])  # (n, units, d_in)
    scaled = g("Mul", apart, np.exp(-p.log_width)[None, :, None])
    return g("Exp", g("Mul", g("ReduceSum", g("Mul", scaled, scaled), np.array([2]), keepdims=0), -0.5))


LAYERS: dict[type[Layer], Callable[[Graph, View, Any, str], str]] = {
    layers.Dense: lambda g, p, layer, x: g(
        "Gemm", x, *p.arrays.values(), transB=1
    ),  # x wᵀ + b, or x wᵀ alone
    layers.Activation: _activation,
    layers.Softmax: lambda g, p, layer, x: g("Softmax", x, axis=1),
    layers.Dropout: lambda g, p, layer, x: x,
    layers.BatchNorm: _batch_norm,
    layers.LayerNorm: _layer_norm,
    layers.Residual: lambda g, p, layer, x: g("Add", x, _row(g, p.inside, x)),
    layers.RBF: _rbf,
    layers.Repeat: lambda g, p, layer, x: g("Concat", *[x] * layer.members, axis=1),
    layers.GroupedDense: _grouped_dense,
    layers.LearnedScale: lambda g, p, layer, x: g("Mul", x, p.factor),
    layers.ParametricActivation: _parametric_activation,
    layers.PeriodicEmbedding: _periodic_embedding,
    layers.Embedding: _embedding,
    layers.Scale: lambda g, p, layer, x: g("Add", g("Mul", x, layer.factor), layer.offset),
}


def _row(g: Graph, views: Sequence[View], x: str) -> str:
    for p in views:
        x = known("to_onnx", LAYERS, p.layer)(g, p, p.layer, x)
    return x


def to_onnx(network: Network, path: str | Path | None = None, output_map: bool = True) -> onnx.ModelProto:
    """The network's inference as an ONNX model.

    Parameters
    ----------
    network : Network
    path : path of a file, optional
        Where to write the model too, atomically.
    output_map : bool
        Whether the model returns what `Network.predict` returns (probabilities, for the cross-entropies) or z.

    Returns
    -------
    onnx.ModelProto
        Input ``x``, (n, inputs), and output ``y`` (``z`` without the output map), (n, outputs), n free, both of the
        network's dtype. Opset 17; checked by ONNX's own checker. Results equal the network's to 1e-5.

    Raises
    ------
    InputError
        If a layer, activation or output map is of a class of your own, or the place cannot be written to.

    Examples
    --------
    >>> import numpy as np
    >>> import onnxruntime
    >>> from deltaprop import Network, Dense
    >>> net = Network([Dense(4), "tanh", Dense(2)], inputs=3, loss="softmax_cross_entropy")
    >>> session = onnxruntime.InferenceSession(to_onnx(net).SerializeToString())
    >>> x = np.ones((5, 3), np.float32)
    >>> (y,) = session.run(None, {"x": x})
    >>> bool(abs(y - net.predict(x)).max() < 1e-5)
    True
    """
    g = Graph(network.dtype)
    result, name = _row(g, network.layers, "x"), "z"
    outputs = int(network.outputs)
    if output_map:
        final, name, members = map_of("to_onnx", OUTPUT_MAPS, network.loss.single), "y", network.loss.members
        outputs //= members
        if members > 1:  # a row for each member
            result = g("Reshape", result, np.array([-1, outputs]))
        result = result if final is None else final(g, result)
        if members > 1:
            rows = g("Reshape", result, np.array([-1, members, outputs]))
            result = g("ReduceMean", rows, axes=[1], keepdims=0)
    g.nodes.append(helper.make_node("Identity", [result], [name], name=name))  # gives the output its name
    x = helper.make_tensor_value_info("x", g.type, ["n", network.inputs])
    y = helper.make_tensor_value_info(name, g.type, ["n", outputs])
    model = helper.make_model(
        helper.make_graph(g.nodes, "deltaprop", [x], [y], g.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="deltaprop",
        producer_version=__version__,
    )
    onnx.checker.check_model(model, full_check=True)
    if path is not None:
        files.write(path, model.SerializeToString())
    return model
