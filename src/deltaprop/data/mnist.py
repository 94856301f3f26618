"""MNIST from its four original IDX files, or from OpenML (LeCun, Cortes, Burges, 1998)."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .dataset import Dataset

FILES = {
    "x": "train-images-idx3-ubyte",
    "t": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "t_test": "t10k-labels-idx1-ubyte",
}
REPLACE = "replace it by a complete copy"
ONE_SOURCE = "take all four files from one source"


def mnist(data_dir: str | os.PathLike | None = None) -> Dataset:
    """60,000 + 10,000 handwritten digits of 28 × 28 pixels: x uint8 (n, 784), t int64 (n,).

    The files (raw or .gz) are looked for in `data_dir`, otherwise in ``$DELTAPROP_DATA``, in each directly or in a
    folder ``mnist/`` within; without any, scikit-learn downloads ``mnist_784`` from OpenML and keeps it in its cache.

    Raises
    ------
    InputError
        If `data_dir` holds no MNIST, a file is missing, truncated or foreign, or the download fails.
    """
    folder = find(data_dir)
    arrays = download() if folder is None else read(folder)
    return Dataset(
        "mnist",
        arrays["x"],
        arrays["t"],
        "classification",
        x_test=arrays["x_test"],
        t_test=arrays["t_test"],
        feature_names=tuple(f"pixel_{row}_{column}" for row in range(28) for column in range(28)),
        target_names=("digit",),
        classes=tuple(range(10)),
        image_shape=(28, 28),
        scaling=(0.1307 * 255.0, 0.3081 * 255.0),
        notes=(f"read from {folder}" if folder else "from OpenML, kept in scikit-learn's cache",),
    )


def find(data_dir: str | os.PathLike | None = None) -> Path | None:
    """The folder with the IDX files, or None where there is none; a given `data_dir` must have them."""
    for place in filter(None, (data_dir, os.environ.get("DELTAPROP_DATA"))):
        for folder in (Path(place), Path(place, "mnist")):
            if any(_file(folder, stem) for stem in FILES.values()):
                return folder
        if place is data_dir:
            wanted = f"{FILES['x']} (raw or .gz) and its three companions there or in mnist/; check it"
            raise InputError(f"mnist: data_dir is {str(place)!r} without MNIST files, expected {wanted}.")
    return None


def at_hand() -> bool:
    """Whether `mnist` finds the files without a download."""
    from sklearn.datasets import get_data_home

    kept = Path(get_data_home(), "openml", "openml.org", "api", "v1", "json", "data", "554.gz")  # mnist_784
    return find() is not None or kept.exists()


def read(folder: Path) -> dict[str, np.ndarray]:
    """The four arrays of the IDX files in `folder`, checked against each other."""
    arrays = {}
    for name, stem in FILES.items():
        path = _file(folder, stem)
        if path is None:
            raise InputError(f"mnist: {folder!s} has no {stem}, expected all four files; add it, raw or .gz.")
        arrays[name] = read_idx(path)
    for x, t in (("x", "t"), ("x_test", "t_test")):
        images, labels = arrays[x], arrays[t]
        if images.shape != (len(labels), 28, 28) or len(labels) == 0:
            found = f"{FILES[x]} has shape {images.shape} for {len(labels)} labels"
            raise InputError(f"mnist: {found}, expected (n, 28, 28) for n labels, n ≥ 1; {ONE_SOURCE}.")
        if labels.ndim != 1 or labels.max() > 9:
            largest = labels.max()
            raise InputError(f"mnist: {FILES[t]} has labels up to {largest}, expected 0…9; {ONE_SOURCE}.")
        arrays[x] = images.reshape(len(images), 784)
        arrays[t] = labels.astype(np.int64)
    return arrays


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """An IDX file of unsigned bytes, raw or gzipped, as a uint8 array; refused unless complete.

    The format: two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension as a big-endian
    32-bit integer, then the bytes in C order.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (EOFError, zlib.error, OSError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"mnist: {path} cannot be read ({why}), expected an IDX file; {REPLACE}.") from error
    if len(raw) < 4 or raw[:3] != b"\0\0\x08" or not 1 <= raw[3] <= 3:
        start = raw[:4].hex() or "nothing"
        raise InputError(f"mnist: {path} starts with {start}, expected 00000801 or 00000803; {REPLACE}.")
    header = 4 + 4 * raw[3]
    if len(raw) < header:
        found = f"ends within its header ({len(raw)} bytes)"
        raise InputError(f"mnist: {path} {found}, expected at least {header} bytes; {REPLACE}.")
    shape = struct.unpack(f">{raw[3]}I", raw[4:header])
    if len(raw) != (size := header + math.prod(shape)):
        raise InputError(f"mnist: {path} has {len(raw)} bytes, expected {size} for shape {shape}; {REPLACE}.")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape).copy()


def download() -> dict[str, np.ndarray]:
    """The four arrays by scikit-learn's ``fetch_openml``: its first 60,000 rows are the original training part."""
    from sklearn.datasets import fetch_openml

    try:
        source: Any = fetch_openml("mnist_784", version=1, as_frame=False, parser="auto")
    except Exception as error:  # whatever a network, a proxy, a full disk or a broken cache can raise
        raise InputError(
            f"mnist: the download from OpenML failed ({type(error).__name__}: {error}), expected mnist_784; name a "
            "folder with the four IDX files by --data-dir or $DELTAPROP_DATA."
        ) from error
    x, t = np.asarray(source.data), np.asarray(source.target)
    if x.shape != (70000, 784):
        raise InputError(f"mnist: the download has shape {x.shape}, expected (70000, 784); try again.")
    x, t = x.astype(np.uint8), t.astype(np.int64)
    return {"x": x[:60000], "t": t[:60000], "x_test": x[60000:], "t_test": t[60000:]}


def _file(folder: Path, stem: str) -> Path | None:
    return next((path for path in (folder / stem, folder / f"{stem}.gz") if path.is_file()), None)
