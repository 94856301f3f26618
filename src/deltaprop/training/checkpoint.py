"""Checkpoint files: a run killed at any moment and resumed ends as if it had not been killed.

Of several processes that share a fit, the first alone reads and writes them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import distributed, files
from ..batching import is_sparse
from ..errors import InputError, number, short
from .data import Data
from .snapshot import Snapshot

if TYPE_CHECKING:
    from ..network import Network
    from .run import Run

_FORMAT = "deltaprop checkpoint 2"


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often the state of a fit is written.

    The file is a safetensors file: arrays, and JSON in its header; reading it runs no code. It is written
    whole or not at all, so that the one before it stays valid until the new one is on the disk. It is also
    written when the fit ends, unless it has diverged.

    Parameters
    ----------
    path : str or Path
        The file; its folder exists.
    every_seconds : float, optional
        Number of seconds between two, also within an epoch. 30 if neither is given.
    every_epochs : int, optional
        Number of epochs between two.

    Raises
    ------
    InputError
        If the folder does not exist, or a number is not positive.
    """

    path: str | Path
    every_seconds: float | None = None
    every_epochs: int | None = None

    def __post_init__(self):
        if not isinstance(self.path, (str, Path)) or not str(self.path):
            raise InputError(
                f"Checkpoint: path is {short(self.path)}, expected the name of a file; give one."
            )
        if distributed.index() == 0:
            self._check_folder()
        if self.every_seconds is None and self.every_epochs is None:
            object.__setattr__(self, "every_seconds", 30.0)
        if self.every_seconds is not None:
            number("Checkpoint", "every_seconds", self.every_seconds, low=0)
        if self.every_epochs is not None:
            number("Checkpoint", "every_epochs", self.every_epochs, low=1, integer=True)

    def _check_folder(self) -> None:
        """Refuse a path where no file can be."""
        try:
            usable, why = Path(self.path).parent.is_dir() and not Path(self.path).is_dir(), ""
        except OSError as error:  # a path longer than the system allows
            usable, why = False, f" ({error.strerror})"
        if not usable:
            raise InputError(
                f"Checkpoint: path is {short(str(self.path))}{why}, expected a file in an existing folder; make "
                "the folder first."
            )


class CheckpointWriter:
    """Writes the checkpoints of one run when they are due.

    `processes` share the run, all that were started unless given; of them only the first has the file.
    """

    def __init__(self, checkpoint: Checkpoint, configuration: dict[str, Any], processes: int | None = None):
        self.checkpoint, self.configuration = checkpoint, configuration
        self._shared = (distributed.count() if processes is None else processes) > 1
        self._has_file = not self._shared or distributed.index() == 0
        if self._has_file:
            checkpoint._check_folder()
        self._written = time.monotonic()

    def read(self) -> Snapshot | None:
        """The snapshot to resume from, refused if it is of another run; None if there is no file yet."""
        path = Path(self.checkpoint.path)
        if self._has_file:
            files.remove_leftovers(path)
        exists = path.exists()
        if not (distributed.gather(exists)[0] if self._shared else exists):
            return None
        content = _content(path) if self._has_file else b""
        snapshot = parse(path, distributed.broadcast(content) if self._shared else content)
        compare(snapshot, self.configuration)
        return snapshot

    def poll(self, run: Run) -> None:
        """Between two chunks of steps: write if a checkpoint is due."""
        every = self.checkpoint.every_seconds
        if every is not None and time.monotonic() - self._written >= every:
            self.write(run)

    def after_epoch(self, run: Run) -> None:
        """After an epoch: write if a checkpoint is due."""
        every = self.checkpoint.every_epochs
        if every is not None and run.epoch % every == 0:
            self.write(run)
        else:
            self.poll(run)

    def write(self, run: Run) -> None:
        """Write the current state of the run."""
        if self._has_file:
            write(self.checkpoint.path, run.snapshot(self.configuration))
        self._written = time.monotonic()


