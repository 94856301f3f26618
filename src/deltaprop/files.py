"""Atomic writing of files."""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path

from .errors import InputError

ATTEMPTS = 20 if os.name == "nt" else 1  # to replace a file


def write(path: str | Path, content: str | bytes) -> None:
    """Write `content` to `path` atomically: a reader sees the old file or the new one, never a part."""
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        path = Path(os.path.realpath(path))  # the target of a link
        if path.exists() and not path.is_file():  # a device or a pipe: nothing to replace
            path.write_bytes(data)
            return
        unique = path.parent / f".{path.name}.{secrets.token_hex(4)}"
        descriptor = os.open(unique, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        temporary = unique
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o7777)
        _replace(temporary, path)
        temporary = None
    except (OSError, TypeError, ValueError) as error:  # the latter two: not a path
        raise cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _replace(source: Path, target: Path) -> None:
    """`os.replace`; on Windows for a second again while another program has the target open (virus scanners do)."""
    for left in reversed(range(ATTEMPTS)):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if left == 0:
                raise
            time.sleep(0.05)


def remove_leftovers(path: str | Path) -> None:
    """Delete the temporary files that processes killed in `write` have left of this path, and nothing else."""
    path = Path(os.path.realpath(path))
    temporary = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}")
    for file in path.parent.iterdir():
        if temporary.fullmatch(file.name) and file.is_file():
            file.unlink(missing_ok=True)


def cannot_write(path: str | Path, error: Exception) -> InputError:
    """The error for a file that could not be written."""
    why = getattr(error, "strerror", None) or error
    return InputError(f"{path}: could not be written ({why}); free some space or choose another place.")
