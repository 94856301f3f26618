"""The folder that holds everything of one run, and the only way files get into it: whole, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import model_file
from ..errors import InputError
from ..files import cannot_write
from ..network import Network
from ..report.score import Score

MODEL = "model.safetensors"
HISTORY = "history.csv"
CONFIG = "config.toml"
REPORT = "report.html"
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class RunFolder:
    """One run's folder: model, history, configuration, report and, while it trains, a checkpoint."""

    path: Path

    @property
    def model(self) -> Path:
        """Weights, with architecture and preprocessing in the header."""
        return self.path / MODEL

    @property
    def history(self) -> Path:
        """One row an epoch."""
        return self.path / HISTORY

    @property
    def config(self) -> Path:
        """Everything that shaped the run."""
        return self.path / CONFIG

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.path / REPORT

    @property
    def checkpoint(self) -> Path:
        """Where a killed run left off; gone once the run is complete."""
        return self.path / CHECKPOINT

    @classmethod
    def create(cls, out: Path | None, name: str) -> RunFolder:
        """A new, empty folder: `out`, or the next free ``runs/NAME-001``, ``-002``, …

        Raises
        ------
        InputError
            If `out` holds something already, or cannot be made.
        """
        if out is None:
            return cls(_next_free(Path("runs"), name))
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(
                f"train: --out is {out}, which exists, expected a new folder; choose another, or use "
                "--resume."
            )
        _make(out, exist_ok=True)
        return cls(out)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run's folder.

        Raises
        ------
        InputError
            If `path` is no folder with a ``config.toml`` in it.
        """
        folder = cls(Path(path))
        if not folder.config.is_file():
            got = "has no config.toml" if folder.path.is_dir() else "does not exist"
            raise InputError(
                f"run folder: {path!s} {got}, expected a folder made by deltaprop train; see runs/ for "
                "those at hand."
            )
        return folder

    def read_model(self) -> tuple[Network, dict[str, Any]]:
        """The network, and what else the header of its file says, with a `Score` for each part.

        Raises
        ------
        InputError
            If the file is damaged, or its header says something in the wrong type.
        """
        network, facts = model_file.read(self.model)
        wrong = "header" if not isinstance(facts, dict) else None
        if wrong is None:
            texts = ("message", "score_name")
            wrong = next((name for name in texts if not isinstance(facts.get(name, ""), str)), None)
        if wrong is None:
            try:
                kept = {str(part): Score(**score) for part, score in facts.get("scores", {}).items()}
                if all(_is_number(v) for score in kept.values() for v in vars(score).values()):
                    return network, facts | {"scores": kept}
            except (AttributeError, TypeError):
                pass
            wrong = "scores"
        got, wanted = "is damaged", "what deltaprop train wrote there"
        raise InputError(f"{self.model!s}: {wrong} {got}, expected {wanted}; use the file as it was saved.")

    def discard_if_empty(self) -> None:
        """Remove the folder again if nothing was written to it."""
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _make(path: Path, exist_ok: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise cannot_write(path, error) from error


def _next_free(parent: Path, name: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run"
    taken = [re.fullmatch(rf"{re.escape(name)}-(\d+)", p.name) for p in parent.glob(f"{name}-*")]
    number = max((int(match[1]) for match in taken if match), default=0)
    while True:
        number += 1
        path = parent / f"{name}-{number:03d}"
        try:
            _make(path, exist_ok=False)
        except FileExistsError:  # another run took it this moment
            continue
        return path
