"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import InputError


def write(path: str | Path, content: str | bytes) -> None:
    """Put `content` into the file `path` atomically: a reader sees the old file or the new one, never a part.

    Raises
    ------
    InputError
        If the disk is full, read-only or otherwise unwilling; the old file, if any, is untouched.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "a.txt"), "whole")
    ...     Path(folder, "a.txt").read_text()
    'whole'
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp's own mode hides the file from everybody else
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> InputError:
    """The one line for a file that could not be written."""
    why = error.strerror or str(error)
    return InputError(f"{path}: could not be written ({why}); free some space or choose another place.")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
