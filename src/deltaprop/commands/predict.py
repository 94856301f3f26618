"""``deltaprop predict``: a trained network's answers for new rows, as CSV."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..data import Preprocessing, load_rows
from ..data.targets import ClassTarget
from ..errors import InputError
from ..functions.losses import SigmoidCrossEntropy, SoftmaxCrossEntropy
from ..network import Network
from ..report.score import score_name, shown
from . import console
from .folder import RunFolder
from .settings import Settings
from .train import codes, predictions, score_of

PROBABILISTIC = (SoftmaxCrossEntropy, SigmoidCrossEntropy)  # the losses whose outputs are probabilities


def run(path: Path, data: str, out: Path | None, data_dir: Path | None) -> int:
    """Write the predictions to `out` or standard output; the exit status."""
    _keep_inputs(path, data, out)
    network, preprocessing, settings, _ = opened(path)
    x, t = rows(data, preprocessing, settings, data_dir)
    z = network.forward(preprocessing.transform(x, name=data))
    text = table(network, preprocessing, z)
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        files.write(out, text)
        console.warn(f"{len(z):,} predictions written to {out}")
    if t is not None:
        console.warn(_score(network, preprocessing, z, t))
    return 0


def _keep_inputs(path: Path, data: str, out: Path | None) -> None:
    """Refuse to write the predictions over what they are made from."""
    folder = RunFolder(Path(path))
    for read in (Path(data), folder.model, folder.config):
        if out is not None and out.exists() and read.exists() and out.samefile(read):
            got = f"is {out}, which is read for these predictions"
            raise InputError(f"predict: --out {got}, expected another file; choose a new name.")


def _score(network: Network, preprocessing: Preprocessing, z: np.ndarray, t: np.ndarray) -> str:
    """How good the predictions are, where the data have the truth; predictions do not depend on it."""
    try:
        score = score_of(network, z, preprocessing.encode_target(t))
    except InputError as error:
        return f"no score: {error}"
    name = score_name("classification" if classes(preprocessing) else "regression")
    return f"the data have the target: {name} {shown(name, score)} on {len(z):,} samples"


def opened(path: Path) -> tuple[Network, Preprocessing, Settings, dict[str, Any]]:
    """The network of a run folder, its preprocessing, its settings and what else its header says.

    Raises
    ------
    InputError
        If the folder, or a file in it, is missing, damaged or made by something else.
    """
    folder = RunFolder.open(path)
    settings, _ = Settings.from_toml(folder.config)
    if not folder.model.is_file():
        remedy = f"finish the run: deltaprop train --resume {path}"
        raise InputError(f"run folder: {path!s} has no model.safetensors, expected a finished run; {remedy}.")
    network, facts = folder.read_model()
    preprocessing = Preprocessing.from_spec(facts.get("preprocessing"))
    if (preprocessing.width, preprocessing.outputs) != (network.inputs, network.outputs):
        got = f"gives {preprocessing.width} inputs and {preprocessing.outputs} outputs"
        wanted = f"{network.inputs} and {network.outputs} as the network has"
        raise InputError(
            f"{folder.model!s}: preprocessing {got}, expected {wanted}; use the file as it was saved."
        )
    return network, preprocessing, settings, facts


def rows(
    data: str, preprocessing: Preprocessing, settings: Settings, data_dir: Path | None
) -> tuple[Any, np.ndarray | None]:
    """The inputs in `data`, and its targets where it has them."""
    return load_rows(data, preprocessing, data_dir=data_dir or settings.data_dir, seed=settings.seed or 0)


def classes(preprocessing: Preprocessing) -> tuple[Any, ...]:
    """The class labels; none for quantities."""
    return preprocessing.target.classes if isinstance(preprocessing.target, ClassTarget) else ()


def table(network: Network, preprocessing: Preprocessing, z: np.ndarray) -> str:
    """CSV: the class and each class's probability (or output), or the values in the target's unit."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = preprocessing.target.names
    if classes(preprocessing):
        y = network.loss.predict(z)
        kind = "probability" if isinstance(network.loss, PROBABILISTIC) else "output"
        labels = preprocessing.decode_target(codes(network, z))
        writer.writerow([names[0], *(f"{kind} {label}" for label in classes(preprocessing))])
        writer.writerows(
            [label, *(f"{v:.6g}" for v in row)] for label, row in zip(labels.tolist(), y, strict=True)
        )
    else:
        values = predictions(network, preprocessing, z).reshape(len(z), -1)
        writer.writerow(names)
        writer.writerows(values.tolist())  # as repr() writes them: they read back exactly
    return buffer.getvalue()
