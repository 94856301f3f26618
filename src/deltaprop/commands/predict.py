"""``deltaprop predict``: a trained network's predictions for new rows, as CSV."""

from __future__ import annotations

import csv
import io
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..data import Preprocessing, TableFormat, load_rows
from ..data.like_training import not_as_usual
from ..data.reading.table_format import FORMAT_OPTIONS
from ..data.targets import ClassTarget
from ..errors import InputError
from ..network import Network
from ..report.score import Measure, format_score, score_name
from .folder import ModelHeader, RunFolder
from .notes import note
from .scoring import Scoring
from .settings import Settings


def run(path: Path, data: str, out: Path | None, data_dir: Path | None, engine: str = "auto") -> int:
    """Write the predictions to `out` or standard output; the exit status."""
    _keep_inputs(path, data, out)
    network, preprocessing, settings, header = read(path)
    x, t = rows(data, preprocessing, settings, data_dir, header)
    z = network._infer(preprocessing.transform(x, name=data), mapped=False, engine=engine)
    text = table(network, preprocessing, z)
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        files.write(out, text)
        note(f"{len(z):,} predictions written to {out}")
    if t is not None:
        note(_scores(network, preprocessing, header, z, t))
    return 0


def _keep_inputs(path: Path, data: str, out: Path | None) -> None:
    """Refuse to overwrite a file that the predictions are made from."""
    folder = RunFolder(Path(path))
    for read in (Path(data), folder.model, folder.config):
        if out is not None and out.exists() and read.exists() and out.samefile(read):
            raise InputError(f"predict: --out is {out}, an input, expected another file; choose a new name.")


def _scores(
    network: Network, preprocessing: Preprocessing, header: ModelHeader, z: np.ndarray, t: np.ndarray
) -> str:
    """How good the predictions are, where the data have the target; the predictions do not depend on it."""
    name = "accuracy" if preprocessing.task == "classification" else "r2"
    measures = header.measures or [Measure(name, score_name(preprocessing.task))]  # of an older file
    scoring = Scoring(tuple(measures), preprocessing.target)
    try:
        measured = scoring.measure(scoring.answers(network, z), scoring.truth(t))
    except InputError as error:
        return f"no score: {error}"
    shown = ", ".join(f"{label} {format_score(label, value)}" for label, value in measured.items())
    return f"the data have the target: {shown} on {len(z):,} samples"


def predictions(network: Network, preprocessing: Preprocessing, z: np.ndarray) -> np.ndarray:
    """Class labels, or values in the unit of the target, from the outputs z."""
    y = network.loss.labels(z) if preprocessing.task == "classification" else network.loss.predict(z)
    return preprocessing.decode_target(y)


def read(path: Path) -> tuple[Network, Preprocessing, Settings, ModelHeader]:
    """The network of a finished run, its preprocessing and its settings; and the rest of the model's header."""
    folder = RunFolder.open(path)
    settings, _ = Settings.from_toml(folder.config)
    if not folder.model.is_file():
        found = f"{path} has no model.safetensors"
        raise InputError(f"run folder: {found}, expected a finished run; finish it: {folder.resume}.")
    network, header = folder.read_model()
    preprocessing = Preprocessing.from_spec(header.preprocessing)
    sizes = "{} inputs and {} outputs".format
    got, wanted = sizes(preprocessing.width, preprocessing.outputs), sizes(network.inputs, network.outputs)
    if got != wanted:
        where = f"{folder.model}: preprocessing gives {got}"
        raise InputError(f"{where}, expected {wanted} as in the network; use the file as it was saved.")
    return network, preprocessing, settings, header


def rows(
    data: str,
    preprocessing: Preprocessing,
    settings: Settings,
    data_dir: Path | None,
    header: ModelHeader,
) -> tuple[Any, np.ndarray | None]:
    """The inputs in `data`, and the targets if present; a line for each thing in which they are not like training."""

    def say(line: str) -> None:
        for told in not_as_usual([line], header.notes):
            note(f"{Path(data).name}: {told.partition(' (otherwise')[0]}")  # predict has no such options

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        loaded = load_rows(
            data,
            preprocessing,
            data_dir=data_dir or settings.data_dir,
            seed=settings.seed or 0,
            keep_na=settings.keep_na,
            like=TableFormat(**{option: getattr(settings, option) for option in FORMAT_OPTIONS}),
            note=say,
            units=header.units,
            unused=[name for name in (*settings.drop, settings.time, settings.group) if name is not None],
        )
    for warning in caught:
        note(str(warning.message))
    return loaded


def table(network: Network, preprocessing: Preprocessing, z: np.ndarray) -> str:
    """CSV: the class and the probability (or output) of each class, or the values in the unit of the target."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    target, values = preprocessing.target, predictions(network, preprocessing, z)
    if isinstance(target, ClassTarget):
        kind = "probability" if network.loss.output_map in ("softmax", "sigmoid") else "output"
        writer.writerow([target.name, *(f"{kind} {label}" for label in target.classes)])
        rows = zip(values.tolist(), network.loss.predict(z), strict=True)
        writer.writerows([label, *(f"{v:.6g}" for v in y)] for label, y in rows)
    else:
        writer.writerow(target.names)
        writer.writerows(values.reshape(len(z), -1).tolist())  # as repr() writes them: they read back exactly
    return buffer.getvalue()
