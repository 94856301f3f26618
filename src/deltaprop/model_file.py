"""A network on disk: one safetensors file, the architecture as JSON in its header.

Reading never runs code: layers, losses and the like are constructed from a literal table of classes, and every shape in
the file is held against the architecture before anything is believed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import files
from .errors import InputError
from .functions import activations, initializers, losses
from .functions.penalties import Penalty
from .functions.spec import from_spec, to_spec
from .layers import LAYERS
from .layout import Block
from .network import Network

FORMAT = "deltaprop/1"


def classes() -> list[type]:
    """The classes that a file may name."""
    functions: list[type] = []
    for module, kind in (
        (activations, activations.ActivationFunction),
        (initializers, initializers.Initializer),
        (losses, losses.Loss),
    ):
        members = vars(module).values()
        functions += [c for c in members if isinstance(c, type) and issubclass(c, kind) and c is not kind]
    return [*LAYERS, Penalty, *functions]


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


def from_architecture(spec: Any, own: Sequence[type] = ()) -> Network:
    """A freshly initialised network from what `architecture` gave; `own` are classes of the caller's that it may name.

    Raises
    ------
    InputError
        If the description is incomplete, names something unknown, or does not fit together.
    """
    known = [*classes(), *own]
    keys = {"layers", "inputs", "loss", "penalty", "seed", "dtype"}
    if not isinstance(spec, dict) or set(spec) != keys or not isinstance(spec["layers"], list):
        raise InputError(f"architecture: is incomplete, expected {', '.join(sorted(keys))}; use a file as it was saved.")
    layers = [from_spec(layer, known) for layer in spec["layers"]]
    penalty = None if spec["penalty"] is None else from_spec(spec["penalty"], known)
    loss = from_spec(spec["loss"], known)
    return Network(layers, spec["inputs"], loss, penalty, spec["seed"], spec["dtype"])


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

    header = {"format": FORMAT, "network": json.dumps(architecture(network)), "extra": json.dumps(extra or {})}
    files.write(path, save(_tensors(network), metadata=header))


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
        network = from_architecture(json.loads(header["network"]), own)
        extra = json.loads(header["extra"])
    except (InputError, ValueError, KeyError, RecursionError) as error:
        raise InputError(f"{path}: {str(error).rstrip('.')}; the file's description of the network is damaged.") from None
    _fill(path, network, tensors)
    return network, extra


def _open(path: Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """Header and tensors of a file that says it is ours."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise InputError(f"{path}: is not a deltaprop model, expected format {FORMAT}; give a file that was saved by it.")
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a dict)
    except OSError as error:
        raise InputError(f"{path}: could not be read ({error.strerror or error}), expected a model file; check the path.") from None
    except (SafetensorError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: is no complete safetensors file ({error}); it may be truncated or of another kind.") from None


def _tensors(network: Network) -> dict[str, np.ndarray]:
    """Every array of the network by its name."""
    vectors = ((network.layout, network.theta), (network.statistics_layout, network.statistics))
    return {block.name: np.ascontiguousarray(block.of(vector)) for blocks, vector in vectors for block in blocks}


def _fill(path: str | Path, network: Network, tensors: dict[str, np.ndarray]) -> None:
    """Copy the file's arrays into the network, each held against what the architecture says."""
    vectors = ((network.layout, network.theta), (network.statistics_layout, network.statistics))
    blocks: list[tuple[Block, np.ndarray]] = [(b, vector) for layout, vector in vectors for b in layout]
    names = {block.name for block, _ in blocks}
    if names != set(tensors):
        odd = sorted(names ^ set(tensors))[0]
        state = "is missing" if odd in names else "belongs to no layer"
        raise InputError(f"{path}: array {odd} {state}; the file contradicts its own architecture.")
    for block, vector in blocks:
        array = tensors[block.name]
        if array.shape != block.shape or array.dtype != network.dtype:
            got, wanted = f"{array.dtype} {array.shape}", f"{network.dtype} {block.shape}"
            raise InputError(
                f"{path}: array {block.name} is {got}, expected {wanted}; the file contradicts its own architecture."
            )
        block.of(vector)[...] = array


