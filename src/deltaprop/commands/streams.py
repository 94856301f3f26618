"""Standard output and error that may be closed, or full, while a command is at work."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class Lasting:
    """A text stream that discards what is written once writing has failed; `error` is why.

    What its encoding does not have is written as in ``\\u2192``.

    What a command computes is worth more than what it prints: ``deltaprop train … | head`` trains to its end. None is a
    stream that was closed from the start.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = open(os.devnull, "w") if stream is None else stream  # noqa: SIM115
        if isinstance(self._stream, io.TextIOWrapper):  # of Windows-1252 or GBK, say
            self._stream.reconfigure(errors="backslashreplace")
        self.error: OSError | None = None

    def write(self, text: str, /) -> int:
        """All of the text, or nothing."""
        self._attempt(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """What was written."""
        self._attempt(self._stream.flush)

    def _attempt(self, call: Any, *arguments: Any) -> None:
        if self.error is not None:
            return
        try:
            call(*arguments)
        except OSError as error:
            self.error = error
            # What is left in its buffer would fail once more when Python ends.
            with suppress(OSError), open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def lasting_output() -> Iterator[list[OSError]]:
    """Errors of standard output and error end nothing; they are in the list afterwards."""
    before, errors = (sys.stdout, sys.stderr), []
    lasting = [Lasting(stream) for stream in before]
    sys.stdout, sys.stderr = lasting  # type: ignore[assignment]
    try:
        yield errors
    finally:
        for stream in lasting:
            stream.flush()
        sys.stdout, sys.stderr = before
        errors += [stream.error for stream in lasting if stream.error is not None]


def is_closed_pipe(error: OSError) -> bool:
    """Whether nobody reads any more, as after ``| head``."""
    return error.errno == errno.EPIPE
