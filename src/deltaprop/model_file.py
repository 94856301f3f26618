"""A network on disk: one safetensors file, the architecture as JSON in its header.

Reading never runs code: layers, losses and the like are constructed from a literal table of classes, and every shape in
the file is held against the architecture before anything is believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import files
from .errors import InputError, finite, number
from .functions import FUNCTION_CLASSES, Loss, Penalty
from .layers import LAYERS, Layer
from .layout import Block, Layout
from .network import Network
from .serialization import from_spec, to_spec

FORMAT = "deltaprop/1"


#: The classes that a file may name.
CLASSES = (*LAYERS, Penalty, *FUNCTION_CLASSES)


def architecture(network: Network) -> dict[str, Any]:
    """Everything but the numbers: layers, inputs, loss, penalty, seed and dtype, as JSON's types."""
    return {
        "layers": [to_spec(layer) for layer in network.config],
        "inputs": network.inputs,
        "loss": to_spec(network.loss),
        "penalty": None if network.penalty is None else to_spec(network.penalty),
        "seed": int(network.seed),
        "dtype": str(network.dtype),
    }


def read_architecture(spec: Any, own: Sequence[type] = ()) -> dict[str, Any]:
    """The arguments of `Network` from what `architecture` gave; `own` are classes of the caller's that it may name.

    Raises
    ------
    InputError
        If the description is incomplete or names something unknown.
    """
    known = [*CLASSES, *own]
    keys = {"layers", "inputs", "loss", "penalty", "seed", "dtype"}
    if not isinstance(spec, dict) or set(spec) != keys or not isinstance(spec["layers"], list):
        raise InputError(
            f"architecture: is incomplete, expected {', '.join(sorted(keys))}; use a file as it was saved."
        )
    number("architecture", "inputs", spec["inputs"], low=1, integer=True)
    return spec | {
        "layers": [from_spec(layer, known, Layer) for layer in spec["layers"]],
        "loss": from_spec(spec["loss"], known, Loss),
        "penalty": None if spec["penalty"] is None else from_spec(spec["penalty"], known, Penalty),
    }


def write(path: str | Path, network: Network, extra: dict | None = None) -> None:
    """Write the network to `path`, atomically.

    Parameters
    ----------
    path : path of the file
    network : Network
    extra : dict, optional
        JSON that is kept beside the architecture, such as the preprocessing of the inputs.

    Raises
    ------
    InputError
        If the place cannot be written to, or a layer of your own is no dataclass of plain fields.
    """
    from safetensors.numpy import save

    tensors = {block.name: np.ascontiguousarray(block.of(vector)) for block, vector in _blocks(network)}
    try:
        kept = json.dumps(extra or {})
    except (TypeError, ValueError) as error:
        raise InputError(
            f"save: extra cannot be written ({error}), expected what JSON can hold; use dicts, lists and "
            "numbers."
        ) from error
    header = {"format": FORMAT, "network": json.dumps(architecture(network)), "extra": kept}
    files.write(path, save(tensors, metadata=header))


def read(path: str | Path, own: Sequence[type] = ()) -> tuple[Network, dict]:
    """The network in `path`, and the `extra` that was written with it.

    Parameters
    ----------
    path : path of the file
    own : sequence of type
        Layer, activation or loss classes of the caller's that the file may name.

    Raises
    ------
    InputError
        If the file is missing, truncated, foreign, or its parts contradict each other.
    """
    header, tensors = _open(Path(path))
    try:
        arguments = read_architecture(json.loads(header["network"]), own)
        layout = Layout(arguments["layers"], arguments["inputs"])
        _check(layout, arguments["dtype"], tensors)  # before a lying header can ask for memory
        extra = json.loads(header["extra"])
        if not isinstance(extra, dict):
            raise InputError("extra is no table")
        network = Network(**arguments)
    except KeyError as error:
        raise InputError(
            f"{path}: the header lacks {error}; the file is damaged, use one as it was saved."
        ) from None
    except (InputError, ValueError, TypeError, AttributeError, RecursionError) as error:
        remedy = "the file is damaged, or names classes of your own (say own=[…])"
        raise InputError(f"{path}: {str(error).rstrip('.')}; {remedy}.") from None
    for block, vector in _blocks(network):
        block.of(vector)[...] = tensors[block.name]
    return network, extra


def _open(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Header and tensors of a file that says it is ours."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise InputError(
                    f"{path}: is not a deltaprop model, expected format {FORMAT}; give a file that was saved by it."
                )
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    except OSError as error:
        raise InputError(
            f"{path}: could not be read ({error.strerror or error}), expected a model file; check the path."
        ) from None
    except (SafetensorError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path}: is no complete safetensors file ({error}); it may be truncated or of another kind."
        ) from None


def _blocks(network: Network) -> Iterator[tuple[Block, np.ndarray]]:
    """Every array's place, and the vector that it lies in."""
    yield from ((block, network.theta) for block in network.layout)
    yield from ((block, network.buffers) for block in network.buffer_layout)


def _check(layout: Layout, dtype: str, tensors: dict[str, np.ndarray]) -> None:
    """Hold the file's arrays against what its architecture says."""
    blocks = {block.name: block for block in (*layout.parameters, *layout.buffers)}
    if odd := sorted(blocks.keys() ^ tensors.keys()):
        state = "is missing" if odd[0] in blocks else "belongs to no layer"
        raise InputError(f"array {odd[0]} {state}, against the file's own architecture")
    for name, block in blocks.items():
        got, wanted = (str(tensors[name].dtype), tensors[name].shape), (dtype, block.shape)
        if got != wanted:
            raise InputError(f"array {name} is {got[0]} {got[1]}, expected {wanted[0]} {wanted[1]}")
        finite("model", name, tensors[name])