def write(path: str | Path, snapshot: Snapshot) -> None:
    """Write a snapshot to a file, atomically and durably; InputError, an earlier file intact, if the disk refuses."""
    from safetensors.numpy import save

    facts, configuration = json.dumps(snapshot.facts), json.dumps(snapshot.configuration)
    header = {"format": _FORMAT, "facts": facts, "configuration": configuration}
    arrays = {name: np.ascontiguousarray(array) for name, array in snapshot.arrays.items()}
    files.write(path, save(arrays, header))
    _sync_folder(Path(path).parent)


def read(path: str | Path) -> Snapshot:
    """Read a snapshot from a file; no code in it is executed."""
    return parse(path, _content(path))


def parse(path: str | Path, content: bytes) -> Snapshot:
    """The snapshot that the content of the file `path` is."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get("__metadata__") or {}
        if (found := header.get("format", "")) != _FORMAT:
            other = f" of the format {found!r}" * found.startswith("deltaprop checkpoint")
            raise InputError(
                f"Checkpoint: path is {str(path)!r}{other}, expected a checkpoint of a fit, format {_FORMAT!r}; "
                "choose such a file, or start a new run without resume."
            )
        facts, configuration = json.loads(header["facts"]), json.loads(header["configuration"])
        for name, value in {"facts": facts, "configuration": configuration}.items():
            if not isinstance(value, dict):
                raise TypeError(f"its entry '{name}' is not a JSON object")
    except InputError:
        raise
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _unreadable(path, error) from error
    return Snapshot(arrays, facts, configuration)


def _content(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str | Path, error: Exception) -> InputError:
    return InputError(
        f"Checkpoint: path is {str(path)!r} ({error}), expected a readable checkpoint; train without resume."
    )


# -- what must be the same --------------------------------------------------------------------------


def configuration(network: Network, data: Data, validation: Data | None, **arguments: Any) -> dict[str, Any]:
    """What a run must have in common with the one it continues, as JSON: short texts that compare and print well."""
    texts = {
        "layers": network.config,
        "inputs": network.inputs,
        "loss": network.loss,
        "penalty": network.penalty,
        "seed of the network": network.seed,
        "dtype": str(network.dtype),
        **arguments,
    }
    result = {name: re.sub(r" at 0x[0-9a-f]+", "", repr(value)) for name, value in texts.items()}
    for prefix, part in {"": data, "validation ": validation}.items():
        if part is None:
            result[f"{prefix}x"] = "None"
            continue
        result |= {f"{prefix}{name}": fingerprint(value) for name, value in vars(part).items()}
    return result


class OtherRunError(InputError):
    """A checkpoint is of other data, or another network or training."""


def compare(snapshot: Snapshot, wanted: dict[str, Any]) -> None:
    """Refuse to continue a run of another configuration, naming the first difference."""
    for name in wanted:
        was, now = snapshot.configuration.get(name, "unknown"), wanted[name]
        if was != now:
            found = f"file was written with {name} = {was}, expected {name} = {now}"
            raise OtherRunError(f"Checkpoint: {found}; pass the same arguments and data, or resume=False.")


#: Maximum number of bytes of an array that its fingerprint reads: evenly spaced rows, or all of them.
_READ = 1 << 26


def fingerprint(array: Any) -> str:
    """Shape, dtype and a hash of an array's content; beyond 64 MiB, of evenly spaced rows.

    Examples
    --------
    >>> import numpy as np
    >>> fingerprint(np.arange(6).reshape(2, 3))
    'int64 (2, 3) 5f7424ae9fade42d'
    """
    if array is None:
        return "None"
    parts = [array.data, array.indices, array.indptr] if is_sparse(array) else [array]
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        rows = max(1, _READ * max(len(part), 1) // max(part.nbytes, 1))
        digest.update(np.ascontiguousarray(part[:: max(1, -(-len(part) // rows))]).tobytes())
    return f"{array.dtype} {array.shape} {digest.hexdigest()}"


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself durable, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
