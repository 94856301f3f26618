"""A network on disk: one safetensors file, the architecture as JSON in its header.

Reading never runs code: layers, losses and the like are constructed from a literal table of classes, and the name,
shape and dtype of every array are compared with the architecture first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from . import files
from .errors import InputError, finite, number, short
from .functions import FUNCTION_CLASSES, Loss, Penalty
from .layers import LAYERS, Layer
from .layout import Block, Layout
from .network import Network
from .serialization import from_spec, to_spec

FORMAT = "deltaprop/1"
CLASSES = (*LAYERS, Penalty, *FUNCTION_CLASSES)  #: what a file may name
KEYS = ("layers", "inputs", "loss", "penalty", "seed", "dtype")  #: of an architecture


def write(path: str | Path, network: Network, extra: dict | None = None) -> None:
    """Write the network to `path`, atomically; `extra` is JSON to keep with it, such as the preprocessing of inputs."""
    from safetensors.numpy import save

    tensors = {block.name: np.ascontiguousarray(block.of(vector)) for block, vector in _blocks(network)}
    for name, array in tensors.items():
        finite("save", name, array)
    header = {"format": FORMAT, "network": _to_json("network", _architecture(network))}
    header["extra"] = _to_json("extra", {} if extra is None else extra)
    files.write(path, save(tensors, metadata=header))


def read(path: str | Path, own: Iterable[type] = ()) -> tuple[Network, dict[str, Any]]:
    """The network in `path`, and the `extra` that was written with it; `own` are further classes that it may name."""
    if not isinstance(own, Iterable):
        raise InputError(f"load: own is {short(own)}, expected a list of classes; give one.")
    header, tensors = _open(path)
    try:
        state = _read_architecture(json.loads(header["network"]), own)
        extra = json.loads(header["extra"])
        if not isinstance(extra, dict):
            raise InputError("extra is not a table")
        layout = Layout(state["config"], state["inputs"])
        _check(layout, state["dtype"], tensors)  # before any memory is allocated for the architecture
    except KeyError as error:
        raise InputError(f"{path}: the header has no {error}; the file is damaged, restore it.") from None
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        remedy = "the file is damaged, or names classes of your own (pass own=[…])"
        raise InputError(f"{path}: {str(error).rstrip('.')}; {remedy}.") from None
    network = Network.__new__(Network)  # without drawing initial weights
    network.__setstate__(state | {"theta": 0, "buffers": 0})
    for block, vector in _blocks(network):
        block.of(vector)[...] = tensors[block.name]
    return network, extra


def _architecture(network: Network) -> dict[str, Any]:
    """Everything but the arrays."""
    penalty = None if network.penalty is None else to_spec(network.penalty)
    layers, loss = [to_spec(layer) for layer in network.config], to_spec(network.loss)
    values = (layers, network.inputs, loss, penalty, int(network.seed), str(network.dtype))
    return dict(zip(KEYS, values, strict=True))


def _read_architecture(spec: Any, own: Iterable[type]) -> dict[str, Any]:
    """The state of a network but for its arrays, from what `_architecture` returned."""
    if not isinstance(spec, dict) or set(spec) != set(KEYS) or not isinstance(spec["layers"], list):
        raise InputError(f"architecture is incomplete, expected {', '.join(KEYS)}")
    number("architecture", "inputs", spec["inputs"], low=1, integer=True)
    number("architecture", "seed", spec["seed"], low=0, integer=True)
    if spec["dtype"] not in ("float32", "float64"):
        raise InputError(f"architecture: dtype is {short(spec['dtype'])}, expected float32 or float64")
    known = [*CLASSES, *own]
    return {
        "config": tuple(from_spec(layer, known, Layer) for layer in spec["layers"]),
        "inputs": spec["inputs"],
        "loss": from_spec(spec["loss"], known, Loss),
        "penalty": None if spec["penalty"] is None else from_spec(spec["penalty"], known, Penalty),
        "seed": spec["seed"],
        "dtype": np.dtype(spec["dtype"]),
    }


def _to_json(name: str, value: Any) -> str:
    try:
        if isinstance(value, dict):
            return json.dumps(value)
        why = f"is a {type(value).__name__}"
    except (TypeError, ValueError, RecursionError) as error:
        why = f"cannot be written ({error})"
    raise InputError(f"save: {name} {why}, expected a dict of JSON values; use dicts, lists and numbers.")


def _open(path: str | Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Header and tensors of a file in our format."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            ours = header.get("format") == FORMAT
            tensors = {name: file.get_tensor(name) for name in file.keys()} if ours else {}  # noqa: SIM118
    except OSError as error:
        why = f"could not be read ({error.strerror or error})"
        raise InputError(f"{path}: {why}, expected a model file; check the path.") from None
    except (SafetensorError, TypeError, ValueError, AttributeError) as error:
        why = f"is not a complete safetensors file ({error})"
        raise InputError(f"{path}: {why}; it may be truncated or of another kind.") from None
    if not ours:
        wanted = f"format {FORMAT}; use a file written by deltaprop"
        raise InputError(f"{path}: is not a deltaprop model, expected {wanted}.")
    return header, tensors


def _blocks(network: Network) -> Iterator[tuple[Block, np.ndarray]]:
    """Every array's place, and the vector that holds it."""
    yield from ((block, network.theta) for block in network.layout)
    yield from ((block, network.buffers) for block in network.buffer_layout)


def _check(layout: Layout, dtype: np.dtype, tensors: dict[str, np.ndarray]) -> None:
    """Compare the file's arrays with its architecture."""
    blocks = {block.name: block for block in (*layout.parameters, *layout.buffers)}
    if odd := sorted(blocks.keys() ^ tensors.keys()):
        state = "is missing" if odd[0] in blocks else "belongs to no layer"
        raise InputError(f"array {odd[0]} {state}, against the file's own architecture")
    for name, block in blocks.items():
        array = tensors[name]
        if (array.dtype, array.shape) != (dtype, block.shape):
            wanted = f"{dtype} {short(block.shape)}"
            raise InputError(f"array {name} is {array.dtype} {array.shape}, expected {wanted}")
        finite("model", name, array)
