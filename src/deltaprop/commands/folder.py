"""The run folder: where it lies, the names of its files, and reading the model back."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .. import model_file
from ..errors import InputError
from ..files import cannot_write
from ..network import Network
from ..report.comparison import Comparison
from ..report.score import Measure, Score
from .lock import NAME as LOCK
from .lock import FolderLock, is_used


class ModelHeader(BaseModel):
    """What the header of a run's model file says beside the architecture."""

    model_config = ConfigDict(strict=True, defer_build=True)

    preprocessing: Any = None
    dataset: str = ""
    task: str = ""
    scores: dict[str, Score] = {}
    score_name: str = "score"
    measures: list[Measure] = []  # the first is the score
    comparisons: list[Comparison] = []
    remarks: list[str] = []  # on the comparison
    notes: list[str] = []  # on the data
    units: dict[str, str] | None = None  # what stood beside the numbers of columns
    status: str = ""
    message: str = ""
    best_epoch: int | None = None


class RunFolder:
    """Everything of one run; `created` are the folders that were made for it, innermost first."""

    def __init__(self, path: Path, created: tuple[Path, ...] = ()) -> None:
        self.path, self.created = path, created
        self.model = path / "model.safetensors"  # weights, with architecture and preprocessing in the header
        self.history = path / "history.csv"  # one row per epoch
        self.config = path / "config.toml"  # every option, and the versions
        self.report = path / "report.html"  # curves, errors, configuration
        self.search = path / "search.jsonl"  # the trials of a search
        self.folds = path / "folds.jsonl"  # the folds of a cross-validation that are done
        self.checkpoint = path / "checkpoint.safetensors"  # for --resume; removed when the run is complete
        self.lock = FolderLock("train", path)  # of the process that trains into it

    @classmethod
    def create(cls, out: Path | None, name: str) -> RunFolder:
        """A new, empty folder: `out`, or the next free of ``runs/NAME-001``, ``runs/NAME-002``, …

        Where `out` has a lock, who has the lock has to see whether it is empty: see `check_unused`.
        """
        if out is None:
            return _next_free(Path("runs"), name)
        if out.exists() and not (out.is_dir() and ((out / LOCK).exists() or not is_used(out))):
            raise _exists(out)
        return _make(out, exist_ok=True)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run folder, which has a ``config.toml``."""
        folder = cls(Path(path))
        if not folder.config.is_file():
            got = "has no config.toml" if folder.path.is_dir() else "does not exist"
            raise InputError(f"run folder: {path} {got}, expected one written by deltaprop train; see runs/.")
        return folder

    def checkpoint_of_fold(self, number: int) -> Path:
        """The checkpoint while that fold is trained."""
        return self.path / f"fold-{number}.safetensors"

    @property
    def resume(self) -> str:
        """The command that continues the run."""
        return f"deltaprop train --resume {shlex.quote(str(self.path))}"

    def read_model(self) -> tuple[Network, ModelHeader]:
        """The network, and the rest of its file's header, of which every entry has the right type."""
        network, extra = model_file.read(self.model)
        try:
            return network, ModelHeader.model_validate_json(json.dumps(extra))
        except ValidationError as error:
            entry = ".".join(map(str, error.errors()[0]["loc"])) or "header"
        raise InputError(f"{self.model}: {entry} is damaged, expected it as saved; use an undamaged copy.")

    def check_unused(self) -> None:
        """Refuse a folder that holds anything; for the process that has its lock."""
        if is_used(self.path):
            raise _exists(self.path)

    def discard_if_unused(self) -> None:
        """Remove the configuration and the folders that were created, unless there is anything else in them; unlock."""
        if self.path.is_dir() and {*self.path.iterdir()} <= {self.config, self.lock.path}:
            self.config.unlink(missing_ok=True)
            self.lock.release()
            for path in self.created:
                if not any(path.iterdir()):
                    path.rmdir()


def _exists(path: Path) -> InputError:
    return InputError(f"train: --out {path} exists, expected a new folder; change it or use --resume.")


def _make(path: Path, exist_ok: bool) -> RunFolder:
    created = tuple(folder for folder in (path, *path.parents) if not folder.exists())
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise cannot_write(path, error) from error
    return RunFolder(path, created)


def _next_free(parent: Path, name: str) -> RunFolder:
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    taken = [re.fullmatch(rf"{re.escape(name)}-(\d+)", path.name) for path in parent.glob("*")]
    number = max((int(match[1]) for match in taken if match), default=0)
    while True:
        number += 1
        with suppress(FileExistsError):  # another run took it this moment
            return _make(parent / f"{name}-{number:03d}", exist_ok=False)
