"""A folder for one process alone: of two that would write into the same folder, the second is refused."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from ..errors import InputError
from ..files import cannot_write
from .notes import note

if os.name == "nt":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # beyond what is written: others can read that
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


#: The file that is locked, in the folder.
NAME = ".lock"


def is_used(folder: Path) -> bool:
    """Whether there is anything but a lock in the folder."""
    return any(path.name != NAME for path in folder.iterdir())


class FolderLock:
    """While this context is open, no other process enters one for the same folder.

    The system releases the lock when the process ends, however it ends; a file that is left then locks nothing. The
    programs that the process starts do not have the lock, nor do its forks. Where the file system has no locks, a note
    says so.

    Parameters
    ----------
    command : str
        What messages begin with.
    folder : Path
        It exists.

    Raises
    ------
    InputError
        On entering, if another process has the folder; the message says which one, and since when.
    """

    def __init__(self, command: str, folder: Path) -> None:
        self.command, self.folder, self.path = command, folder, folder / NAME
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        try:
            while not self._enter():
                pass
        except BlockingIOError:
            found = f"{self.folder} is in use by {self._owner()}, expected a folder that no other process writes to"
            raise InputError(f"{self.command}: {found}; wait until it has ended, or end it.") from None
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def release(self) -> None:
        """Remove the file and unlock, if it is locked."""
        if self._descriptor is not None:
            if os.name != "nt":
                self.path.unlink(missing_ok=True)
            self._close()
            if (
                os.name == "nt"
            ):  # no file is removed while it is open, here or by another process that looks at it
                with suppress(PermissionError):
                    self.path.unlink(missing_ok=True)

    def _enter(self) -> bool:
        """Whether to go on; False where the process before has removed the file while this one opened it."""
        self._descriptor = descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        _HELD.add(self)
        try:
            _lock(descriptor)
        except BlockingIOError:
            self._close()
            raise
        except OSError as error:
            self.release()
            note(f"{self.folder} cannot be locked ({error.strerror}): use it for one process at a time.")
            return True
        if not (self.path.exists() and os.path.samestat(os.fstat(descriptor), self.path.stat())):
            self._close()
            return False
        with suppress(OSError):  # a full disk: the lock has no owner's name then
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(
                descriptor, f"{os.getpid()}\n{platform.node()}\n{time.strftime('%Y-%m-%d %H:%M:%S')}".encode()
            )
        return True

    def _owner(self) -> str:
        """The process that has the lock, in words."""
        try:
            process, machine, since = self.path.read_text().split("\n")
        except (OSError, ValueError):
            return "another process"
        where = "" if machine == platform.node() else f" on {machine}"
        return f"process {process}{where} since {since}"

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        _HELD.discard(self)


#: The locks of this process.
_HELD: set[FolderLock] = set()


def _forget() -> None:
    """A fork has the same open files, and would keep the locks of a process that is killed."""
    for lock in list(_HELD):
        lock._close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
