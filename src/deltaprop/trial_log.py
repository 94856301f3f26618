"""The log of a search: a line for each finished trial, so that one that was killed goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from .errors import InputError
from .files import cannot_write, write

T = TypeVar("T")


class TrialLog(Generic[T]):
    """A file of JSON lines: what identifies the search, then a line for each trial, on disk when `append` returns.

    Parameters
    ----------
    path : str or Path
        Created by `read` if it does not exist.
    identity : mapping
        What two runs of the same search have in common. Its entry ``"files"``, if any, is a digest for each data file.
    kind : type
        The dataclass of a trial.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any], kind: type[T]):
        self.path, self.kind = Path(path), kind
        self._head = json.dumps(identity, default=str)

    def read(self) -> list[T]:
        """The trials so far. The file is created if there is none; a last line that was cut short is removed.

        Raises
        ------
        InputError
            If the file is of another search, is no log, or cannot be read or written.
        """
        try:
            content = self.path.read_bytes() if self.path.is_file() else b""
            text = content[: content.rfind(b"\n") + 1].decode()
        except (OSError, UnicodeDecodeError) as error:
            raise self._not_a_log() from error
        head = f"{self._head}\n".encode()
        if head.startswith(content):  # nothing, or a first line that was cut short
            write(self.path, head)
            return []
        try:
            first, *entries = map(json.loads, text.splitlines())
            self._compare(dict(first))
            trials = [self.kind(**entry) for entry in entries]
        except InputError:
            raise
        except (ValueError, TypeError) as error:
            raise self._not_a_log() from error
        if len(text.encode()) < len(content):
            write(self.path, text)
        return trials

    def append(self, trial: T) -> None:
        """Add a trial."""
        line = json.dumps(asdict(cast(Any, trial))) + "\n"
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _compare(self, found: dict[str, Any]) -> None:
        wanted = json.loads(self._head)
        other = [name for name in wanted | found if wanted.get(name) != found.get(name)]
        if other == ["files"]:
            changed = next(p for p in wanted["files"] if wanted["files"][p] != found["files"].get(p))
            raise InputError(
                f"{changed}: has changed since the trials in {self.path} were made, expected the same content; "
                "restore it, or choose another place (--out)."
            )
        if other:
            raise InputError(
                f"{self.path}: holds trials of another search, with other {', '.join(other)}, expected the same as "
                "now; choose another place."
            )

    def _not_a_log(self) -> InputError:
        expected = "expected a file that this search has written; choose another place"
        return InputError(f"{self.path}: is no log of a search, {expected}.")
